"""What tests of imports share: a job run over a real store, a clock that stands, and the whole content of a database.

Two databases hold the same when their dumps are equal. A dump knows rows by what they are and not by their numbers, which
a transaction that was rolled back may have used up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from qaplatform.audit.conversation import Conversation, Customer, Message
from qaplatform.services.intake import ImportOptions, make_import, upload_of
from qaplatform.store import imports
from qaplatform.store.engine import Store
from qaplatform.store.imports import Step
from qaplatform.store.tables import Base, Setting, Shop

NOW = datetime(2026, 11, 16, 1, tzinfo=UTC)


class Run:
    """A job run in this thread; ``before_write`` is called with the number of each writing transaction."""

    job_id = 1
    user_id = None
    done = 0

    def __init__(
        self, store: Store, payload: Mapping[str, Any] | None = None, *, now: datetime = NOW,
        before_write: Callable[[int], None] = lambda _: None, after_write: Callable[[int], None] = lambda _: None,
    ) -> None:  # fmt: skip
        self.store = store
        self.payload = dict(payload or {})
        self.moment = now
        self.is_to_stop = False
        self.said: list[tuple[int, int | None, str]] = []
        self.writes = 0
        self.before_write, self.after_write = before_write, after_write

    def now(self) -> datetime:
        return self.moment

    @contextmanager
    def writing(self) -> Iterator[Session]:
        self.writes += 1
        self.before_write(self.writes)
        with self.store.writing() as session:
            yield session
            self.after_write(self.writes)

    def progress(self, _session: Session, done: int, total: int | None = None, note: str = "") -> None:
        self.said.append((done, total, note))

    def cancel_asked(self) -> bool:
        return self.is_to_stop


def make_shops(store: Store, *codes: str, now: datetime = NOW) -> dict[str, int]:
    """Shops called like their codes, and a pseudonym key that is the same in every database; ids by code."""
    with store.writing() as session:
        session.add(Setting(name="pseudonym_key", value="00" * 32))
        shops = [Shop(code=code, name=f"店{code}", created_at=now) for code in codes]
        session.add_all(shops)
        session.flush()
        return {one.code: one.id for one in shops}


def chat(id: str, *lines: str, shop: str | None = "s1", day: str = "2026-11-10", **about: Any) -> Conversation:
    """A conversation of lines ``role[:agent] HH:MM:SS text``; ``-`` for a time is none."""
    messages = []
    for line in lines:
        who, clock, said = line.split(" ", 2)
        role, _, agent = who.partition(":")
        sent_at = None if clock == "-" else f"{day}T{clock}+08:00"
        messages.append(Message(role=role, text=said, agent=agent or None, sent_at=sent_at))  # type: ignore[arg-type]
    customer = about.pop("customer", None)
    buyer = Customer(id=customer) if isinstance(customer, str) else customer
    return Conversation(id=id, messages=tuple(messages), shop=shop, customer=buyer, **about)


def write_jsonl(path: Path, conversations: list[Conversation]) -> Path:
    """Conversation JSONL."""
    path.write_bytes(msgspec.json.Encoder().encode_lines(conversations))
    return path


def register(store: Store, path: Path, *, shop_id: int | None = None, options: ImportOptions | None = None) -> int:
    """An import of a file, without a job."""
    with store.writing() as session:
        return make_import(
            session, upload_of(path), shop_id=shop_id, origin="command", options=options or ImportOptions(),
            user_id=None, now=NOW,
        )  # fmt: skip


def counted(store: Store, import_id: int) -> Step:
    """All that an import has counted."""
    with store.reading() as session:
        return imports.counted(session, import_id)


LEFT_OUT = {"jobs", "figure_days_due", "figure_days"}
"""Tables that say how far the work in the background has got."""
_OWN_NAMES = {
    "shops": ("code",), "teams": ("name",), "agents": ("code",), "customers": ("shop_id", "pseudonym"),
    "cases": ("shop_id", "key"), "accounts": ("shop_id", "name"), "conversations": ("shop_id", "source", "source_id"),
    "rubric_versions": ("content_hash",), "context_versions": ("content_hash",), "departments": ("code",),
    "audits": ("conversation_id", "revision", "rubric_version_id", "context_version_id", "engine_version"),
    "imports": ("id",), "users": ("login",), "sample_plans": ("name",), "samples": ("name", "seed"),
    "work_items": ("conversation_id", "user_id", "created_at"), "reviews": ("conversation_id", "user_id", "created_at"),
    "findings": ("audit_id", "criterion", "place"), "llm_endpoints": ("name",), "grading_runs": ("user_id", "created_at"),
}  # fmt: skip
"""By which columns rows of a table are known, in tables that others refer to."""


_WHEN = {"created_at", "updated_at", "finished_at"}


def dump(
    store: Store, *tables: str, times: bool = True, by_number: bool = True
) -> dict[str, list[tuple[tuple[str, Any], ...]]]:
    """The content of all tables, or some, and of the search index; without ``times``, but for when it was written.

    Imports are known ``by_number``, or by their files' names.
    """
    own_names = _OWN_NAMES if by_number else _OWN_NAMES | {"imports": ("origin", "file_name")}
    names: dict[str, dict[int, Any]] = {}
    out: dict[str, list[tuple[tuple[str, Any], ...]]] = {}
    with store.reading() as session:
        for table in Base.metadata.sorted_tables:
            if table.name in LEFT_OUT:
                continue
            rows = []
            for row in session.execute(select(table)).mappings():
                values = {column.name: _named(column, row[column.name], names) for column in table.columns}
                if table.name == "conversations":
                    values.pop("audit_id")
                if table.name == "criterion_results":
                    # No foreign key; the audit says which conversation it is. Numbers skip after a crash.
                    values.pop("conversation_id")
                if table.name in own_names:
                    known = tuple(values[name] for name in own_names[table.name])
                    names.setdefault(table.name, {})[row["id"]] = known
                for name in () if times else _WHEN & values.keys():
                    del values[name]
                if "id" in values and table.name != "imports":
                    del values["id"]
                rows.append(tuple(sorted(values.items())))
            out[table.name] = sorted(rows, key=repr)
        out["search"] = _index(session, names["conversations"])
    return {name: rows for name, rows in out.items() if not tables or name in tables}


def _named(column: Any, value: Any, names: Mapping[str, Mapping[int, Any]]) -> Any:
    for key in column.foreign_keys:
        if value is not None:
            return names[key.column.table.name][value]
    return value


def _index(session: Session, conversations: Mapping[int, Any]) -> list[tuple[tuple[str, Any], ...]]:
    if session.get_bind().dialect.name == "sqlite":
        session.execute(
            text("CREATE VIRTUAL TABLE IF NOT EXISTS temp.seen USING fts5vocab('main', 'search_terms', 'instance')")
        )
        rows = session.execute(text("SELECT doc, term, offset FROM temp.seen")).all()
        return sorted([(("doc", conversations[doc]), ("term", term), ("at", at)) for doc, term, at in rows], key=repr)
    rows = session.execute(text("SELECT conversation_id, CAST(terms AS text) FROM search_terms")).all()
    return sorted([(("doc", conversations[doc]), ("terms", terms)) for doc, terms in rows], key=repr)


def figures(store: Store) -> dict[str, Any]:
    """What conversations' rows say, by the source's id."""
    conversations = Base.metadata.tables["conversations"]
    with store.reading() as session:
        return {row["source_id"]: dict(row) for row in session.execute(select(conversations)).mappings()}
