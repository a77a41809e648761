"""Importing in a real browser: from a messy workbook to the conversations it brought, with and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete

from qaplatform.store.engine import Store
from qaplatform.store.tables import Import
from qaplatform.worker import HANDLERS, Worker
from tests.browser.conftest import LOOKS, OpenPage
from tests.browser.serving import fill, serving
from tests.browser.test_shell import barriers
from tests.web.importing import csv_of, messy_workbook

pytestmark = pytest.mark.loopback


MAPPING, ONE = re.compile(r"/imports/\d+/mapping$"), re.compile(r"/imports/\d+$")


class Site:
    """A served workplace of the test's own, and its worker."""

    def __init__(self, address: str, url: str, folder: Path) -> None:
        self.address = address
        self.url = url
        self.folder = folder

    def work(self) -> None:
        """Let a worker do what there is to do."""
        store = Store(self.url)
        worker = Worker(store, HANDLERS)
        while worker.run_one():
            pass
        store.close()

    def clear(self) -> None:
        """Let no upload wait any longer."""
        store = Store(self.url)
        with store.writing() as session:
            session.execute(delete(Import).where(Import.state == "draft"))
        store.close()

    def file(self, name: str, data: bytes) -> str:
        """A file to upload."""
        path = self.folder / name
        path.write_bytes(data)
        return str(path)


