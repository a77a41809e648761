"""Words of one and more Chinese characters, numbers and names are found, on both databases."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qaplatform.audit.normalise import fold
from qaplatform.store import search
from qaplatform.store.engine import Store
from qaplatform.store.tables import ConversationRow, Shop
from tests.searching import ids_holding

NOW = datetime(2026, 11, 11, tzinfo=UTC)
TEXTS = {
    1: ["我要退款", "好的,退 款申请已提交"],
    2: ["我的订单号 9123154007 到哪了", "亲,在路上"],
    3: ["退貨地址發我", "JD-00123 昵称:小鱼儿"],
    4: ["款式很好看", "不退了"],
}


@pytest.fixture
def filled(store: Store) -> Store:
    with store.writing() as session:
        session.add(Shop(id=1, code="s", name="s", created_at=NOW))
        session.flush()
        for id in TEXTS:
            session.add(
                ConversationRow(
                    id=id, shop_id=1, source_id=str(id), content_hash="", message_count=2, started_at=NOW, ended_at=NOW,
                    created_at=NOW, updated_at=NOW,
                )
            )  # fmt: skip
        session.flush()
        search.add(session, TEXTS)
    return store


def found(store: Store, query: str) -> list[int]:
    with store.reading() as session:
        return ids_holding(session, query)


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("退款", [1]),
        ("退", [1, 3, 4]),
        ("款", [1, 4]),
        ("退款申请", [1]),
        ("款申", [1]),
        ("申请退款", []),
        ("退货", [3]),
        ("9123154007", [2]),
        ("91231", [2]),
        ("小鱼儿", [3]),
        ("jd-00123", [3]),
        ("退款 提交", [1]),
        ("退款 地址", []),
        ("路上", [2]),
        ("款好", []),
        ("'); DROP", []),
    ],
)
def test_a_query_finds_what_holds_every_part_of_it(filled: Store, query: str, ids: Sequence[int]) -> None:
    assert found(filled, query) == ids


def test_marks_alone_ask_for_nothing() -> None:
    assert not search.asks("?! …")


def test_what_is_removed_is_found_no_more(filled: Store) -> None:
    gone: Mapping[int, Sequence[str]] = {1: TEXTS[1]}
    with filled.writing() as session:
        search.remove(session, gone)
        is_first = True
        while search.forget_some(session, first=is_first):
            is_first = False
    assert found(filled, "退款") == []
    assert found(filled, "退货") == [3]


def test_an_endless_text_is_found_by_its_beginning(store: Store) -> None:
    with store.writing() as session:
        session.add(Shop(id=1, code="s", name="s", created_at=NOW))
        session.flush()
        session.add(
            ConversationRow(
                id=1, shop_id=1, source_id="1", content_hash="", message_count=2, started_at=NOW, ended_at=NOW,
                created_at=NOW, updated_at=NOW,
            )
        )  # fmt: skip
        session.flush()
        texts = {
            1: [
                "我要退款",
                *("".join(map(chr, range(0x4E00, 0x9FA0))) + f" w{n:090d} " * 50 for n in range(60)),
                "再见",
            ]
        }
        search.add(session, texts)
    assert found(store, "退款") == [1]
    with store.writing() as session:
        search.remove(session, texts)
    assert found(store, "退款") == []


_CHINESE = "\u3400-\u9fff\uf900-\ufaff"


def cut_one_by_one(texts: Sequence[str]) -> list[str]:
    """The terms of texts by the letter of the module's description."""
    out: list[str] = []
    for number, one in enumerate(texts):
        out += ["ǁ"] if number else []
        written = re.sub(rf"(?<=[{_CHINESE}])\s+(?=[{_CHINESE}])", "", fold(one)).lower()
        for run in re.findall(rf"[{_CHINESE}]+|[^\W_{_CHINESE}]+", written):
            chinese = re.match(f"[{_CHINESE}]", run)
            out += [run[place : place + 2] for place in range(len(run))] if chinese else [run[:100]]
    letters = sorted(set(re.findall(f"[{_CHINESE}]", "".join(out))))
    return [*out, "ǁ", *letters] if letters else out


@given(st.lists(st.text(st.sampled_from("退款訂單ABｃé1२ _-。\n\t😊ß㐀豈") | st.characters(codec="utf-8")), min_size=1))
@example(["退款 成功abc退", "x" * 101 + "退" + "y" * 250, "", "a_b", "İ"])
def test_many_texts_at_once_are_cut_like_each_alone(texts: list[str]) -> None:
    assert search.terms_of(texts) == cut_one_by_one(texts)
