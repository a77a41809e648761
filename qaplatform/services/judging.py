"""Audits as they are stored: conversations with their contexts in, values of rows out.

Conversations are gathered into as few batches as their rubrics and contexts allow; what one of them gets never depends on
the batch it was in.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import msgspec

from qaplatform import __version__
from qaplatform.audit.audited import Audited
from qaplatform.audit.checking import FAIL, NOT_APPLICABLE, OUTCOMES
from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation
from qaplatform.audit.scoring import VERDICTS
from qaplatform.services.auditing import batches
from qaplatform.services.contexts import DayContext, together
from qaplatform.services.matcher_cache import compiled_auditor
from qaplatform.services.pool_process import belong_to_parent
from qaplatform.services.risk_in_force import HeldModel, learned_of
from qaplatform.services.rubric_books import rubric_in
from qaplatform.services.rubrics import RubricInForce, rubrics_in_force
from qaplatform.store.findings import Audit, AuditKey, Learned, Place, Result

ENGINE_VERSION = __version__
"""Raised with every change after which the same conversation may get another score."""

_json: Callable[[Any], bytes] = msgspec.json.Encoder().encode
_packed: Callable[[Any], bytes] = msgspec.msgpack.Encoder().encode
_unpacked = msgspec.msgpack.Decoder(list[Audit]).decode
_conversations = msgspec.msgpack.Decoder(list[Conversation]).decode


@dataclass(frozen=True, slots=True)
class ToJudge:
    """A conversation in which agents stand by their codes and the shop by its own, with its context."""

    conversation: Conversation
    context: DayContext
    rubric: RubricInForce | None
    """What judges it; ``None`` where no rubric applies."""
    model: HeldModel | None = None
    """The learned risk of the agent's team, where there is one."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """Conversations that one auditor takes at once; ``places`` are theirs among all."""

    rubric: RubricInForce
    context: Context
    places: Sequence[int]
    conversations: Sequence[Conversation]
    contexts: Sequence[str]
    """Their own contexts' hashes."""
    models: Sequence[HeldModel | None]
    """Learned risks, by conversation."""


Judged = Callable[[], list[Audit | None]]
"""Gives the audits, waiting for them where they are made elsewhere; ``None`` where no rubric applies."""


