"""The audit: conversations, a rubric and a context in; scorecards out. Pure functions, no state kept.

auditor = Auditor(rubric, context)
for scorecard in auditor.audit(conversations).scorecards(): ...
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from qaplatform.audit.audited import Audited
from qaplatform.audit.batch import Batch
from qaplatform.audit.checking import NOT_APPLICABLE, UNSCORED, Outcomes, checks
from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation
from qaplatform.audit.finding import Scorecard
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
        if criterion.when != _OPEN_GATE or criterion.effective != _ALWAYS:
            self._shut_gates(batch, criterion, outcomes)
        return outcomes

    def _shut_gates(self, batch: Batch, criterion: Criterion, outcomes: Outcomes) -> None:
        """Where the criterion's gate is shut or it is not in force, it does not apply."""
        topics: SeenTopics | None = batch.observe("topic") if criterion.when.topic else None
        for index, conversation in enumerate(batch.conversations):
            topic = topics.paths[int(topics.topic[index])] if topics else ()
            refusal = criterion.when.refusal(ConversationFacts.of(conversation, topic))
            if refusal is None and criterion.effective != _ALWAYS:
                begin = batch.seconds[batch.begin[index] : batch.begin[index + 1]]
                known = begin[~np.isnan(begin)]
                if known.size:
                    day = datetime.fromtimestamp(float(known[0]), UTC).astimezone(self.context.zone).date()
                    refusal = None if criterion.effective.holds_on(day) else "effective"
            if refusal is not None:
                outcomes.outcome[index] = NOT_APPLICABLE
                outcomes.reasons[index] = f"gate:{refusal}"
                outcomes.findings.pop(index, None)
