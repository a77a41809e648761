"""What a file looks like before it is taken in."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from qaplatform.errors import InputError
from qaplatform.formats.options import ReadOptions
from qaplatform.services.previewing import preview
from tests.runs import chat, write_jsonl

ROWS = [
    ["会话ID", "发送人角色", "消息内容", "发送时间"],
    ["c1", "买家", "在吗", "2026/11/10 10:00"],
    ["c1", "客服", "在的", "2026/11/10 10:01"],
]
STRANGE = [["甲", "乙", "丙"], ["c1", "买家", "在吗"], ["c1", "客服", "在的"]]


def csv(path: Path, rows: list[list[str]], encoding: str = "utf-8") -> Path:
    path.write_text("\n".join(",".join(row) for row in rows) + "\n", encoding=encoding)
    return path


def workbook(path: Path, sheets: dict[str, list[list[str]]]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


def test_a_table_shows_its_rows_and_which_column_was_taken_for_what(tmp_path: Path) -> None:
    seen = preview(csv(tmp_path / "a.csv", ROWS, "gb18030"), ReadOptions())
    assert (seen.kind, seen.encoding, bool(seen.conversations)) == ("table", "GB18030", True)
    assert seen.mapping == {"conversation": "会话ID", "role": "发送人角色", "text": "消息内容", "time": "发送时间"}
    assert seen.rows == tuple(map(tuple, ROWS))
    assert [one.id for one in seen.conversations] == ["c1"]
    assert seen.rejections == ()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_table_nobody_understands_shows_its_rows_until_its_columns_are_named(tmp_path: Path, form: str) -> None:
    path = tmp_path / f"a.{form}"
    if form == "csv":
        csv(path, STRANGE)
    else:
        workbook(path, {"表一": STRANGE})
    seen = preview(path, ReadOptions())
    assert (seen.kind, seen.conversations) == ("table", ())
    if form == "csv":
        assert [one.code for one in seen.rejections] == ["no_text_column"]
    assert seen.rows == tuple(map(tuple, STRANGE))
    named = ReadOptions(
        columns={"conversation": "甲", "role": "乙", "text": "丙"}, sheet=seen.sheets[0] if seen.sheets else None
    )
    assert [len(one.messages) for one in preview(path, named).conversations] == [2]


def test_a_workbook_shows_its_sheets(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"说明": [["请看表二"]], "表二": ROWS})
    seen = preview(path, ReadOptions())
    assert seen.sheets == ("说明", "表二")
    assert [one.code for one in seen.notices] == ["sheet_skipped"]
    assert seen.conversations
    assert preview(path, ReadOptions(sheet="表二")).rows == tuple(map(tuple, ROWS))


def test_conversations_in_the_neutral_form_have_no_rows(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", [chat(f"c{number}", "customer 10:00:00 在吗") for number in range(9)])
    seen = preview(path, ReadOptions(), name="聊天.jsonl")
    assert (seen.kind, seen.rows, len(seen.conversations)) == ("jsonl", (), 5)


def test_a_copied_chat_is_called_by_the_name_people_know(tmp_path: Path) -> None:
    path = tmp_path / "8f3k.txt"
    path.write_text("小鱼儿 2026-11-10 10:00:00\n在吗\n茶铺:小王 2026-11-10 10:00:20\n在的\n", encoding="utf-8")
    seen = preview(path, ReadOptions(), name="小鱼儿.txt")
    assert (seen.kind, seen.rows) == ("chat", ())
    assert seen.conversations[0].id.startswith("小鱼儿")


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02" * 100, b"PK\x03\x04broken", b"\x1f\x8bbroken"])
def test_what_cannot_be_read_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    seen = preview(path, ReadOptions())
    assert not seen.conversations
    assert bool(seen.rejections) == bool(content)


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        preview(tmp_path / "a.csv", ReadOptions())
