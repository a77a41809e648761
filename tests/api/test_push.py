"""Pushing conversations: what comes back, the same key again, and what no body gets past; on both databases."""

from __future__ import annotations

import gzip
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from qaplatform.api.bodies import MOST_BYTES
from qaplatform.app import create_app
from qaplatform.services.access import Viewer
from qaplatform.services.push_tokens import revoke_token
from qaplatform.settings import Settings
from qaplatform.store.engine import Store
from qaplatform.store.tables import AuditRow, ConversationRow, Import, Job, PushBatch, PushToken, Shop
from qaplatform.web.access import UnmarkedViewError, check_routes
from qaplatform.worker import HANDLERS, Worker
from tests.api.conftest import ADDRESS, Pusher, chat, token_for
from tests.people import NOW
from tests.stores import count

LINES = b"".join(json.dumps(chat(id), ensure_ascii=False).encode() + b"\n" for id in ("a", "b"))


def stored(store: Store) -> dict[str, tuple[int, int]]:
    """Messages and shop of every conversation, by the source's id."""
    with store.reading() as session:
        rows = session.execute(
            select(ConversationRow.source_id, ConversationRow.message_count, ConversationRow.shop_id)
        )
        return {id: (messages, shop) for id, messages, shop in rows}


def files_in(folder: Path) -> list[str]:
    uploads = folder / "uploads"
    return sorted(path.name for path in uploads.iterdir()) if uploads.exists() else []


@pytest.mark.parametrize(
    "body", [[chat("a"), chat("b")], LINES, LINES.replace(b"\n", b"\r\n")], ids=["array", "lines", "windows"]
)
def test_a_batch_is_taken_in_and_audited_at_once(pusher: Pusher, store: Store, body: Any) -> None:
    answer = pusher.push(body)
    assert answer.status_code == 200, answer.json
    said = answer.get_json()
    assert [(one["id"], one["result"]) for one in said["results"]] == [("a", "new"), ("b", "new")]
    assert (said["state"], said["new"], said["rejected"], said["notices"]) == ("done", 2, 0, [])
    assert stored(store) == {"a": (2, 1), "b": (2, 1)}
    assert count(store, AuditRow) == 2
    assert count(store, Job) == 0


def test_one_conversation_may_come_alone(pusher: Pusher) -> None:
    assert pusher.push(chat("a")).json["new"] == 1
    assert pusher.push(json.dumps(chat("b"), indent=2).encode(), "k2").json["new"] == 1


def test_each_conversation_is_answered_for(pusher: Pusher, store: Store) -> None:
    pusher.push([chat("same"), chat("longer", "在吗"), chat("older", "在吗", "在的")])
    answer = pusher.push(
        [
            chat("same"),
            chat("longer", "在吗", "在的"),
            chat("older", "在吗"),
            chat("elsewhere", shop="s2"),
            {"id": "empty", "messages": []},
            chat("new"),
        ],
        "k2",
    ).get_json()
    said = {one["id"] or one["code"]: (one["result"], one.get("field"), one.get("code")) for one in answer["results"]}
    assert said == {
        "same": ("same", None, None),
        "longer": ("updated", None, None),
        "older": ("older", None, None),
        "elsewhere": ("rejected", "shop", "other_shop"),
        "missing_messages": ("rejected", "messages", "missing_messages"),
        "new": ("new", None, None),
    }
    assert all(one["reason"] for one in answer["results"] if one["result"] == "rejected")
    counts = {name: answer[name] for name in ("new", "updated", "same", "older", "rejected")}
    assert counts == {"new": 1, "updated": 1, "same": 1, "older": 1, "rejected": 2}
    assert stored(store)["longer"] == (2, 1)
    assert "elsewhere" not in stored(store)


def test_times_without_a_zone_are_those_of_the_shop(pusher: Pusher, store: Store) -> None:
    with store.writing() as session:
        session.get_one(Shop, 1).timezone = "Asia/Tokyo"
    one = chat("a", "在吗")
    one["messages"][0]["sent_at"] = "2026-11-10 10:00:00"
    pusher.push([one])
    with store.reading() as session:
        assert session.scalars(select(ConversationRow.started_at)).one().hour == 1


def test_the_same_key_with_the_same_body_gets_the_same_answer(pusher: Pusher, store: Store) -> None:
    first, again = pusher.push([chat("a")]), pusher.push([chat("a")])
    assert (first.status_code, first.json) == (again.status_code, again.json)
    assert again.json["results"][0]["result"] == "new"
    assert count(store, Import) == count(store, PushBatch) == 1
    packed = pusher.push(gzip.compress(json.dumps([chat("a")], ensure_ascii=False).encode()), Content_Encoding="gzip")
    assert packed.json == first.json


