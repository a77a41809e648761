"""The pictures that the README shows, of a demo workplace made for them: ``scripts/screenshots --readme``.

Two runs make the same pictures on one machine: the clock stands still on the morning after the samples' last day, and
what is random elsewhere is fixed here. On another machine fonts may differ.
"""

from __future__ import annotations

import base64
import io
import logging
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import xlsxwriter
from camera import a_browser, new_page, sign_in
from flask import Flask
from numpy.typing import NDArray
from playwright.sync_api import Page
from small_png import small_png
from sqlalchemy import select
from werkzeug.serving import make_server

from qaplatform import clock
from qaplatform.app import create_app
from qaplatform.cli.filling import fill_demo
from qaplatform.services.preparing import prepare
from qaplatform.services.workplaces import Workplace
from qaplatform.settings import Settings
from qaplatform.store.engine import Store
from qaplatform.store.settings import write_setting
from qaplatform.store.tables import ConversationRow, ExamDialogue, User

MORNING = datetime(2026, 11, 16, 1, 30, tzinfo=UTC)
"""9:30 in Shanghai on the day after the samples end."""
MOST_BYTES = 250_000
_KEY = "a key for pictures " * 4
_CHAT = "zh-a-011"
"""The sample whose page is shown: a short chat that goes wrong in many ways."""
_EXAM = "refund-not-arrived"
"""The mock exam whose result is shown: one that failed, since its first sentence asked for the order number."""
_LEARNER = "demo-new"
_WORKBOOK = "十一月聊天导出.xlsx"
_ROWS: Sequence[Sequence[str]] = (
    ("会话编号", "发送方", "聊天内容", "发送时间", "关联单"),
    ("1113-01", "买家", "在吗 沙发到了 扶手上有道划痕", "2026-11-13 14:02:11", "8137406283"),
    ("1113-01", "客服", "您好,实在抱歉让您收到有划痕的沙发,方便拍张照片吗?", "2026-11-13 14:02:38", "8137406283"),
    ("1113-01", "买家", "[图片] 我电话13800138000 你们联系我", "2026-11-13 14:03:40", "8137406283"),
    ("1113-01", "客服", "看到了。给您补寄扶手套,今天18点前发出,明天我再回访您", "2026-11-13 14:04:25", "8137406283"),
    ("1113-02", "买家", "尺寸量错了 还能换大一号吗", "2026-11-13 15:20:06", "8137406291"),
    ("1113-02", "客服", "可以的,签收7天内都能换,我现在给您登记", "2026-11-13 15:20:31", "8137406291"),
    ("1113-02", "买家", "运费谁出", "2026-11-13 15:21:02", "8137406291"),
    ("1113-02", "客服", "换货的运费由我们承担", "2026-11-13 15:21:20", "8137406291"),
)


_TAKEN_APART = """async (picture) => {
    const image = await createImageBitmap(await (await fetch("data:image/png;base64," + picture)).blob());
    const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
    canvas.drawImage(image, 0, 0);
    const data = canvas.getImageData(0, 0, image.width, image.height).data;
    const reader = new FileReader();
    const read = new Promise((done) => (reader.onload = () => done(reader.result)));
    reader.readAsDataURL(new Blob([data]));
    return [image.width, (await read).split(",")[1]];
}"""


class Shown(NamedTuple):
    """What of the demo the pictures show, by its ids."""

    chat: int
    exam: int
    learner: int


class PictureTooLargeError(Exception):
    """A picture is larger than the README should carry."""


def take_readme_pictures(out: Path) -> None:
    """Write ``out/zh/….png`` and ``out/en/….png``."""
    clock.now = lambda: MORNING
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        store = _demo(Path(folder))
        with store.reading() as session:
            shown = Shown(
                session.scalars(select(ConversationRow.id).where(ConversationRow.source_id == _CHAT)).one(),
                session.scalars(select(ExamDialogue.id).where(ExamDialogue.scenario == _EXAM)).one(),
                session.scalars(select(User.id).where(User.login == _LEARNER)).one(),
            )
        workbook = Path(folder) / _WORKBOOK
        workbook.write_bytes(_workbook())
        url = store.url.render_as_string(hide_password=False)
        store.close()
        app = create_app(Settings(url, Path(folder), _KEY, demo=True))
        with _served(app) as site:
            for language in ("zh", "en"):
                _take(site, language, out / language, shown, workbook)


