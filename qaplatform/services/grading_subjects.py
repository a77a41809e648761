"""A stored conversation as a language model is asked about it: its questions by its newest audit, its words masked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.rubric import Rubric
from qaplatform.errors import QAPlatformError
from qaplatform.llm.asking import Asked
from qaplatform.llm.prompt import Language, Prompts
from qaplatform.services.question_grading import Words, language_of, plain_questions, questions_of, words_of
from qaplatform.services.rubric_versions import rubric_of
from qaplatform.store import conversation_words, grading_runs, reaudits, reviews
from qaplatform.store.reaudits import Wanted
from qaplatform.store.reviews import JudgedAudit


class NotAskedError(QAPlatformError):
    """Nothing is asked about this conversation; ``problem`` says why."""

    code: ClassVar[str] = "grader.not_asked"

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class Subject(msgspec.Struct, frozen=True):
    """All that asking about a conversation takes."""

    conversation_id: int
    revision: int
    audit_id: int
    audit: JudgedAudit
    rubric: Rubric
    questions: tuple[Asked, ...]
    advice: frozenset[str]
    """Ids of questions that are none of the rubric's: their answers count for nothing."""
    words: Words
    language: Language


def subject_of(session: Session, conversation_id: int, prompts: Prompts, beside: Sequence[str] = ()) -> Subject:
    """A conversation ready to be asked about.

    Args:
        session: A transaction; nothing is written.
        conversation_id: Which.
        prompts: What can be asked.
        beside: Prompts to ask beside the rubric's own questions; those it asks itself are not asked twice.

    Raises:
        NotAskedError: its shop or rubric forbids it (``forbidden``), its words are purged (``purged``), it has no audit
            that this release can read (``no_audit``), or there is nothing to ask (``no_questions``).
        UnknownPromptError: a prompt is not there.
    """
    row = grading_runs.subject(session, conversation_id)
    if row is None or row.is_purged:
        raise NotAskedError("purged")
    if row.forbids_llm:
        raise NotAskedError("forbidden")
    audit = None if row.audit_id is None else reviews.judged_audit(session, row.audit_id)
    rubric = None if audit is None else _rubric(session, audit)
    if row.audit_id is None or audit is None or rubric is None:
        raise NotAskedError("no_audit")
    if rubric.forbids_llm:
        raise NotAskedError("forbidden")
    kept = reaudits.kept_conversations(session, Wanted(conversation_ids=(row.id,)), after_id=0, limit=1)
    if not kept:
        raise NotAskedError("purged")
    messages = reaudits.as_written(reaudits.messages_of(session, kept)[row.id])
    conversation = msgspec.structs.replace(kept[0].conversation, messages=messages)
    language = language_of(conversation)
    own = questions_of(rubric, {id for id, outcome, _, _ in audit.results if outcome == "unscored"}, prompts, language)
    # Two questions by one name could not be told apart.
    known = {one.prompt.id for one in own} | {one.criterion_id for one in own}
    advice = plain_questions([name for name in beside if name not in known], prompts, language)
    if not own and not advice:
        raise NotAskedError("no_questions")
    return Subject(
        conversation_id=row.id,
        revision=row.revision,
        audit_id=row.audit_id,
        audit=audit,
        rubric=rubric,
        questions=(*own, *advice),
        advice=frozenset(one.criterion_id for one in advice),
        words=words_of(conversation, language, row.staff),
        language=language,
    )


def _rubric(session: Session, audit: JudgedAudit) -> Rubric | None:
    return rubric_of(
        audit.rubric_hash, audit.rubric, lambda: conversation_words.rubric_files(session, audit.rubric_version_id)
    )
