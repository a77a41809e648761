"""A model that answers the questions about stored conversations, and runs that ask it: for tests of grading."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from qaplatform.services.grader_settings import GraderSettings, keep_settings
from qaplatform.services.grading_job import run_grading
from qaplatform.store.engine import Store
from qaplatform.store.grades import ReadGrading, grading_in_force
from qaplatform.store.tables import ConversationRow, LlmEndpoint
from tests.reviewed import conversation
from tests.runs import Run
from tests.web.chats import NOW

_QUESTION = re.compile(r"^# 问题 (\S+)", re.MULTILINE)
_MESSAGE = re.compile(r"^\[(\d+)\] (客服|客户)[^:]*(?::\d\d)*: (.*)$", re.MULTILINE)


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
