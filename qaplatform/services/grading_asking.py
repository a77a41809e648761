"""Asking about one stored conversation: the calls, the verdicts, what they do to its score, and writing it all down."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy.orm import Session

from qaplatform.audit.graded import Graded as Answer
from qaplatform.audit.graded import GradedScore, graded_score
from qaplatform.audit.ruling import Judged
from qaplatform.llm.asking import question_hash
from qaplatform.llm.budget import Budget
from qaplatform.llm.calling import Client
from qaplatform.llm.endpoint import Endpoint
from qaplatform.llm.grading import Foreseen, Graded, Grader, Manner
from qaplatform.llm.prompt import Prompts
from qaplatform.llm.prompts import shipped_prompts
from qaplatform.llm.retrying import Breaker
from qaplatform.llm.tokens import counter
from qaplatform.services.grader_settings import GraderSettings
from qaplatform.services.grader_trust import trusted
from qaplatform.services.grading_memory import NO_RUBRIC, Account, StoreMemory
from qaplatform.services.grading_subjects import Subject
from qaplatform.services.question_grading import GradedQuestion, graded_question, suspicions
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
    found = {one.criterion_id: one for one in graded.grades}
    hashes = {one.criterion_id: question_hash(asking.prompts.frame, one, subject.language) for one in subject.questions}
    prompts = {one.criterion_id: one.prompt.id for one in subject.questions}
    models = {id: one.model or asking.endpoint.model for id, one in found.items()}
    counting: set[str] = set()
    for model in dict.fromkeys(models.values()):
        ids = [id for id in found if models[id] == model and id not in subject.advice]
        known = trusted(session, [(prompts[id], hashes[id]) for id in ids], model)
        counting |= {id for id in ids if (prompts[id], hashes[id]) in known}
    answers = {id: graded_question(one, subject.words.masked) for id, one in found.items()}
    score = score_with(subject, answers.values(), counting)
    new = NewGrading(
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
        signs=tuple(
            (one.message, one.start, one.end, one.kind) for one in suspicions(graded.signs, subject.words.masked)
        ),
        text_hashes=graded.text_hashes,
        call_count=graded.calls,
        token_count=graded.spent.tokens,
        money_micros=graded.spent.money_micros,
        currency=asking.endpoint.currency,
        grades=tuple(
            NewGrade(
                criterion=id,
                prompt=prompts[id],
                question_hash=hashes[id],
                model=models[id],
                verdict=one.verdict,
                problem=one.problem or None,
                reason=one.reason,
                evidence=tuple((quote.message, quote.start, quote.end) for quote in one.evidence),
                part_count=one.parts,
                parts_read=one.parts_read,
                dropped_count=one.dropped_quotes,
                is_recalled=one.is_recalled,
                is_trusted=id in counting,
            )
            for id, one in answers.items()
        ),
    )
    return grades.write_grading(session, new, now=now)


def score_with(subject: Subject, answers: Iterable[GradedQuestion], counting: set[str]) -> GradedScore:
    """The machine's score with the answers that count."""
    found = Counter(criterion for criterion, _ in subject.audit.findings)
    judged = [
        Judged(criterion, outcome, points, most, found[criterion])  # type: ignore[arg-type]  # as it was written
        for criterion, outcome, points, most in subject.audit.results
    ]
    said = {
        one.criterion: Answer(one.criterion, one.verdict, one.problem or None, one.criterion in counting)  # type: ignore[arg-type]
        for one in answers
        if one.criterion not in subject.advice
    }
    return graded_score(subject.rubric, judged, said)
