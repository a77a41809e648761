"""A batch after the audit: columns inside, scorecards or audit JSONL lines out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np

from qaplatform.audit.batch import Batch
from qaplatform.audit.checking import FAIL, OUTCOMES, Outcomes, Spot
from qaplatform.audit.finding import (
    CriterionResult,
    Episode,
    Finding,
    KindSpan,
    Observations,
    Promise,
    Scorecard,
    Span,
    Transfer,
)
from qaplatform.audit.observing import CLOSED, SeenClosing, SeenRisk, SeenTopics
from qaplatform.audit.rubric import Rubric
from qaplatform.audit.scoring import VERDICTS, Scores, Scoring


class Audited:
    """The audit of a batch."""

    def __init__(self, batch: Batch, rubric: Rubric, scoring: Scoring, outcomes: Sequence[Outcomes]) -> None:
        self.batch = batch
        self.rubric = rubric
        self._criteria = rubric.criteria
        self.outcomes = outcomes
        self.max_points = scoring.max_points
        self.scores: Scores = scoring.score(outcomes)

    def __len__(self) -> int:
        """How many conversations."""
        return len(self.batch)

    def scorecards(self) -> Iterator[Scorecard]:
        """Every conversation's scorecard, in input order."""
        for index in range(len(self)):
            yield self.scorecard(index)

    def scorecard(self, index: int) -> Scorecard:
        """One conversation's scorecard."""
        scores = self.scores
        score = float(scores.score[index])
        risk: SeenRisk = self.batch.observe("risk")
        return Scorecard(
            id=self.batch.conversations[index].id,
            rubric=self.rubric.name,
            score=None if np.isnan(score) else score,
            scored_share=float(scores.scored_share[index]),
            verdict=VERDICTS[int(scores.verdict[index])],
            risk=round(float(risk.risk[index]), 4),
            priority=round(float(risk.priority[index]), 4),
            reasons=risk.reasons[index],
            criteria=tuple(self.result(index, column) for column in range(len(self.outcomes))),
            observations=self.observations(index),
        )

    def result(self, index: int, column: int) -> CriterionResult:
        """One criterion of one conversation."""
        one = self.outcomes[column]
        outcome = int(one.outcome[index])
        shown = outcome == FAIL or self._criteria[column].hint
        findings = tuple(self._finding(index, spot) for spot in one.findings.get(index, ())) if shown else ()
        agent = self.batch.main_agent[index]
        if findings:
            agent = self._agent_of(one.findings[index][0].row) or agent
        return CriterionResult(
            id=self._criteria[column].id,
            outcome=OUTCOMES[outcome],  # type: ignore[arg-type]
            reason=one.reasons.get(index),
            points=round(float(self.scores.points[index, column]), 2),
            max_points=float(self.max_points[column]),
            agent=agent,
            findings=findings,
        )

    def _agent_of(self, row: int) -> str | None:
        """Whose a finding is: who wrote the message, else who answered last before it, else who comes next."""
        batch = self.batch
        if batch.is_human[row]:
            return batch.agent(row)
        before = int(batch.last_human[row])
        if before >= 0:
            return batch.agent(before)
        after = int(batch.next_human[row])
        return batch.agent(after) if after < batch.end_of[row] else None

    def _finding(self, index: int, spot: Spot) -> Finding:
        batch = self.batch
        number, text = batch.number(spot.row), batch.texts[spot.row]
        base = (number, spot.start, spot.end, text[spot.start : spot.end], spot.code, spot.facts)
        if batch.several_agents[index]:
            return Finding(*base, agent=self._agent_of(spot.row))
        return Finding(*base)

    @cached_property
    def _rows(self) -> dict[str, dict[int, list[Any]]]:
        """Observations of the list kind, by conversation."""
        out: dict[str, dict[int, list[Any]]] = {}
        for name in ("episodes", "blunt", "review_requests", "off_platform", "absolute", "promises", "transfers"):
            by_index: dict[int, list[Any]] = out.setdefault(name, {})
            for seen in self.batch.observe(name):
                by_index.setdefault(int(self.batch.conversation[seen.row]), []).append(seen)
        unanswered: dict[int, list[Any]] = out.setdefault("unanswered", {})
        for row in self.batch.observe("unanswered").tolist():
            unanswered.setdefault(int(self.batch.conversation[row]), []).append(row)
        return out

    @cached_property
    def observed(self) -> frozenset[int]:
        """Conversations in which anything but an ending and a topic was observed."""
        return frozenset(index for by_index in self._rows.values() for index in by_index)

    def observations(self, index: int) -> Observations:
        """What was seen in one conversation."""
        batch, rows = self.batch, self._rows
        number = batch.number
        closing: SeenClosing = batch.observe("closing")
        topics: SeenTopics = batch.observe("topic")
        check_row = int(closing.check_row[index])
        return Observations(
            episodes=tuple(
                Episode(number(one.row), one.kind, one.verdict, None if one.at is None else number(one.at))
                for one in rows["episodes"].get(index, ())
            ),
            blunt=tuple(KindSpan(number(s.row), s.start, s.end, s.kind) for s in rows["blunt"].get(index, ())),
            review_requests=tuple(
                KindSpan(number(s.row), s.start, s.end, s.kind) for s in rows["review_requests"].get(index, ())
            ),
            off_platform=tuple(Span(number(s.row), s.start, s.end) for s in rows["off_platform"].get(index, ())),
            absolute=tuple(Span(number(s.row), s.start, s.end) for s in rows["absolute"].get(index, ())),
            promises=tuple(
                Promise(number(p.row), p.start, p.end, p.concrete, self._iso(p.due), p.kept)
                for p in rows["promises"].get(index, ())
            ),
            transfers=tuple(
                Transfer(number(t.row), t.kind, t.announced, t.who_named, t.reason_given)
                for t in rows["transfers"].get(index, ())
            ),
            closing_check=None if check_row < 0 else number(check_row),
            unanswered=tuple(number(row) for row in rows["unanswered"].get(index, ())),
            closed=CLOSED[int(closing.closed[index])],  # type: ignore[arg-type]
            topic=topics.paths[int(topics.topic[index])],
        )

    def _iso(self, seconds: float) -> str | None:
        if np.isnan(seconds):
            return None
        return datetime.fromtimestamp(seconds, self.batch.context.zone).isoformat()
