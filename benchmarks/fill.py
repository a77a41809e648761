"""Databases of any number of conversations for ``benchmarks.store``, filled past the product's own ways in.

A seeded business of a given pace: 2,000 conversations a day in eight shops, 200 agents in twenty teams; ten times as
many conversations are ten times as many days. Twenty messages a conversation out of the corpus' vocabulary, an audit
with its criteria and findings, one conversation in twenty arrived late and so is numbered out of the order of time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, text
from sqlalchemy.orm import Session

from benchmarks.sentences import Sentences
from qaplatform.audit.context import Context
from qaplatform.audit.finding import Episode, Observations
from qaplatform.services.figure_days import count_all
from qaplatform.services.rubrics import rubric_named
from qaplatform.store import figure_days, migrating, search
from qaplatform.store.engine import Store
from qaplatform.store.rows import insert_rows
from qaplatform.store.tables import (
    AuditRow,
    Base,
    Case,
    ConversationAgent,
    ConversationMark,
    ConversationRow,
    CriterionResult,
    Customer,
    FindingRow,
    MessageRow,
    Setting,
    WorkItem,
)  # fmt: skip

SEED = 20261111
SHOPS, TEAMS, AGENTS = 8, 20, 200
MESSAGES = 20
RARE = "琥珀蜜蜡"
"""Words that stand in so many conversations, however many there are."""
RARE_COUNT = 40
CRITERIA = (
    "greeting", "response_time", "empathy_first", "concrete_promise", "promise_kept", "banned_phrase", "curt_reply",
    "vague_words", "announced_transfer", "asked_twice", "closing_check", "complaint_followup", "off_platform",
    "personal_data", "review_request", "absolute_claims", "insult", "return_address",
)  # fmt: skip
"""From the one that fails most, in one of seven conversations, to the one that fails least, in one of 250."""
TOPICS = ("order", "logistics", "refund", "return", "product", "promotion", "invoice", "account", "complaint", "other")
TAGS = ("会员日", "催发货", "已回访", "升级")

_FIRST = datetime(2026, 1, 5, tzinfo=UTC)
_SECONDS_APART = 86_400 // 2_000
_LATE = 3 * 86_400
_BATCH = 2_000
_JSON = json.dumps
_MARK = "benchmark_filled"
_SEEN = msgspec.json.encode(
    Observations(
        episodes=(Episode(2, "displeased", "late", 7),),
        blunt=(),
        review_requests=(),
        off_platform=(),
        absolute=(),
        promises=(),
        transfers=(),
        closing_check=19,
        unanswered=(6,),
        closed="open",
        topic=("order",),
    )
).decode()
"""What every audit saw, as a page shows it."""


@dataclass(slots=True)
class Rows:
    """Rows by table name, each in the order of the table's columns, and texts by conversation for the search index."""

    tables: dict[str, list[tuple[Any, ...]]]
    texts: dict[int, list[str]]


def moment(number: int) -> datetime:
    """When the conversation of a number began, but for its own chance."""
    return _FIRST + timedelta(seconds=number * _SECONDS_APART)


def order_of(number: int) -> str:
    """The order number of the conversation that arrived as the ``number``-th."""
    return f"26{(number * 7_919_000_001) % 10**14:014d}"


def people() -> dict[str, list[dict[str, Any]]]:
    """Shops, teams, agents, a user and a rubric version."""
    made = {"created_at": _FIRST}
    return {
        "shops": [
            {"id": n, "code": f"s{n}", "name": f"旗舰店{n}", "active": True, **made} for n in range(1, SHOPS + 1)
        ],
        "teams": [{"id": n, "name": f"{n}组", **made} for n in range(1, TEAMS + 1)],
        "agents": [
            {"id": n, "code": f"a{n}", "name": f"客服{n}", "team_id": 1 + n % TEAMS, **made}
            for n in range(1, AGENTS + 1)
        ],
        "users": [
            {"id": 1, "login": "lead", "name": "lead", "password_hash": "", "must_change_password": False,
             "is_demo": False, "active": True, **made}
        ],
        "rubric_versions": [
            {"id": 1, "code": "ecommerce-service", "content_hash": rubric_named("ecommerce-service").content_hash,
             "files": {}, **made}
        ],
        "context_versions": [{"id": 1, "content_hash": "0" * 12, "body": {"context": _known()}, **made}],
    }  # fmt: skip


def _known() -> dict[str, Any]:
    """What the audits knew beside the conversations: what is known by default."""
    return dict(json.loads(msgspec.json.encode(Context())))


