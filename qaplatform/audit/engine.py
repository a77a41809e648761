"""The audit: conversations, a rubric and a context in; scorecards out. Pure functions, no state kept.

auditor = Auditor(rubric, context)
for scorecard in auditor.audit(conversations).scorecards(): ...
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from qaplatform.audit.audited import Audited
from qaplatform.audit.batch import Batch
from qaplatform.audit.checking import NOT_APPLICABLE, UNSCORED, Outcomes, checks
from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation
from qaplatform.audit.finding import Scorecard
from qaplatform.audit.hints import made_hint
from qaplatform.audit.matching import Matcher
from qaplatform.audit.observing import ObserverSet, SeenTopics
from qaplatform.audit.rubric import ConversationFacts, Criterion, Effective, Gate, Rubric
from qaplatform.audit.scoring import Scoring

_OPEN_GATE, _ALWAYS = Gate(), Effective()


class Auditor:
    """A rubric compiled for use; make one and keep it."""

    def __init__(self, rubric: Rubric, context: Context | None = None, *, matcher: Matcher | None = None) -> None:
        self.rubric = rubric
        self.context = context or Context()
        self.matcher = matcher or Matcher(rubric.phrases)
        self._observers = ObserverSet(rubric.observe)
        self._scoring = Scoring(rubric)

    def audit(self, conversations: Sequence[Conversation]) -> Audited:
        """Audit a batch; a batch of some thousand messages is fastest."""
        batch = Batch(conversations, self.matcher, self.context, self._observers)
        outcomes = [self._outcomes(batch, criterion) for criterion in self.rubric.criteria]
        return Audited(batch, self.rubric, self._scoring, outcomes)

    def audit_one(self, conversation: Conversation) -> Scorecard:
        """Audit one conversation: a batch of one."""
        return self.audit([conversation]).scorecard(0)

    def _outcomes(self, batch: Batch, criterion: Criterion) -> Outcomes:
        if criterion.kind == "check":
            check = checks()[criterion.check or criterion.id]
            outcomes = check.check(batch, criterion.params or check.params())
        else:
            reason = "needs_a_person" if criterion.kind == "manual" else "not_asked"
            everyone = range(len(batch))
            outcomes = Outcomes(np.full(len(batch), UNSCORED, np.int8), dict.fromkeys(everyone, reason))
        if criterion.when != _OPEN_GATE:
            _shut(outcomes, _refused(batch, criterion.when))
        if criterion.effective != _ALWAYS:
            _shut(outcomes, _out_of_force(batch, criterion.effective))
        if criterion.hint:
            made_hint(outcomes)
        return outcomes


def _shut(outcomes: Outcomes, refusals: Mapping[str, Sequence[int]]) -> None:
    """Where a condition refuses a conversation, its criterion does not apply."""
    for condition, indices in refusals.items():
        outcomes.outcome[indices] = NOT_APPLICABLE
        outcomes.reasons.update(dict.fromkeys(indices, f"gate:{condition}"))
        for index in outcomes.findings.keys() & set(indices):
            del outcomes.findings[index]


def _refused(batch: Batch, gate: Gate) -> Mapping[str, Sequence[int]]:
    """The conversations a gate refuses, by the name of the condition."""
    out: dict[str, list[int]] = {}
    topics: SeenTopics | None = batch.observe("topic") if gate.topic else None
    if topics is not None and structs.replace(gate, topic=()) == _OPEN_GATE:
        return {"topic": np.flatnonzero(_shut_paths(gate, topics.paths)[topics.topic]).tolist()}
    for index, conversation in enumerate(batch.conversations):
        topic = topics.paths[int(topics.topic[index])] if topics else ()
        refusal = gate.refusal(ConversationFacts.of(conversation, topic))
        if refusal is not None:
            out.setdefault(refusal, []).append(index)
    return out


@lru_cache(maxsize=64)
def _shut_paths(gate: Gate, paths: tuple[tuple[str, ...], ...]) -> NDArray[np.bool_]:
    """By topic, whether a gate of topics refuses it."""
    return np.asarray([gate.refusal(ConversationFacts(topic=path)) is not None for path in paths])


def _out_of_force(batch: Batch, effective: Effective) -> Mapping[str, Sequence[int]]:
    """The conversations of a day on which a criterion is not in force."""
    first = batch.first_in_conversation(~np.isnan(batch.seconds))
    out = []
    for index, row in enumerate(first.tolist()):
        if row >= 0:
            day = datetime.fromtimestamp(float(batch.seconds[row]), UTC).astimezone(batch.context.zone).date()
            if not effective.holds_on(day):
                out.append(index)
    return {"effective": out}
