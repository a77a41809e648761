"""Audit JSONL straight from the columns: the same lines as encoding every scorecard, some times faster.

What most conversations have in common (a criterion that passed, an observation nobody made) is encoded once and
looked up; only findings and observations that are there are encoded one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import repeat
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from qaplatform.audit.audited import Audited
from qaplatform.audit.checking import FAIL, OUTCOMES
from qaplatform.audit.observing import CLOSED
from qaplatform.audit.scoring import VERDICTS

_encode: Callable[[Any], bytes] = msgspec.json.Encoder().encode
_encode_lines: Callable[[Sequence[Any]], bytes] = msgspec.json.Encoder().encode_lines
_LINE = (
    b'{"id":%b,"rubric":%b,"score":%b,"scored_share":%b,"verdict":%b,"risk":%b,"priority":%b,"reasons":%b,'
    b'"criteria":[%b],"observations":%b}\n'
)
_PLAIN = (
    b'{"episodes":[],"blunt":[],"review_requests":[],"off_platform":[],"absolute":[],"promises":[],'
    b'"transfers":[],"closing_check":%b,"unanswered":[],"closed":%b,"topic":%b}'
)
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


def _all_json(values: Sequence[Any]) -> list[bytes]:
    """The JSON of each value; in one go, because no JSON has a line end inside."""
    try:
        return _encode_lines(values).split(b"\n")[:-1]
    except UnicodeEncodeError:
        return [_json(value) for value in values]


class LineWriter:
    """Encodes audited batches of one rubric; keeps what it has encoded before."""

    def __init__(self) -> None:
        self._heads: dict[tuple[int, int, str | None, float], bytes] = {}
        self._cells: dict[str | None, list[dict[int, bytes]]] = {}
        self._reasons: dict[str | None, int] = {None: 0}
        self._strings: dict[str | None, bytes] = {}
        self._paths: dict[tuple[tuple[str, ...], ...], list[bytes]] = {}

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
        batch, scores = audited.batch, audited.scores
        risk = batch.observe("risk")
        verdicts = [_json(verdict) for verdict in VERDICTS]
        columns = (
            _all_json([one.id for one in batch.conversations]),
            repeat(self._string(audited.rubric.name), len(batch)),
            _all_json(scores.score.tolist()),
            _all_json(scores.scored_share.tolist()),
            [verdicts[verdict] for verdict in scores.verdict.tolist()],
            _all_json(np.round(risk.risk, 4).tolist()),
            _all_json(np.round(risk.priority, 4).tolist()),
            _all_json(risk.reasons),
            self._criteria(audited),
            self._observations(audited),
        )
        return b"".join([_LINE % line for line in zip(*columns, strict=True)])

    def _criteria(self, audited: Audited) -> Iterator[bytes]:
        """The inside of ``criteria`` of every conversation.

        Without a finding a criterion's text depends on its outcome, its reason and the agent only.
        """
        failed = self._failed(audited)
        for index, (agent, row) in enumerate(zip(audited.batch.main_agent, self._codes(audited).tolist(), strict=True)):
            cells = self._cells.get(agent)
            if cells is None:
                if len(self._cells) > _MOST_AGENTS:
                    self._cells.clear()
                cells = self._cells[agent] = [{} for _ in row]
            parts = [cell.get(code) for cell, code in zip(cells, row, strict=True)]
            if None in parts:
                for column, part in enumerate(parts):
                    if part is None:
                        known = failed.get((index, column))
                        if known is None:
                            known = self._head(audited, index, column) + self._string(agent) + b',"findings":[]}'
                            cells[column][row[column]] = known
                        parts[column] = known
            yield b",".join(parts)  # type: ignore[arg-type]

    def _codes(self, audited: Audited) -> NDArray[np.int64]:
        """By conversation and criterion: the outcome, and the number of the reason times the number of outcomes.

        What failed is never kept: -1.
        """
        codes = audited.scores.outcome.astype(np.int64)
        failed = codes == FAIL
        for column, one in enumerate(audited.outcomes):
            if one.reasons:
                known = self._reasons
                numbers = [known.setdefault(reason, len(known)) for reason in one.reasons.values()]
                codes[list(one.reasons), column] += np.multiply(numbers, len(OUTCOMES))
        codes[failed] = -1
        return codes

    def _failed(self, audited: Audited) -> dict[tuple[int, int], bytes]:
        """What failed, by conversation and criterion."""
        cells = [(index, column) for index, column in np.argwhere(audited.scores.outcome == FAIL).tolist()]
        results = [audited.result(index, column) for index, column in cells]
        findings = _all_json([result.findings for result in results])
        return {
            cell: self._head(audited, *cell) + self._string(result.agent) + b',"findings":' + text + b"}"
            for cell, result, text in zip(cells, results, findings, strict=True)
        }

    def _head(self, audited: Audited, index: int, column: int) -> bytes:
        """A result's text up to its agent."""
        outcome = int(audited.scores.outcome[index, column])
        points = float(audited.scores.points[index, column])
        reason = audited.outcomes[column].reasons.get(index)
        key = (column, outcome, reason, points)
        head = self._heads.get(key)
        if head is None:
            head = self._heads[key] = b'{"id":%b,"outcome":%b,"reason":%b,"points":%b,"max_points":%b,"agent":' % (
                _json(audited.rubric.criteria[column].id),
                _json(OUTCOMES[outcome]),
                _json(reason),
                _json(round(points, 2)),
                _json(float(audited.max_points[column])),
            )
        return head

    def _observations(self, audited: Audited) -> Iterator[bytes]:
        """``observations`` of every conversation; those with nothing but an ending and a topic come from a table."""
        batch = audited.batch
        closing, topics = batch.observe("closing"), batch.observe("topic")
        busy = sorted(audited.observed)
        known = dict(zip(busy, _all_json([audited.observations(index) for index in busy]), strict=True))
        if topics.paths not in self._paths:
            self._paths = {topics.paths: _all_json(topics.paths)}
        paths = self._paths[topics.paths]
        closed = [_json(name) for name in CLOSED]
        check_rows = np.where(closing.check_row < 0, -1, closing.check_row - batch.begin[:-1]).tolist()
        for index, (check, state, topic) in enumerate(
            zip(check_rows, closing.closed.tolist(), topics.topic.tolist(), strict=True)
        ):
            yield known.get(index) or _PLAIN % (b"%d" % check if check >= 0 else b"null", closed[state], paths[topic])
