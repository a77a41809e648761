"""What the rubric in force says of a dialogue to judge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from qaplatform.audit.context import Context
from qaplatform.audit.engine import Auditor
from qaplatform.audit.phrases import Words
from qaplatform.audit.saying import Saying
from qaplatform.services.matcher_cache import compiled_auditor
from qaplatform.services.rubric_books import rubric_book
from qaplatform.training.chat_keys import ChatKey, live_key, staleness, written_key
from qaplatform.training.questions import AnyQuestion, JudgeChat


def key_now(session: Session, question: AnyQuestion, *, now: datetime) -> ChatKey | None:
    """The key of a dialogue by the rubric in force; ``None`` for other questions.

    Where the rubric in force no longer has an opinion on what is asked, the key as it was written holds.
    """
    if not isinstance(question, JudgeChat) or question.task == "better":
        return None
    auditor = _auditor(session, question, now)
    written = written_key(question)
    if auditor is None:
        return written
    live = live_key(auditor, question)
    is_whole = bool(live.spans) if question.task == "mark" else live.verdicts.keys() == written.verdicts.keys()
    return live if is_whole and (question.task == "mark" or live.score is not None) else written


def prepare(session: Session, questions: Iterable[AnyQuestion], *, now: datetime) -> None:
    """Have the rubric compiled by which dialogues are judged.

    The first time in a process takes seconds, for which nobody who wants to write should have to wait.
    """
    for question in questions:
        if isinstance(question, JudgeChat) and question.task != "better":
            _auditor(session, question, now)


def stale(session: Session, question: AnyQuestion, *, now: datetime) -> list[Saying]:
    """Where a dialogue's key differs from the rubric in force, a sentence each, for its author."""
    if not isinstance(question, JudgeChat):
        return []
    auditor = _auditor(session, question, now)
    return [] if auditor is None else list(staleness(auditor, question))


def criterion_titles(session: Session, *, now: datetime) -> Mapping[str, Words]:
    """The criteria of the rubrics in force, by id."""
    found: dict[str, Words] = {}
    for one in rubric_book(session).on(now):
        for criterion in one.rubric.criteria:
            found.setdefault(criterion.id, criterion.title)
    return found


def _auditor(session: Session, question: JudgeChat, now: datetime) -> Auditor | None:
    chosen = rubric_book(session).chosen(question.conversation, now)
    return None if chosen is None else compiled_auditor(chosen.rubric, Context())