def batches(count: int, seed: int = SEED) -> Iterator[Rows]:
    """All rows of ``count`` conversations, some thousand conversations at a time."""
    random = Random(seed)
    sentences = Sentences(random)
    maker = _Maker(random, sentences, count)
    numbers = iter(range(1, count + 1))
    while chunk := list(islice(numbers, _BATCH)):
        yield maker.rows(chunk)


class _Maker:
    def __init__(self, random: Random, sentences: Sentences, count: int) -> None:
        self.random = random
        self.sentences = sentences
        self.customers = max(1, int(count * 0.6))
        self.rare_every = max(1, count // RARE_COUNT)
        self.finding_id = 0
        self.seen_customers: set[int] = set()

    def rows(self, numbers: Sequence[int]) -> Rows:
        tables: dict[str, list[tuple[Any, ...]]] = {model.__tablename__: [] for model in _MODELS}
        rows = Rows(tables, {})
        for number in numbers:
            self._conversation(number, rows)
        return rows

    def _conversation(self, number: int, rows: Rows) -> None:
        chance = self.random.random
        begun = moment(number) + timedelta(seconds=int(chance() * 600))
        if chance() < 0.05:
            begun -= timedelta(seconds=int(chance() * _LATE))
        agent = 1 + int(chance() * chance() * AGENTS)
        other = 1 + int(chance() * AGENTS) if chance() < 0.1 else agent
        shop = 1 + int(chance() * chance() * SHOPS)
        customer = self._customer(shop, rows)
        case = number if chance() < 0.4 else None
        if case:
            rows.tables["cases"].append((case, shop, order_of(number), begun))
        texts = self._messages(number, begun, agent, other, rows)
        tags = [TAGS[int(chance() * len(TAGS))]] if chance() < 0.25 else []
        failed, verdict, score = self._audit(number, begun, agent, rows)
        risk = round(chance() ** 3, 4)
        priority = round(risk * (0.5 + chance() / 2), 4)
        ordered = (begun, priority, score)
        for one in {agent, other}:
            rows.tables["conversation_agents"].append((number, one, *ordered))
        rows.tables["conversation_marks"] += [(number, "failed", one, *ordered) for one in failed]
        rows.tables["conversation_marks"] += [(number, "tag", one, *ordered) for one in tags]
        if number % 10 == 0:
            state = "open" if number % 400 == 0 else "done"
            rows.tables["work_items"].append(
                (number, None, number, 1, number, 1, state, "random", False, "{}", "{}", 1, None, begun, None, None, None, None, None)
            )  # fmt: skip
        rows.tables["conversations"].append(
            (
                number, shop, "taobao", f"c{number}", 1, f"{number:064x}", None,
                customer, case, agent, 1 + agent % TEAMS, f"账号{agent}",
                "chat" if chance() < 0.9 else "phone", "after_sale" if chance() < 0.6 else "pre_sale", "zh",
                order_of(number), float(int(chance() * 900)),
                None, float(1 + int(chance() * 5)) if chance() < 0.3 else None,
                _JSON(tags, ensure_ascii=False), "{}", "[]", len(texts), begun, begun + timedelta(minutes=15), True, begun,
                begun, None, number, score, 0.9, verdict, risk, priority,
                TOPICS[int(chance() * chance() * len(TOPICS))], len(failed), None, None,
            )
        )  # fmt: skip
        rows.texts[number] = [*texts, f"c{number}", order_of(number), f"客户{customer}"]

    def _customer(self, shop: int, rows: Rows) -> int:
        customer = 1 + int(self.random.random() * self.customers)
        if customer not in self.seen_customers:
            self.seen_customers.add(customer)
            rows.tables["customers"].append((customer, shop, f"k{customer}", f"客户{customer}", None, _FIRST, None))
        return customer

    def _messages(self, number: int, begun: datetime, agent: int, other: int, rows: Rows) -> list[str]:
        say, chance = self.sentences.say, self.random.random
        texts: list[str] = []
        for place in range(MESSAGES):
            is_customer = place % 2 == 0
            who = "customer" if is_customer else "agent"
            kind = ("open" if place == 0 else "ask" if chance() < 0.6 else "short") if is_customer else (
                "greet" if place == 1 else "bye" if place == MESSAGES - 1 else "answer" if chance() < 0.8 else "ask"
            )  # fmt: skip
            said = say(who, kind)
            if not is_customer and kind == "answer":
                said = f"{say('agent', 'lead')},{said}"
            if place == 4 and number % self.rare_every == 0:
                said = f"{said} {RARE}有吗"
            writer = None if is_customer else agent if place < 10 else other
            account = None if writer is None else f"账号{writer}"
            sent = (begun + timedelta(seconds=place * 40 + 28_800)).strftime("%Y-%m-%dT%H:%M:%S+08:00")
            rows.tables["messages"].append(
                (number * MESSAGES + place, number, place, 1, None, f"m{number}-{place}", who, "text", False, account,
                 writer, sent, said)
            )  # fmt: skip
            texts.append(said)
        return texts

    def _audit(self, number: int, begun: datetime, agent: int, rows: Rows) -> tuple[list[str], str, float | None]:
        chance = self.random.random
        failed: list[str] = []
        for place, criterion in enumerate(CRITERIA):
            if chance() < 0.2:
                continue
            outcome = "fail" if chance() < 0.18 * 0.83**place else "pass"
            rows.tables["criterion_results"].append(
                (number, criterion, number, outcome, None, 0.0 if outcome == "fail" else 5.0, 5.0, agent)
            )
            if outcome == "fail":
                failed.append(criterion)
                for spot in range(1 + (chance() < 0.3)):
                    self.finding_id += 1
                    rows.tables["findings"].append(
                        (self.finding_id, number, criterion, spot, 1 + 2 * int(chance() * 9), 0, 4, "found", "{}")
                    )
        verdict = "critical" if "insult" in failed else "fail" if len(failed) > 1 else "pass"
        score: float | None = round(100 - 11 * len(failed) - 3 * chance(), 2)
        if chance() < 0.03:
            verdict, score = "unscored", None
        rows.tables["audits"].append(
            (number, number, 1, 1, 1, "0.1", score, 0.9, verdict, 0.1, 0.1, "[]", _SEEN, begun)
        )
        return failed, verdict, score


_MODELS: tuple[type[Base], ...] = (
    Customer, Case, ConversationRow, ConversationAgent, ConversationMark, MessageRow, AuditRow, CriterionResult,
    FindingRow, WorkItem,
)  # fmt: skip


def fill(store: Store, count: int) -> None:
    """Make the tables of an empty database and fill them; the indexes are built at the end."""
    migrating.upgrade(store)
    with store.writing() as session:
        for name, rows in people().items():
            session.execute(Base.metadata.tables[name].insert(), rows)
    with store.engine.connect() as connection:
        _prepare(store, connection)
        index = _drop_indexes(store, connection)
        for rows in batches(count):
            with Session(connection) as session, session.begin():
                for model in _MODELS:
                    columns = [column.name for column in Base.metadata.tables[model.__tablename__].columns]
                    insert_rows(session, model, columns, rows.tables[model.__tablename__])
                search.add(session, rows.texts)
        for table in _tables():
            for one in table.indexes:
                one.create(connection)
        if index:
            connection.execute(text(index))
        connection.commit()
    store.close()
    _count(store)
    with store.writing() as session:
        session.add(Setting(name=_MARK, value=count))
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # What the databases do by themselves in time.
        connection.execute(text("ANALYZE" if store.is_sqlite else "VACUUM ANALYZE"))
    store.close()


def _count(store: Store) -> None:
    """The daily figures, as the worker counts them."""
    with store.writing() as session:
        for shop_id in range(1, SHOPS + 1):
            figure_days.note_shop(session, shop_id)
    count_all(store, now=datetime.now(UTC))


def is_filled(store: Store) -> bool:
    """Whether a database was filled to the end."""
    if migrating.current(store) is None:
        return False
    with store.reading() as session:
        return session.get(Setting, _MARK) is not None


def _tables() -> list[Table]:
    return [Base.metadata.tables[model.__tablename__] for model in _MODELS]


def _prepare(store: Store, connection: Connection) -> None:
    """Leave out what makes single writes safe."""
    raw: Any = connection.connection.driver_connection
    if store.is_sqlite:
        raw.execute("PRAGMA foreign_keys=OFF")
        raw.execute("PRAGMA synchronous=OFF")
    else:
        connection.execute(text("SET session_replication_role = replica"))
        connection.execute(text("SET maintenance_work_mem = '512MB'"))
        connection.commit()


def _drop_indexes(store: Store, connection: Connection) -> str | None:
    """Drop all that can be built later; the definition of the search index, where it is one of them."""
    definition = None
    if not store.is_sqlite:
        asked = text("SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_search_terms_terms'")
        definition = str(connection.scalar(asked))
        connection.execute(text("DROP INDEX ix_search_terms_terms"))
    for table in _tables():
        for index in table.indexes:
            index.drop(connection)
    connection.commit()
    return definition


def size_of(store: Store) -> int:
    """Bytes on disk."""
    if store.file is not None:
        return sum(
            Path(f"{store.file}{end}").stat().st_size for end in ("", "-wal") if Path(f"{store.file}{end}").is_file()
        )
    with store.reading() as session:
        return int(session.scalar(text("SELECT pg_database_size(current_database())")) or 0)