def test_the_same_key_with_another_body_is_refused(pusher: Pusher, store: Store) -> None:
    pusher.push([chat("a")])
    answer = pusher.push([chat("b")])
    assert answer.status_code == 409
    assert answer.json["code"] == "key_reused"
    assert answer.json["way_out"]
    assert list(stored(store)) == ["a"]


def test_a_key_is_a_shops_own(app: Flask, pusher: Pusher, store: Store, admin: Viewer) -> None:
    other = Pusher(app.test_client(), token_for(store, 2, admin))
    assert [one.push([chat("a")]).json["new"] for one in (pusher, other)] == [1, 1]
    with store.reading() as session:
        assert sorted(session.scalars(select(ConversationRow.shop_id))) == [1, 2]


@pytest.mark.parametrize("size", [3, 250], ids=["at-once", "by-a-job"])
def test_two_that_push_the_same_at_once_get_one_answer(
    app: Flask, pusher: Pusher, store: Store, size: int, tmp_path: Path
) -> None:
    body = [chat(f"c{number}") for number in range(size)]
    pusher.push([chat("warm")], "warm")
    ready = threading.Barrier(2)
    answers: list[Any] = []

    def push() -> None:
        program = Pusher(app.test_client(), pusher.token)
        ready.wait()
        answers.append(program.push(body, "together"))

    threads = [threading.Thread(target=push) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.status_code for one in answers] == [200 if size == 3 else 202] * 2
    assert answers[0].json == answers[1].json
    assert count(store, PushBatch) == 2
    assert count(store, Import) == 2
    assert len(files_in(tmp_path)) == (0 if size == 3 else 1)


def test_a_large_batch_becomes_a_job(pusher: Pusher, store: Store, tmp_path: Path) -> None:
    body = [chat(f"c{number}") for number in range(201)] + [chat("elsewhere", shop="s2")]
    answer = pusher.push(body)
    assert answer.status_code == 202
    there = answer.headers["Location"]
    assert answer.json == {"import_id": answer.json["import_id"], "state": "waiting", "url": there}
    assert pusher.get(there).json["state"] == "waiting"
    assert len(files_in(tmp_path)) == 1
    assert Worker(store, HANDLERS).run_one()
    seen = pusher.get(there).json
    assert (seen["state"], seen["new"], seen["rejected"], seen["key"]) == ("done", 201, 1, "k1")
    assert [(one["field"], one["code"], one["rejected"]) for one in seen["problems"]] == [("shop", "other_shop", True)]
    assert seen["next"] is None
    assert files_in(tmp_path) == []
    assert pusher.push(body).json == answer.json
    assert count(store, Import) == 1


def test_one_sees_only_what_was_pushed_into_ones_shop(app: Flask, pusher: Pusher, store: Store, admin: Viewer) -> None:
    there = pusher.push([chat("a")]).json["url"]
    assert pusher.get(there).json["new"] == 1
    other = Pusher(app.test_client(), token_for(store, 2, admin))
    for one in (other.get(there), pusher.get("/api/v1/imports/99"), pusher.get("/api/v1/imports/99?after=x")):
        assert (one.status_code, one.json["code"]) == (404, "import_unknown")
    with store.writing() as session:
        session.scalars(select(Import)).one().origin = "upload"
    assert pusher.get(there).status_code == 404


@pytest.mark.parametrize("token", [None, "", "qap_made-up", "x" * 500, "密码"])
def test_nobody_comes_in_without_a_good_token(app: Flask, store: Store, token: str | None) -> None:
    client = app.test_client()
    headers = {} if token is None else {"Authorization": f"Bearer {token}".encode().decode("latin-1")}
    for answer in (
        client.post(ADDRESS, data=b"[]", headers=headers | {"Idempotency-Key": "k"}),
        client.get("/api/v1/imports/1", headers=headers),
        client.get("/api/v1/nowhere", headers=headers),
    ):
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="qaplatform"')
        assert {"code", "message", "way_out"} <= answer.json.keys()
        assert "Set-Cookie" not in answer.headers
    assert count(store, Import) == 0


def test_a_token_that_was_revoked_or_whose_shop_is_closed_is_none(pusher: Pusher, store: Store, admin: Viewer) -> None:
    assert pusher.push([chat("a")]).status_code == 200
    with store.writing() as session:
        session.get_one(Shop, 1).active = False
    assert pusher.push([chat("a")]).status_code == 401
    with store.writing() as session:
        session.get_one(Shop, 1).active = True
        [token_id] = session.scalars(select(PushToken.id))
        revoke_token(session, 1, token_id, by=admin, now=NOW)
    answer = pusher.push([chat("a")])
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_the_use_of_a_token_is_noted(pusher: Pusher, store: Store) -> None:
    pusher.push([chat("a")])
    with store.reading() as session:
        assert session.scalar(select(PushToken.last_used_at)) is not None


