"""Asking about one stored conversation: the calls, the verdicts, what they do to its score, and writing it all down."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy.orm import Session

from qaplatform.llm.asking import question_hash
from qaplatform.llm.budget import Budget
from qaplatform.llm.calling import Client
from qaplatform.llm.endpoint import Endpoint
from qaplatform.llm.grading import Foreseen, Graded, Grader
from qaplatform.llm.manner import Manner
from qaplatform.llm.prompt import Prompts
from qaplatform.llm.prompts import shipped_prompts
from qaplatform.llm.retrying import Breaker
from qaplatform.llm.tokens import counter
from qaplatform.services.graded_scores import official_by_grading, score_with_grades
from qaplatform.services.grader_settings import GraderSettings
from qaplatform.services.grader_trust import trusted
from qaplatform.services.grading_memory import NO_RUBRIC, Account, StoreMemory
from qaplatform.services.grading_subjects import Subject
from qaplatform.services.question_grading import graded_question, suspicions
from qaplatform.store import grades
from qaplatform.store.engine import Store
from qaplatform.store.grades import NewGrade, NewGrading


class Asking:
    """One endpoint, ready to be asked about conversations by several threads."""

    def __init__(
        self, grader: Grader, memory: StoreMemory, budget: Budget, prompts: Prompts, endpoint: Endpoint
    ) -> None:
        self._grader, self._memory = grader, memory
        self.budget, self.prompts, self.endpoint = budget, prompts, endpoint

    def grade(self, subject: Subject) -> Graded:
        """Ask about a conversation; nothing but calls and their answers is written."""
        conversation = str(subject.conversation_id)
        prompts = {one.criterion_id: one.prompt.id for one in subject.questions}
        rubric = NO_RUBRIC if subject.advice.issuperset(prompts) else subject.rubric.id
        self._memory.begin(conversation, Account(rubric, prompts))
        try:
            return self._grader.grade(conversation, subject.words.said, subject.questions, language=subject.language)
        finally:
            self._memory.end(conversation)

    def foreseen(self, subject: Subject) -> Foreseen:
        """What :meth:`grade` would take now."""
        return self._grader.foreseen(subject.words.said, subject.questions, language=subject.language)


@contextmanager
def asking(
    store: Store,
    endpoint: Endpoint,
    settings: GraderSettings,
    budget: Budget,
    *,
    run_id: int | None,
    wait: Callable[[float], object],
    now: Callable[[], datetime],
) -> Iterator[Asking]:
    """Connections to an endpoint, closed at the end of the block; ``run_id=None`` makes no call."""
    prompts = shipped_prompts()
    memory = StoreMemory(store, run_id, endpoint, settings, now)
    manner = Manner(wait=wait, nonce=secrets.token_hex, breaker=Breaker(), questions_a_call=settings.questions_a_call)
    with Client(endpoint, trust_env=True) as client:
        grader = Grader(client, prompts, counter(endpoint.model), budget=budget, memory=memory, manner=manner)
        yield Asking(grader, memory, budget, prompts, endpoint)


def write_graded(
    session: Session, run_id: int, subject: Subject, graded: Graded, asking: Asking, *, now: datetime
) -> int:
    """Write what a model said of a conversation, with the score it makes; the grading's id."""
    new = _grades(session, subject, graded, asking)
    score = score_with_grades(
        subject.audit, subject.rubric, [one for one in new if one.criterion not in subject.advice]
    )
    signs = suspicions(graded.signs, subject.words.masked)
    id = grades.write_grading(
        session,
        NewGrading(
            run_id=run_id,
            conversation_id=subject.conversation_id,
            revision=subject.revision,
            audit_id=subject.audit_id,
            language=subject.language,
            score=score.score,
            scored_share=score.scored_share,
            verdict=score.verdict,
            failed_count=score.failed_count,
            most_change=score.most_change,
            counts=score.most_change > 0,
            signs=tuple((one.message, one.start, one.end, one.kind) for one in signs),
            text_hashes=graded.text_hashes,
            call_count=graded.calls,
            token_count=graded.spent.tokens,
            money_micros=graded.spent.money_micros,
            currency=asking.endpoint.currency,
            grades=new,
        ),
        now=now,
    )
    official_by_grading(session, subject.conversation_id)
    return id


def _grades(session: Session, subject: Subject, graded: Graded, asking: Asking) -> tuple[NewGrade, ...]:
    asked = {one.criterion_id: one for one in subject.questions}
    hashes = {id: question_hash(asking.prompts.frame, one, subject.language) for id, one in asked.items()}
    new = []
    for grade in graded.grades:
        id, model = grade.criterion_id, grade.model or asking.endpoint.model
        known_as = (asked[id].prompt.id, hashes[id])
        said = graded_question(grade, subject.words.masked)
        new.append(
            NewGrade(
                criterion=id,
                prompt=asked[id].prompt.id,
                question_hash=hashes[id],
                model=model,
                verdict=said.verdict,
                problem=said.problem or None,
                reason=said.reason,
                evidence=tuple((one.message, one.start, one.end) for one in said.evidence),
                part_count=said.parts,
                parts_read=said.parts_read,
                dropped_count=said.dropped_quotes,
                is_recalled=said.is_recalled,
                is_trusted=id not in subject.advice and known_as in trusted(session, [known_as], model),
            )
        )
    return tuple(new)
