"""Whose a conversation is that an import brings, and which shops an import may fill."""

from __future__ import annotations

from pathlib import Path

import pytest

from qaplatform.services.intake import ImportOptions
from qaplatform.store.engine import Store
from tests.runs import chat, dump, figures, make_shops, write_jsonl
from tests.services.intaking import ASKED, without_import
from tests.services.test_intake import ANSWERED, problems, take_in

SHOPS = [
    # shop of the import, shop that the conversation names, becomes (shop, code of the problem)
    (None, "s1", ("s1", None)),
    (None, "店s2", ("s2", None)),
    (None, "s9", (None, "unknown_shop")),
    (None, None, (None, "missing_shop")),
    ("s1", None, ("s1", None)),
    ("s1", "s1", ("s1", None)),
    ("s1", "旗舰店", ("s1", None)),
    ("s1", "s2", (None, "other_shop")),
]


@pytest.mark.parametrize(("own", "named", "becomes"), SHOPS)
def test_whose_a_conversation_is(
    store: Store, tmp_path: Path, own: str | None, named: str | None, becomes: tuple[str | None, str | None]
) -> None:
    ids = make_shops(store, "s1", "s2")
    file = write_jsonl(tmp_path / "a.jsonl", [chat("c0", ASKED, shop=own or "s1"), chat("c1", ASKED, shop=named)])
    step = take_in(store, file, shop_id=ids[own] if own else None)
    shop, code = becomes
    row = figures(store).get("c1")
    assert (row and row["shop_id"]) == (ids[shop] if shop else None)
    assert problems(store) == ([(2, "shop", code, True)] if code else [])
    assert (step.position, step.rejected) == (2, int(code is not None))


ONLY = [
    # shop of the import, shops it may fill, shop that the conversation names, becomes
    (None, None, "s2", ("s2", None)),
    (None, ("s1",), "s1", ("s1", None)),
    (None, ("s1",), "店s1", ("s1", None)),
    (None, ("s1",), "s2", (None, "forbidden_shop")),
    (None, ("s1",), "店s2", (None, "forbidden_shop")),
    (None, ("s1",), "s9", (None, "unknown_shop")),
    (None, ("s1", "s2"), "s2", ("s2", None)),
    (None, (), "s1", (None, "forbidden_shop")),
    ("s1", None, "s2", (None, "other_shop")),
]


@pytest.mark.parametrize(("own", "only", "named", "becomes"), ONLY)
def test_an_import_fills_no_shop_but_those_of_its_maker(
    store: Store, tmp_path: Path, own: str | None, only: tuple[str, ...] | None, named: str,
    becomes: tuple[str | None, str | None],
) -> None:  # fmt: skip
    ids = make_shops(store, "s1", "s2")
    options = ImportOptions(only_shops=None if only is None else tuple(ids[one] for one in only))
    assert ImportOptions.of(options.as_json()).only_shops == options.only_shops
    file = write_jsonl(tmp_path / "a.jsonl", [chat("c1", ASKED, shop=named)])
    step = take_in(store, file, shop_id=ids[own] if own else None, options=options)
    shop, code = becomes
    row = figures(store).get("c1")
    assert (row and row["shop_id"]) == (ids[shop] if shop else None)
    assert problems(store) == ([(1, "shop", code, True)] if code else [])
    assert (step.position, step.rejected) == (1, int(code is not None))


def test_a_conversation_of_another_shop_is_not_changed_by_who_may_not_fill_it(store: Store, tmp_path: Path) -> None:
    ids = make_shops(store, "s1", "s2")
    take_in(store, write_jsonl(tmp_path / "a.jsonl", [chat("c1", ASKED, shop="s2")]))
    before = dump(store)
    longer = write_jsonl(tmp_path / "b.jsonl", [chat("c1", ASKED, ANSWERED, shop="s2")])
    step = take_in(store, longer, options=ImportOptions(only_shops=(ids["s1"],)))
    assert (step.new, step.updated, step.rejected) == (0, 0, 1)
    assert without_import(dump(store))["conversations"] == without_import(before)["conversations"]


@pytest.mark.both_databases
def test_shops_are_made_where_that_was_asked_for(store: Store, tmp_path: Path) -> None:
    file = write_jsonl(tmp_path / "a.jsonl", [chat("c1", ASKED, shop="新店"), chat("c2", ASKED, shop=None)])
    step = take_in(store, file, options=ImportOptions(create_shops=True))
    assert (step.new, step.rejected) == (1, 1)
