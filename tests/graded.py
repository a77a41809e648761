"""Conversations whose rubric asks a model two questions, and a model that answers: for tests of grading."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from qaplatform.services.access import Grant, Viewer
from qaplatform.services.grader_settings import GraderSettings, keep_settings
from qaplatform.services.grading_job import run_grading
from qaplatform.services.rubric_books import rubric_book
from qaplatform.services.rubric_drafts import open_draft, publish_draft
from qaplatform.services.rubric_releases import Publication, shipped
from qaplatform.store.engine import Store
from qaplatform.store.grades import ReadGrading, grading_in_force
from qaplatform.store.tables import ConversationRow, LlmEndpoint, User
from tests.copies import fill_once
from tests.filled import fill_people
from tests.reviewed import conversation
from tests.runs import Run
from tests.web.chats import NOW, good, quarrel, take_in

CODE = "ecommerce-service"
EMPATHY, CAUSE = "empathy_real", "cause_found"
SECTION = f"""\
  - id: judged
    title: {{zh: 判断题, en: Judgement}}
    criteria:
      - id: {EMPATHY}
        title: {{zh: 共情真诚, en: Empathy is real}}
        kind: question
        weight: 10
        question: {{prompt: empathy_sincere, good: yes, evidence: required}}
      - id: {CAUSE}
        title: {{zh: 找到原因, en: The cause was found}}
        kind: question
        weight: 5
        question: {{prompt: root_cause_found, good: yes, evidence: optional}}
"""
_QUESTION = re.compile(r"^# 问题 (\S+)", re.MULTILINE)
_BEFORE = datetime(2026, 11, 1, 1, tzinfo=UTC)
_MESSAGE = re.compile(r"^\[(\d+)\] (客服|客户)[^:]*(?::\d\d)*: (.*)$", re.MULTILINE)


def with_questions(store: Store) -> Store:
    """The database with a quarrel and two good conversations, judged by a rubric with two questions; before anything else."""
    fill_once(store, _fill)
    return store


def _fill(store: Store) -> None:
    with store.writing() as session:
        fill_people(session, NOW)
    publish_questions(store)
    take_in(store, quarrel(), good(0), good(1))


def publish_questions(store: Store, section: str = SECTION) -> None:
    """The shipped rubric with the questions, from before all conversations on."""
    base = shipped(CODE)
    assert base is not None
    root = base.files[f"{CODE}.yaml"] + section
    zone = ZoneInfo("Asia/Shanghai")
    with store.writing() as session:
        lead = Viewer(session.query(User.id).order_by(User.id).first()[0], "主管", grants=(Grant("qa_lead"),))  # type: ignore[index]
        draft = open_draft(session, lead, CODE, now=_BEFORE, changes={f"{CODE}.yaml": root})
        newest = rubric_book(session).newest(CODE)
        assert newest is not None
        day = _BEFORE.astimezone(zone).date()
        said = Publication(day, zone, newest.rubric.content_hash, "加入判断题")
        publish_draft(session, lead, draft.id, said, seen_version=draft.version, now=_BEFORE)


def endpoint_at(store: Store, url: str, **more: Any) -> int:
    """An endpoint in use; its id."""
    settings = {name: more.pop(name) for name in tuple(more) if name in GraderSettings.__struct_fields__}
    options = {
        "abilities": {"json_schema": True, "json_object": True},
        "deadline_seconds": 5.0,
        **more.pop("options", {}),
    }
    with store.writing() as session:
        row = LlmEndpoint(
            name=more.pop("name", "本地"), base_url=url, model="fake-1", input_price="2", output_price="8",
            options=options, created_at=NOW, **more,
        )  # fmt: skip
        session.add(row)
        session.flush()
        keep_settings(session, GraderSettings(endpoint_id=row.id, **settings))
        return row.id


def answering(verdicts: dict[str, str] | str = "yes", reason: str = "客服说到了") -> Callable[[dict[str, Any]], str]:
    """A model that gives verdicts by criterion (or one for all), with a true quote of either side."""

    def script(request: dict[str, Any]) -> str:
        quotes: dict[str, dict[str, Any]] = {}
        content = request["messages"][1]["content"]
        ids = _QUESTION.findall(content)
        # Examples of the question come before the conversation.
        for number, who, text in _MESSAGE.findall(content[content.rindex("\n[0] ") :]):
            if len(text) >= 4:
                quotes.setdefault(who, {"message": int(number), "quote": text[:10]})
        answers = [
            {
                "id": id, "reason": reason, "evidence": list(quotes.values()),
                "verdict": verdicts if isinstance(verdicts, str) else verdicts[id],
            }
            for id in ids
        ]  # fmt: skip
        return json.dumps({"answers": answers}, ensure_ascii=False)

    return script


def run_job(store: Store, run_id: int, **more: Any) -> Run:
    """Do a run as the worker does it, in this thread."""
    run = Run(store, {"run_id": run_id}, **more)
    run_grading(run)
    return run


def graded(store: Store, source_id: str = "quarrel") -> ReadGrading:
    """What was said of a conversation last."""
    row: ConversationRow = conversation(store, source_id)
    with store.reading() as session:
        found = grading_in_force(session, row.id, row.revision)
    assert found is not None
    return found
