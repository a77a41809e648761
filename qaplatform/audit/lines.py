"""Audit JSONL straight from the columns: the same lines as encoding every scorecard, some times faster.

What most conversations have in common (a criterion that passed, an observation nobody made) is encoded once and
looked up; only findings and observations that are there are encoded one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from qaplatform.audit.audited import Audited
from qaplatform.audit.checking import FAIL, OUTCOMES
from qaplatform.audit.observing import CLOSED
from qaplatform.audit.scoring import VERDICTS

_encode: Callable[[Any], bytes] = msgspec.json.Encoder().encode
_LINE = (
    b'{"id":%b,"rubric":%b,"score":%b,"scored_share":%b,"verdict":%b,"risk":%b,"priority":%b,"reasons":%b,'
    b'"criteria":[%b],"observations":%b}\n'
)
_NO_FINDINGS = b',"findings":[]}'
_MOST_AGENTS = 2_000
"""Agents whose results are kept; beyond, all are made anew."""


def without_surrogates(value: Any) -> Any:
    """JSON values with every half character (lone surrogate), which UTF-8 cannot hold, turned into ``�``."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {without_surrogates(key): without_surrogates(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_surrogates(item) for item in value]
    return value


def _json(value: Any) -> bytes:
    try:
        return _encode(value)
    except UnicodeEncodeError:
        return _encode(without_surrogates(msgspec.to_builtins(value)))


def _number(value: float) -> bytes:
    return _json(float(value))


class LineWriter:
    """Encodes audited batches of one rubric; keeps what it has encoded before."""

    def __init__(self) -> None:
        self._heads: dict[tuple[int, int, str | None, float], bytes] = {}
        self._cells: dict[str | None, list[dict[int, bytes]]] = {}
        self._reasons: dict[str | None, int] = {None: 0}
        self._strings: dict[str | None, bytes] = {}

    def _string(self, text: str | None) -> bytes:
        """A short string that comes again and again (agents, rubrics)."""
        known = self._strings.get(text)
        if known is None:
            if len(self._strings) > 10_000:
                self._strings.clear()
            known = self._strings[text] = _json(text)
        return known

    def lines(self, audited: Audited) -> bytes:
        """One line a conversation, each with its line end."""
        return b"".join(self._lines(audited))

    def _lines(self, audited: Audited) -> Iterator[bytes]:
        batch, scores = audited.batch, audited.scores
        risk = batch.observe("risk")
        rubric = self._string(audited.rubric.name)
        criteria = self._criteria(audited)
        observations = self._observations(audited)
        score_text = {value: _number(value) for value in np.unique(scores.score[~np.isnan(scores.score)]).tolist()}
        share_text = {value: _number(value) for value in np.unique(scores.scored_share).tolist()}
        verdicts = [_json(verdict) for verdict in VERDICTS]
        for index, (one, score, share, verdict, danger, priority) in enumerate(
            zip(
                batch.conversations,
                scores.score.tolist(),
                scores.scored_share.tolist(),
                scores.verdict.tolist(),
                np.round(risk.risk, 4).tolist(),
                np.round(risk.priority, 4).tolist(),
                strict=True,
            )
        ):
            yield _LINE % (
                _json(one.id),
                rubric,
                score_text.get(score, b"null"),
                share_text[share],
                verdicts[verdict],
                _number(danger),
                _number(priority),
                _json(risk.reasons[index]),
                next(criteria),
                next(observations),
            )

    def _criteria(self, audited: Audited) -> Iterator[bytes]:
        """The inside of ``criteria`` of every conversation.

        Without a finding a criterion's text depends on its outcome, its reason and the agent only.
        """
        outcomes, scores = audited.outcomes, audited.scores
        failed = (scores.outcome == FAIL).any(axis=1).tolist()
        codes = self._codes(audited).tolist()
        for index, (agent, row, fails) in enumerate(zip(audited.batch.main_agent, codes, failed, strict=True)):
            cells = self._cells.get(agent)
            if cells is None:
                if len(self._cells) > _MOST_AGENTS:
                    self._cells.clear()
                cells = self._cells[agent] = [{} for _ in outcomes]
            parts = [cell.get(code) for cell, code in zip(cells, row, strict=True)]
            if fails or None in parts:
                for column, part in enumerate(parts):
                    if part is None:
                        parts[column] = self._result(audited, index, column, agent)
                        if row[column] % len(OUTCOMES) != FAIL:
                            cells[column][row[column]] = parts[column]
            yield b",".join(parts)  # type: ignore[arg-type]

    def _codes(self, audited: Audited) -> NDArray[np.int64]:
        """By conversation and criterion: the outcome, and the number of the reason times the number of outcomes."""
        codes = audited.scores.outcome.astype(np.int64)
        for column, one in enumerate(audited.outcomes):
            if one.reasons:
                known = self._reasons
                numbers = [known.setdefault(reason, len(known)) for reason in one.reasons.values()]
                codes[list(one.reasons), column] += np.multiply(numbers, len(OUTCOMES))
        return codes

    def _result(self, audited: Audited, index: int, column: int, agent: str | None) -> bytes:
        one = audited.outcomes[column]
        outcome = int(audited.scores.outcome[index, column])
        points = float(audited.scores.points[index, column])
        reason = one.reasons.get(index)
        key = (column, outcome, reason, points)
        head = self._heads.get(key)
        if head is None:
            head = self._heads[key] = b'{"id":%b,"outcome":%b,"reason":%b,"points":%b,"max_points":%b,"agent":' % (
                _json(audited.rubric.criteria[column].id),
                _json(OUTCOMES[outcome]),
                _json(reason),
                _number(round(points, 2)),
                _number(audited.max_points[column]),
            )
        spots = one.findings.get(index) if outcome == FAIL else None
        if not spots:
            return head + self._string(agent) + _NO_FINDINGS
        result = audited.result(index, column)
        return head + self._string(result.agent) + b',"findings":' + _json(result.findings) + b"}"

    def _observations(self, audited: Audited) -> Iterator[bytes]:
        """``observations`` of every conversation; those with nothing but an ending and a topic come from a table."""
        batch = audited.batch
        closing, topics = batch.observe("closing"), batch.observe("topic")
        busy = audited.observed
        paths = [_json(path) for path in topics.paths]
        closed = [_json(name) for name in CLOSED]
        check_rows = np.where(closing.check_row < 0, -1, closing.check_row - batch.begin[:-1]).tolist()
        for index, (check, state, topic) in enumerate(
            zip(check_rows, closing.closed.tolist(), topics.topic.tolist(), strict=True)
        ):
            if index in busy:
                yield _json(audited.observations(index))
            else:
                yield (
                    b'{"episodes":[],"blunt":[],"review_requests":[],"off_platform":[],"absolute":[],"promises":[],'
                    b'"transfers":[],"closing_check":%b,"unanswered":[],"closed":%b,"topic":%b}'
                ) % (b"%d" % check if check >= 0 else b"null", closed[state], paths[topic])
