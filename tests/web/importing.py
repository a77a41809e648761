"""What tests of imports do as people do: files of odd forms, sending them, confirming, and the worker that takes them in."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from qaplatform.store.engine import Store
from qaplatform.store.tables import Import, ImportProblem
from qaplatform.worker import HANDLERS, Worker
from tests.web.conftest import PageClient

HEADER = ("会话ID", "角色", "客服", "消息内容", "发送时间", "订单号")
ODD_HEADER = ("对话流水", "谁说的", "接待", "说了什么", "什么时候", "关联单")
ROWS: Sequence[Sequence[str]] = (
    ("k1", "买家", "", "什么时候发货，我的电话13812345678", "2026-11-10 10:00:00", "202611101234567890"),
    ("k1", "客服", "小王", "您好，今天18点前发出", "2026-11-10 10:00:30", "202611101234567890"),
    ("k2", "买家", "", "我要退款", "2026-11-10 11:00:00", ""),
    ("k2", "客服", "小李", "好的，请稍等", "2026-11-10 11:01:00", ""),
    ("k3", "神秘人", "", "你猜我是谁", "2026-11-10 12:00:00", ""),
)


def csv_of(rows: Sequence[Sequence[str]] = ROWS, header: Sequence[str] = HEADER, encoding: str = "utf-8") -> bytes:
    """Rows as CSV."""
    return "\n".join(",".join(f'"{cell}"' for cell in row) for row in (header, *rows)).encode(encoding)


def messy_workbook() -> bytes:
    """A cover page, a title, an empty row, and a header that says nothing to a program."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet("说明").write(0, 0, "十一月客服聊天导出")
        sheet = book.add_worksheet("明细")
        sheet.write(0, 0, "十一月聊天明细")
        for number, row in enumerate((ODD_HEADER, *ROWS), start=2):
            sheet.write_row(number, 0, row)
    return out.getvalue()


def send(client: PageClient, *files: tuple[str, bytes], shop: str = "1", **more: str) -> TestResponse:
    """Upload files through the form."""
    sent = [(io.BytesIO(data), name) for name, data in files]
    return client.submit("/imports/new", {"files": sent, "shop": shop, **more})


def upload(client: PageClient, name: str, data: bytes, **more: str) -> int:
    """Upload one file; the import's id."""
    answer = send(client, (name, data), **more)
    assert answer.status_code == 303, answer.text
    return int(answer.location.split("/")[2])


def mapping_values(page: str) -> dict[str, str]:
    """What the form of the mapping page would send as it stands."""
    form = page.partition('<form class="mapping"')[2].partition("</form>")[0]
    values = {
        name: html.unescape(value)
        for name, value in re.findall(r'<input[^>]*? name="([^"]+)"[^>]*? value="([^"]*)"', form)
        if name not in {"look", "confirm", "alike"}
    }
    for name, options in re.findall(r'<select[^>]*? name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"|<option value="([^"]*)" selected', options)
        first = re.search(r'value="([^"]*)"', options)
        found = chosen or first
        values[name] = html.unescape(next(part for part in found.groups() if part is not None)) if found else ""
    return values


def confirm(client: PageClient, import_id: int, *, look: bool = False, **changes: str) -> TestResponse:
    """Send the mapping form as it stands, with some changes (``column_0`` for ``column-0``)."""
    address = f"/imports/{import_id}/mapping"
    values = mapping_values(client.get(address).text)
    values |= {re.sub(r"^(column|name|guess)_", r"\1-", name): value for name, value in changes.items()}
    return client.post(address, data=values | ({"look": "1"} if look else {"confirm": "1"}))


def work(store: Store) -> int:
    """Let a worker do what there is to do; how many jobs it had."""
    worker = Worker(store, HANDLERS)
    done = 0
    while worker.run_one():
        done += 1
    return done


def counts_of(store: Store, import_id: int) -> tuple[str, int, int, int, int, int]:
    """State, new, updated, same, older, rejected."""
    with store.reading() as session:
        one = session.get_one(Import, import_id)
        return (one.state, one.new_count, one.updated_count, one.same_count, one.older_count, one.rejected_count)


def problems_of(store: Store, import_id: int) -> list[tuple[int, str, str]]:
    """Line, field and code of each problem."""
    with store.reading() as session:
        rows = session.scalars(select(ImportProblem).where(ImportProblem.import_id == import_id))
        return [(one.line, one.field, one.code) for one in rows]


def files_in(app: Flask) -> list[Path]:
    """What lies in the folder for uploads."""
    folder = Path(app.extensions["qaplatform_settings"].data_folder) / "uploads"
    return sorted(folder.iterdir()) if folder.exists() else []


def as_part(client: PageClient, address: str) -> Any:
    """Ask as a part of a page does that renews itself."""
    return client.get(address, headers={"HX-Request": "true"})
