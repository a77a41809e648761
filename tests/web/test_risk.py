"""Learned risks in the browser."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from sqlalchemy import select

from qaplatform.services.risk_models import Bin, Comparison, Interval, Quality, Sign
from qaplatform.store.engine import Store
from qaplatform.store.tables import Activity, Job, RiskModelRow
from tests.web.conftest import SignIn


def keep(store: Store, team_id: int = 1, version: int = 1, **about: object) -> None:
    auc = Interval(0.871, 0.84, 0.9)
    figures = Comparison(
        220, 70, "random", Quality(auc, Interval(None), 0.031, 0.12),
        Quality(Interval(0.702, 0.65, 0.75), Interval(None), 0.2, 0.2), Interval(0.169, 0.11, 0.22),
        (Bin(0.0, 0.2, 110, 0.1, 0.12), Bin(0.2, 0.9, 110, 0.6, 0.58)),
    )  # fmt: skip
    signs = [
        Sign("agent", "仓库在搬", 0.2, 61), Sign("number", "episode/missing", 0.1, 20), Sign("number", "said/feel/angry", 0.1, 9),
        Sign("number", "criterion/greeting/fail", 0.1, 9), Sign("number", "sign/upset", 0.05, 9),
        Sign("number", "topic/complaint", 0.05, 9), Sign("customer_last", "谢谢", -0.2, 80),
        Sign("number", "criterion/greeting/pass", -0.1, 9),
    ]  # fmt: skip
    row = {
        "trained_at": datetime(2026, 11, 12, 3, tzinfo=UTC), "ruled_count": 220, "example_count": 240, "wrong_count": 72,
        "features_version": 1, "engine_version": "1", "state": "active", "why": "better", "body": b"",
        "figures": msgspec.to_builtins(figures), "signs": msgspec.to_builtins(signs),
    }  # fmt: skip
    with store.writing() as session:
        session.add(RiskModelRow(team_id=team_id, version=version, **(row | about)))


def test_the_list_shows_every_team_with_its_newest_model_beside_the_rules(signed_in: SignIn, store: Store) -> None:
    keep(store)
    page = signed_in("lead").get("/risk").text
    assert all(
        said in page
        for said in ("家居组", "数码组", "还没有模型", "0 / 200", "0.871", "0.840–0.900", "0.702", "使用中")
    )


def test_a_team_shows_figures_reasons_signs_and_versions(signed_in: SignIn, store: Store) -> None:
    keep(store, state="superseded", why="newer")
    keep(store, version=2)
    page = signed_in("lead").get("/risk/1").text
    for said in (
        "第 2 版",
        "比规则更准",
        "+0.169",
        "0.031",
        "客服说“仓库在搬”",
        "没有安抚",
        "随机抽到的会话",
        "已被新版本取代",
    ):
        assert said in page
    assert signed_in("lead").get("/risk/99").status_code == 404


def test_a_team_without_a_model_says_when_there_will_be_one(signed_in: SignIn) -> None:
    page = signed_in("lead").get("/risk/2").text
    assert "裁定满 200 通会话后自动训练" in page
    assert "现在训练" not in page


@pytest.mark.parametrize(
    ("login", "status", "steers"),
    [("lead", 200, True), ("teamlead", 200, False), ("manager", 403, False), ("agent", 403, False)],
)
def test_who_sees_and_who_steers(signed_in: SignIn, store: Store, login: str, status: int, *, steers: bool) -> None:
    keep(store)
    client = signed_in(login)
    answer = client.get("/risk/1")
    assert answer.status_code == status
    assert ("停用" in answer.text) == steers
    if login == "teamlead":
        assert client.get("/risk/2").status_code == 403
        assert "数码组" not in client.get("/risk").text


def test_a_lead_switches_a_model_off(signed_in: SignIn, store: Store) -> None:
    keep(store)
    client = signed_in("lead")
    assert client.submit("/risk/1/off").location == "/risk/1"
    assert "由质检主管停用" in client.get("/risk/1").text
    with store.reading() as session:
        assert session.scalars(select(Job.payload).where(Job.kind == "risk.apply")).all() == [{"team_id": 1}]
        assert "risk.switched_off" in session.scalars(select(Activity.action)).all()
    client.submit("/risk/1/off")
    assert "没有正在使用的模型" in client.get("/risk/1").text


def test_too_few_rulings_are_said(signed_in: SignIn) -> None:
    client = signed_in("lead")
    assert client.submit("/risk/1/train").location == "/risk/1"
    assert "裁定过的会话还不够" in client.get("/risk/1").text
    assert client.submit("/risk/99/train").status_code == 404