def _demo(folder: Path) -> Store:
    def fill(store: Store, folder: Path, now: datetime) -> None:
        with store.writing() as session:
            write_setting(session, "pseudonym_key", _KEY.encode()[:32].hex())
        fill_demo(store, folder, now)

    return prepare(Workplace.at("demo", folder), MORNING, fill)


def _workbook() -> bytes:
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        sheet = book.add_worksheet("聊天记录")
        for number, row in enumerate(_ROWS):
            sheet.write_row(number, 0, row)
    return data.getvalue()


@contextmanager
def _served(app: Flask) -> Iterator[str]:
    """The application's address; it runs in this process, where the clock stands still."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


def _take(site: str, language: str, out: Path, shown: Shown, workbook: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    with a_browser(language) as browser:
        reader = browser.new_page()
        page = new_page(browser, site, language, 1280, 800, device_scale_factor=1.5)
        sign_in(page, language, "demo-lead")
        _picture(page, reader, out / "home.png", "/")
        _picture(page, reader, out / "list.png", "/conversations?q=退款")
        _picture(page, reader, out / "conversation.png", f"/conversations/{shown.chat}", _past_the_banner)
        _picture(page, reader, out / "dashboard.png", "/dashboard")
        _picture(page, reader, out / "sampling.png", "/samples")
        _picture(page, reader, out / "rubrics.png", "/rubrics")
        _picture(page, reader, out / "checks.png", "/checks")
        _picture(page, reader, out / "desk.png", "/desk", _to_the_desk)
        _picture(page, reader, out / "skills.png", f"/skills/{shown.learner}", _to_the_curves)
        _picture(page, reader, out / "exam.png", f"/exams/results/{shown.exam}", _to_the_mood)
        page.goto("/imports/new")
        page.locator("#files").set_input_files(workbook)
        page.locator("#submit").click()
        page.wait_for_url("**/mapping")
        _picture(page, reader, out / "import.png", None, _past_the_banner)
        page.close()
        agent = new_page(browser, site, language, 1280, 800, device_scale_factor=1.5)
        sign_in(agent, language, "demo-agent")
        _picture(agent, reader, out / "results.png", "/results")
        agent.close()
        phone = new_page(browser, site, language, 390, 780, device_scale_factor=2, has_touch=True, is_mobile=True)
        sign_in(phone, language, "demo-lead")
        _picture(phone, reader, out / "phone.png", f"/conversations/{shown.chat}", _to_the_chat)


def _picture(
    page: Page, reader: Page, path: Path, address: str | None, then: Callable[[Page], None] | None = None
) -> None:
    if address is not None:
        page.goto(address)
    if then is not None:
        then(page)
    page.wait_for_load_state("networkidle")
    path.write_bytes(small_png(_pixels(page, reader)))
    size = path.stat().st_size
    print(f"{path}  {size // 1000} kB")
    if size > MOST_BYTES:
        raise PictureTooLargeError(f"{path} has {size} bytes, the most is {MOST_BYTES}")


def _pixels(page: Page, reader: Page) -> NDArray[np.uint8]:
    """What the window shows, red, green and blue; an empty page, the reader, takes the picture apart."""
    picture = base64.b64encode(page.screenshot(animations="disabled", caret="hide")).decode()
    width, data = reader.evaluate(_TAKEN_APART, picture)
    return np.frombuffer(base64.b64decode(data), np.uint8).reshape(-1, width, 4)[:, :, :3]


def _past_the_banner(page: Page) -> None:
    page.locator(".topbar").evaluate("bar => scrollTo(0, bar.offsetTop)")


def _to_the_desk(page: Page) -> None:
    """The first chat of the work list in which the machine failed something."""
    for address in [link.get_attribute("href") or "" for link in page.locator(".desk-item-name").all()]:
        page.goto(address)
        if page.locator(".chat .spot").count() > 1:
            break
    _past_the_banner(page)


def _to_the_chat(page: Page) -> None:
    page.locator(".chat-card").evaluate("card => scrollTo(0, card.offsetTop - 12)")


def _to_the_curves(page: Page) -> None:
    page.locator(".skill-curves").first.evaluate("curves => scrollTo(0, curves.offsetTop - 70)")
    page.wait_for_timeout(1000)


def _to_the_mood(page: Page) -> None:
    """The mood at the lower edge, with the end of the chat above it."""
    page.locator(".exam-result .chart").first.evaluate(
        "chart => { const box = chart.closest('.card').getBoundingClientRect();"
        " scrollTo(0, scrollY + box.bottom - innerHeight + 12); }"
    )
    page.wait_for_timeout(1000)
