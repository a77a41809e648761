"""The activity log in the browser: filters, pages that stay in place, words for every action, and whose lines one sees."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from qaplatform import clock
from qaplatform.store.activity import ActivityLine, note_down
from qaplatform.store.engine import Store
from qaplatform.store.tables import User, UserRole
from qaplatform.web.activity_words import ACTIONS, GROUPS, group_of
from tests import filled_admin
from tests.people import QUICK
from tests.web.conftest import SignIn

ROOT = Path(__file__).resolve().parents[2]
PAGE = "/admin/activity"


@pytest.fixture
def log(store: Store, people: None) -> None:  # noqa: ARG001 - who did it
    """A log of some days, with the things it is about."""
    with store.writing() as session:
        filled_admin.fill_admin(session, clock.now())


def shown(page: str) -> list[str]:
    """The actions of the lines, newest first."""
    return [piece.partition("</td>")[0] for piece in page.split('<td class="main">')[1:]]


@pytest.mark.usefixtures("log")
def test_lines_are_in_words_with_names_of_today(signed_in: SignIn) -> None:
    page = signed_in("boss").get(PAGE).text
    for words in (
        "带教 → 带教 · 数码组",
        "没有团队 → 家居组",
        "改动：原文保留天数、时区",
        "保留 180 天",
        "自 2026-11-11 · 至 2026-11-12",
        "客服：苏晓棠",
        "千牛同步脚本",
        "晴空家居:晓棠",
        "所有店铺",
        "系统",
    ):
        assert words in page, words


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(
    ("query", "actions"),
    [
        ("action=user.roles_changed", ["修改角色"]),
        ("login=LEAD", ["查看打码的个人信息"]),
        ("login=nobody", []),
        ("kind=agent", ["修改客服"]),
        ("kind=user&action=user.created", ["创建用户"]),
        ("shop=2", ["查看打码的个人信息"]),
        ("shop=1&kind=shop", ["按保留期清除原文", "添加促销日或假日", "修改店铺"]),
        ("since=2999-01-01", []),
        ("until=2000-01-01", []),
        ("kind=user&id=999", []),
        ("action=made_up", []),
    ],
)
def test_the_log_is_filtered(signed_in: SignIn, query: str, actions: list[str]) -> None:
    page = signed_in("admin").get(f"{PAGE}?{query}").text
    assert shown(page) == actions
    assert ("没有符合条件的记录" in page) == (not actions)


@pytest.mark.parametrize(
    "query",
    ["since=x&until=9999-12-31", "since=0001-01-01", "id=²", "id=99999999999999999999", "shop=-1", "login=%00", "action=%00",
     "before=x", "before=2026-01-01T00:00:00_1", "before=2026-01-01T00:00:00%2B00:00_9999999999999999999",
     "before=2026-01-01T00:00:00%2B00:00_1"],
)  # fmt: skip
def test_whatever_stands_in_the_address_is_a_sound_page(signed_in: SignIn, query: str) -> None:
    assert signed_in("admin").get(f"{PAGE}?{query}").status_code == 200


def test_pages_stay_in_place_whatever_comes_in_meanwhile(signed_in: SignIn, store: Store) -> None:
    now = clock.now()

    def add(count: int, action: str) -> None:
        with store.writing() as session:
            for _number in range(count):
                note_down(session, now=now, user_id=None, action=action, subject_kind="job", subject_id=1)

    add(60, "jobs.retry")
    client = signed_in("admin")
    first = client.get(f"{PAGE}?kind=job").text
    assert len(shown(first)) == 50
    older = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    add(5, "jobs.cancel")
    second = client.get(older).text
    assert shown(second) == ["重试后台任务"] * 10
    newest = second.partition('<a class="btn btn-secondary btn-sm" href="')[2].partition('"')[0]
    assert shown(client.get(newest).text)[:6] == ["取消后台任务"] * 5 + ["重试后台任务"]


@pytest.mark.usefixtures("log")
def test_whoever_leads_one_shop_sees_its_lines_and_no_other(signed_in: SignIn, store: Store) -> None:
    with store.writing() as session:
        user = User(login="second", name="二号", password_hash=QUICK.hashed("second"), created_at=clock.now())
        session.add(user)
        session.flush()
        session.add(UserRole(user_id=user.id, role="qa_lead", shop_id=2))
    client = signed_in("second")
    assert client.get("/admin").location == PAGE
    page = client.get(PAGE).text
    assert shown(page) == ["查看打码的个人信息"]
    assert "晴空家居" not in page
    assert "沈知远" not in page
    assert shown(client.get(f"{PAGE}?shop=1").text) == []
    assert shown(client.get(f"{PAGE}?login=admin").text) == []
    assert client.get("/admin/users").status_code == 403


def test_what_is_gone_or_unknown_has_a_number(signed_in: SignIn, store: Store) -> None:
    with store.writing() as session:
        who = session.scalars(select(User.id).where(User.login == "admin")).one()
        for action, kind, id in (
            ("team.removed", "team", 77),
            ("made.up", "thing", 5),
            ("sign_in.failed", "user", None),
        ):
            note_down(
                session, now=clock.now() + timedelta(seconds=1), user_id=who, action=action, subject_kind=kind,
                subject_id=id, details={"odd": 1},
            )  # fmt: skip
    page = signed_in("admin").get(PAGE).text
    assert "#77" in page
    assert "made.up" in page
    assert "odd: 1" in page
    assert "未知" in page


def noted_actions() -> set[str]:
    """Actions that services and the worker note down, as far as they stand there as words."""
    found = set()
    for path in [*(ROOT / "qaplatform").rglob("*.py")]:
        text = path.read_text(encoding="utf-8")
        if "note" not in text and "_changed" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if "note" in called or called == "_changed":
                given = [*node.args, *(one.value for one in node.keywords if one.arg == "action")]
                found |= {one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return {one for one in found if "." in one or one in {"sign_in", "sign_out"}}


def test_every_action_has_words_and_a_group() -> None:
    actions = noted_actions()
    assert {"user.created", "sign_in", "user.renamed", "shop.days_added", "account.holder_removed"} <= actions
    assert actions - ACTIONS.keys() == set(), "web/activity_words.py needs words for these"
    assert {group_of(action) for action in ACTIONS} <= GROUPS.keys()


def test_a_line_knows_who_did_it_by_login() -> None:
    assert "user_login" in ActivityLine.__struct_fields__