class Judge:
    """Audits conversations, in this process or in several others."""

    def __init__(self, workers: int = 1) -> None:
        self.workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        if self.workers > 1:
            self._pool = ProcessPoolExecutor(
                self.workers, mp_context=multiprocessing.get_context("spawn"), initializer=belong_to_parent
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def begin(self, cases: Sequence[ToJudge], *, as_of: datetime) -> Judged:
        """Begin with some conversations; ``as_of`` is the moment of judging."""
        several = list(_batches(cases, as_of))
        if self._pool is None:
            done = [(one, _audits(one)) for one in several]
            return lambda: _in_order(len(cases), done)
        futures = [(one, self._pool.submit(_elsewhere, *_sent(one))) for one in several]
        return lambda: _in_order(len(cases), [(one, _unpacked(future.result())) for one, future in futures])


def key_of(rubric: RubricInForce | None, context: DayContext) -> AuditKey | None:
    """By what a conversation's audit would be known; ``None`` where no rubric applies."""
    return None if rubric is None else AuditKey(rubric.rubric.content_hash, context.content_hash, ENGINE_VERSION)


def _batches(cases: Sequence[ToJudge], as_of: datetime) -> Iterator[_Batch]:
    groups: dict[tuple[str, bytes], list[int]] = {}
    rubrics: dict[str, RubricInForce] = {}
    for place, case in enumerate(cases):
        if case.rubric is not None:
            content = case.rubric.rubric.content_hash
            rubrics.setdefault(content, case.rubric)
            groups.setdefault((content, case.context.common), []).append(place)
    for (content, _), places in groups.items():
        context = together(list({id(cases[place].context): cases[place].context for place in places}.values()), as_of)
        begin = 0
        for some in batches([cases[place].conversation for place in places]):
            mine = places[begin : begin + len(some)]
            begin += len(some)
            hashes = [cases[place].context.content_hash for place in mine]
            models = [cases[place].model for place in mine]
            yield _Batch(rubrics[content], context, mine, some, hashes, models)


def _in_order(count: int, done: Sequence[tuple[_Batch, list[Audit]]]) -> list[Audit | None]:
    out: list[Audit | None] = [None] * count
    for batch, audits in done:
        for place, audit in zip(batch.places, audits, strict=True):
            out[place] = audit
    return out


@dataclass(frozen=True, slots=True)
class _Named:
    """A rubric on its way to another process: its files, unless it is a shipped one."""

    content_hash: str
    code: str
    files: Mapping[str, str] | None


def _sent(one: _Batch) -> tuple[_Named, Context, bytes, Sequence[str], Sequence[HeldModel | None]]:
    rubric = one.rubric
    files = None if any(one is rubric for one in rubrics_in_force()) else rubric.files
    named = _Named(rubric.rubric.content_hash, rubric.rubric.id, files)
    return named, one.context, _packed(one.conversations), one.contexts, one.models


def _elsewhere(
    named: _Named, context: Context, conversations: bytes, contexts: Sequence[str], models: Sequence[HeldModel | None]
) -> bytes:
    decoded = _conversations(conversations)
    return _packed(_audits(_Batch(_arrived(named), context, range(len(decoded)), decoded, contexts, models)))


_read: dict[str, RubricInForce] = {}


def _arrived(named: _Named) -> RubricInForce:
    """A rubric as another process named it; each is read once."""
    if named.files is None:
        return next(one for one in rubrics_in_force() if one.rubric.content_hash == named.content_hash)
    if named.content_hash not in _read:
        _read[named.content_hash] = RubricInForce(rubric_in(named.code, named.files), named.files)
    return _read[named.content_hash]


def _audits(one: _Batch) -> list[Audit]:
    audited = _audited(one)
    return list(_values(audited, one.contexts, learned_of(audited, one.models)))


def _audited(one: _Batch) -> Audited:
    return compiled_auditor(one.rubric.rubric, one.context).audit(one.conversations)


def audited_batches(cases: Sequence[ToJudge], *, as_of: datetime) -> Iterator[tuple[Sequence[int], Audited]]:
    """Conversations audited as they would be judged now, batch by batch, with their places among the cases.

    Those to which no rubric applies are left out.
    """
    for one in _batches(cases, as_of):
        yield one.places, _audited(one)


def learned_in_order(cases: Sequence[ToJudge], *, as_of: datetime) -> list[Learned | None]:
    """What learned risks say of conversations as they would be judged now."""
    out: list[Learned | None] = [None] * len(cases)
    for one in _batches(cases, as_of):
        for place, learned in zip(one.places, learned_of(_audited(one), one.models), strict=True):
            out[place] = learned
    return out


def _values(
    audited: Audited, contexts: Sequence[str], learned: Sequence[Learned | None]
) -> Iterator[Audit]:  # fmt: skip
    scores, batch = audited.scores, audited.batch
    risk, topics = batch.observe("risk"), batch.observe("topic")
    results = _Results(audited)
    columns = zip(
        contexts, scores.score.tolist(), scores.scored_share.tolist(), scores.verdict.tolist(), risk.risk.tolist(),
        risk.priority.tolist(), topics.topic.tolist(), strict=True,
    )  # fmt: skip
    for index, (context, score, share, verdict, at_risk, priority, topic) in enumerate(columns):
        mine, places, failed = results.of(index)
        path = topics.paths[topic]
        yield Audit(
            rubric=audited.rubric.content_hash,
            context=context,
            engine=ENGINE_VERSION,
            score=None if score != score else score,  # noqa: PLR0124  NaN is no score
            scored_share=share,
            verdict=VERDICTS[verdict],
            risk=round(at_risk, 4),
            priority=round(priority, 4),
            topic=path[0] if path else None,
            failed_count=failed,
            reasons=_json(risk.reasons[index]).decode(),
            observations=_json(audited.observations(index)).decode(),
            results=mine,
            findings=places,
            learned=learned[index],
        )


class _Results:
    """The criteria of a batch as rows; what passed is the same row for all that have it in common."""

    def __init__(self, audited: Audited) -> None:
        self._audited = audited
        self._outcomes: list[list[int]] = audited.scores.outcome.tolist()
        self._points: list[list[float]] = audited.scores.points.tolist()
        self._ids = [one.id for one in audited.rubric.criteria]
        self._hints = [one.hint for one in audited.rubric.criteria]
        self._max_points: list[float] = audited.max_points.tolist()
        self._known: dict[tuple[int, int, str | None, float, str | None], Result] = {}

    def of(self, index: int) -> tuple[tuple[Result, ...], tuple[Place, ...], int]:
        """A conversation's criteria that apply, its findings, and how many criteria failed."""
        results: list[Result] = []
        places: list[Place] = []
        failed = 0
        agent = self._audited.batch.main_agent[index]
        for column, (outcome, points) in enumerate(zip(self._outcomes[index], self._points[index], strict=True)):
            if outcome == NOT_APPLICABLE:
                continue
            failed += outcome == FAIL
            if outcome == FAIL or (self._hints[column] and index in self._audited.outcomes[column].findings):
                results.append(self._with_findings(index, column, places))
                continue
            key = (column, outcome, self._audited.outcomes[column].reasons.get(index), points, agent)
            known = self._known.get(key)
            if known is None:
                known = self._known[key] = self._result(*key)
            results.append(known)
        return tuple(results), tuple(places), failed

    def _result(self, column: int, outcome: int, reason: str | None, points: float, agent: str | None) -> Result:
        return Result(self._ids[column], OUTCOMES[outcome], reason, round(points, 2), self._max_points[column], agent)

    def _with_findings(self, index: int, column: int, places: list[Place]) -> Result:
        one = self._audited.result(index, column)
        places += [
            Place(one.id, place, it.message, it.start, it.end, it.code, _json(it.facts).decode())
            for place, it in enumerate(one.findings)
        ]
        return Result(one.id, one.outcome, one.reason, one.points, one.max_points, one.agent)