def test_a_browsers_session_opens_nothing_here(app: Flask, pusher: Pusher) -> None:
    client = app.test_client()
    client.set_cookie("qaplatform_session", pusher.token or "")
    assert client.post(ADDRESS, data=b"[]").status_code == 401


@pytest.mark.parametrize("key", [None, "", "  ", "k" * 201, "钥匙".encode().decode("latin-1")])
def test_a_batch_needs_a_key(pusher: Pusher, store: Store, key: str | None) -> None:
    answer = pusher.push([chat("a")], key)
    assert (answer.status_code, answer.json["code"]) == (400, "key_missing")
    assert count(store, Import) == 0


@pytest.mark.parametrize(
    ("body", "line", "column"),
    [
        (b"", 1, 1),
        (b"  \n", 1, 1),
        (b"hello", 1, 1),
        (b'"a string"', 1, 1),
        (b'[{"id": "a", "messages": [}]', 1, 27),
        (b'[\n{"id": "a"},\n{"id": oops}]', 3, 8),
        (b'[{"id": "a"}', 1, 13),
        (b'{"id": "a"}\n{"id": "b"\n{"id": "c"}\n', 2, 11),
        (b'{"id": "a"}\nnonsense\n', 2, 2),
        (b"[" * 100_000, 1, None),
    ],
)
def test_what_is_no_json_is_refused_whole_and_says_where(
    pusher: Pusher, store: Store, body: bytes, line: int, column: int | None
) -> None:
    answer = pusher.push(body)
    assert (answer.status_code, answer.json["code"], answer.json["line"]) == (400, "not_json", line)
    assert column is None or answer.json["column"] == column
    assert answer.json["way_out"]
    assert count(store, Import) == 0
    assert pusher.push([chat("a")]).status_code == 200, "the key was not used up"


def test_a_body_may_be_packed(pusher: Pusher, store: Store) -> None:
    half = LINES.index(b"\n") + 1
    packed = gzip.compress(LINES[:half]) + gzip.compress(LINES[half:])
    assert pusher.push(packed, Content_Encoding="gzip").json["new"] == 2
    assert sorted(stored(store)) == ["a", "b"]


@pytest.mark.parametrize(
    ("body", "encoding", "status", "code"),
    [
        (b"no gzip at all", "gzip", 400, "broken_packing"),
        (gzip.compress(LINES)[:-9], "gzip", 400, "broken_packing"),
        (gzip.compress(LINES) + b"rest", "gzip", 400, "broken_packing"),
        (LINES, "br", 415, "unknown_packing"),
        (gzip.compress(b" " * (MOST_BYTES + 1)), "gzip", 413, "too_large"),
        (gzip.compress(b" " * MOST_BYTES) * 40, "gzip", 413, "too_large"),
        (gzip.compress(b"") * (MOST_BYTES // len(gzip.compress(b""))), "gzip", 413, "too_large"),
    ],
    ids=["none", "cut", "rest", "br", "bomb", "many-bombs", "many-parts"],
)
def test_a_body_that_cannot_be_unpacked_is_refused(
    pusher: Pusher, store: Store, body: bytes, encoding: str, status: int, code: str
) -> None:
    answer = pusher.push(body, Content_Encoding=encoding)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert count(store, Import) == 0


def test_a_body_that_is_too_large_is_refused_unread(pusher: Pusher) -> None:
    said = {"CONTENT_LENGTH": str(MOST_BYTES + 1)}
    answer = pusher.client.post(
        ADDRESS, data=b"[]", headers=pusher.headers(Idempotency_Key="k"), environ_overrides=said
    )
    assert (answer.status_code, answer.json["code"]) == (413, "too_large")
    assert answer.json["way_out"]


@pytest.mark.parametrize(
    ("method", "address"), [("GET", ADDRESS), ("DELETE", "/api/v1/imports/1"), ("GET", "/api/v1/x")]
)
def test_what_is_not_there_is_said_as_to_programs(pusher: Pusher, method: str, address: str) -> None:
    answer = pusher.client.open(address, method=method, headers=pusher.headers())
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_a_view_beside_the_door_stops_the_start(settings: Settings, store: Store) -> None:
    app = create_app(settings, store=store)
    app.add_url_rule("/api/v1/careless", view_func=lambda: "secret", endpoint="api.careless")
    with pytest.raises(UnmarkedViewError, match="careless"):
        check_routes(app)