@pytest.fixture
def site(served: Site) -> Site:
    """The served workplace, in which nothing waits for its columns."""
    served.clear()
    return served


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Uploads may have a mebibyte here. Tests find what others have uploaded."""
    folder = tmp_path_factory.mktemp("imports")
    url = f"sqlite:///{folder / 'store.sqlite'}"
    fill(url, conversations=0)
    with serving(url, folder, "--upload-limit", "1") as address:
        yield Site(address, url, folder)


def choose(page: Page, column: str, field: str) -> None:
    page.get_by_label(f"“{column}”是什么").select_option(label=field)


@pytest.mark.parametrize(
    "scripts", [pytest.param(True, id="scripts"), pytest.param(False, id="no-scripts", marks=pytest.mark.full)]
)
def test_a_messy_workbook_comes_in(open_page: OpenPage, site: Site, scripts: bool) -> None:
    page = open_page("/imports", login="boss", scripts=scripts, site=site.address)
    page.get_by_role("link", name="上传", exact=False).first.click()
    page.locator("#files").set_input_files(site.file("十一月聊天记录.xlsx", messy_workbook()))
    page.locator("#shop").select_option(label="晴空家居旗舰店" if scripts else "青柠数码专营店")
    page.get_by_role("button", name="上传，下一步核对").click()
    expect(page).to_have_url(MAPPING)
    expect(page.get_by_role("alert")).to_contain_text("没有认出内容列或发送方列")
    for column, field in (("谁说的", "发送方角色"), ("说了什么", "消息内容"), ("对话流水", "会话编号")):
        choose(page, column, field)
    page.get_by_role("button", name="更新预览").click()
    expect(page.get_by_text("[手机号1]")).to_have_count(2)
    page.get_by_role("button", name="开始导入").click()
    expect(page).to_have_url(ONE)
    site.work()
    if not scripts:
        page.get_by_role("link", name="刷新").click()
    expect(page.get_by_text("2 通会话已导入并完成质检")).to_be_visible()
    expect(page.get_by_role("cell", name="第 8 行")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载全部问题").click()
    assert "看不出是谁发的" in Path(download.value.path()).read_text(encoding="utf-8-sig")
    page.get_by_role("link", name="查看这次导入的会话").click()
    expect(page.locator("#list")).to_contain_text("退款")
    page.locator(".conv-words").first.click()
    expect(page.locator(".chat")).to_contain_text("退款")
    expect(page.locator(".crit").first).to_be_visible()


def test_files_are_dropped_and_what_is_too_large_is_said_before_it_is_sent(open_page: OpenPage, site: Site) -> None:
    page = open_page("/imports/new", login="boss", site=site.address)
    drop = """(box, files) => {
        const data = new DataTransfer();
        for (const [name, size] of files) data.items.add(new File(["x".repeat(size)], name));
        box.dispatchEvent(new DragEvent("dragover", {dataTransfer: data, bubbles: true, cancelable: true}));
        box.dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
    }"""
    box = page.locator("[data-drop]")
    box.evaluate(drop, [["一.csv", 10], ["二.csv", 2_000_000]])
    expect(box.locator("[data-chosen]")).to_contain_text("一.csv")
    expect(page.get_by_role("alert")).to_contain_text("文件合计超过 1 MB")
    page.locator("#submit").click()
    expect(page).to_have_url(re.compile(r"/imports/new$"))
    box.evaluate(drop, [["一.csv", 10]])
    expect(page.get_by_role("alert")).to_be_hidden()
    page.locator("#submit").click()
    expect(page).to_have_url(MAPPING)


def test_without_scripts_the_server_says_what_is_too_large(open_page: OpenPage, site: Site) -> None:
    page = open_page("/imports/new", login="boss", scripts=False, site=site.address)
    page.locator("#files").set_input_files(site.file("大.csv", b"x" * 3_000_000))
    page.locator("#submit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("上传的内容过大")
    expect(page.locator("main")).to_contain_text("1 MB")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_file_that_is_no_chat_says_so_before_anything_is_imported(
    open_page: OpenPage, site: Site, scripts: bool
) -> None:
    page = open_page("/imports/new", login="boss", scripts=scripts, site=site.address)
    page.locator("#files").set_input_files(site.file("截图.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20))
    page.locator("#submit").click()
    expect(page).to_have_url(MAPPING)
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_text("还没有读出会话。")).to_be_visible()
    page.get_by_role("button", name="放弃并删除文件").click()
    expect(page).to_have_url(re.compile(r"/imports$"))


def test_an_error_of_the_form_comes_without_leaving_the_page(open_page: OpenPage, site: Site) -> None:
    page = open_page("/imports/new", login="boss", site=site.address)
    page.locator("#files").set_input_files(site.file("空.csv", b""))
    page.locator("#submit").click()
    expect(page.locator("#files-errors")).to_contain_text("“空.csv”是空文件")
    page.locator("#files").set_input_files(site.file("a.csv", csv_of()))
    page.locator("#shop").select_option(value="new")
    expect(page.locator("#new_shop")).to_be_visible()
    page.locator("#new_shop").fill("新开的店")
    page.locator("#submit").click()
    expect(page).to_have_url(MAPPING)
    expect(page.locator("#shop")).to_have_text(re.compile("新开的店"))


@pytest.mark.parametrize(("dark", "width"), LOOKS)
def test_no_page_of_an_import_shuts_anybody_out_or_overhangs(
    open_page: OpenPage, site: Site, dark: bool, width: int
) -> None:
    page = open_page("/imports/new", login="boss", site=site.address, dark=dark, width=width)
    found = {}

    def look(name: str) -> None:
        found[name] = barriers(page, only_look=dark)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found[name].append("wider than its window")

    look("upload")
    page.locator("#files").set_input_files(site.file("十一月.csv", csv_of()))
    page.locator("#submit").click()
    expect(page).to_have_url(MAPPING)
    page.locator("details.more summary").click()
    look("mapping")
    page.get_by_role("button", name="开始导入").click()
    expect(page).to_have_url(ONE)
    look("waiting")
    here = urlsplit(page.url).path
    job = page.get_by_role("link", name="后台任务 #").get_attribute("href") or ""
    for address in ("/imports", "/jobs", job):
        page.goto(address)
        look(address)
    site.work()
    for address in (here, "/imports", "/jobs", job):
        page.goto(address)
        look(f"{address} when it is done")
    assert {where: what for where, what in found.items() if what} == {}
