"""Where does the conversation or the problem move to somebody else, and what was the customer told?

Why: whoever answers first owns the problem; if it must move, the customer hears to whom and why and does not
tell the story again. Source: D5 [H0, H2]; definitions of the labelling guideline.

Three things show it: what agents say (转接, 升级, 请您联系厂家), system lines of the kind transfer, and a change
of the human agent inside the chat. Announcement, system line and change that belong together are one transfer,
at the announcement. Who and why may be told by either agent: shortly before it, or in the first messages of
whoever takes over. Notes, which the customer never sees, tell nothing. A matter that is only passed on inside the
house, while the agent says that the answer will come from them, is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np

from qaplatform.audit.batch import Batch, Bools, Ints
from qaplatform.audit.clauses import Clauses, one_of
from qaplatform.audit.observing import ObserverParams, SeenTransfer
from qaplatform.audit.stretches import turn_of

Kind = Literal["handover", "escalation", "referral_away"]


_PARTIES = re.compile(
    "升级|专员|专人|主管|经理|部门|工作人员|工程师|技术|财务|仓库|售后|同事|热线|专线|客服|营业厅|厂家|商家|门店|快递|物流|平台"
).findall
"""Words for whoever takes over: a transfer told again names the same."""


class Params(ObserverParams, frozen=True):
    """Phrase groups, and how far around a transfer its announcement may stand."""

    handover: str = "transfer_handover"
    escalation: str = "transfer_escalation"
    away: str = "transfer_away"
    away_void: str = "transfer_away_void"
    void_before: str = "transfer_void_before"
    void_after: str = "promise_void_after"
    taken_up: str = "transfer_taken_up"
    agreed: str = "transfer_agreed"
    failed: str = "transfer_failed"
    failed_messages: int = 4
    """A handover that is said within so many further human messages not to have come about is none."""
    passed_on: str = "transfer_passed_on"
    stays: str = "transfer_stays"
    taken_over: str = "transfer_taken_over"
    who: str = "transfer_who"
    reason: str = "transfer_reason"
    announcing_messages: int = 3
    """So many human messages before a transfer may announce it."""
    void_reach_chars: int = 24
    """How far from the words, in the same clause, words that make them no transfer may stand."""
    tag_chars: int = 8
    """A question tag this soon behind the clause (…,可以吗) belongs to it."""
    taking_over_messages: int = 2
    """So many first human messages after it, up to the customer's next one, may explain it."""


@dataclass(frozen=True)
class _Words:
    """For each message whether it announces, escalates, and, near a transfer, says who or why."""

    spoken: Bools
    escalated: Bools
    who: Bools
    why: Bools


def observe(batch: Batch, params: Params) -> list[SeenTransfer]:
    """The transfers by row."""
    human = batch.is_human
    moved = moves(batch)
    spoken = batch.has(params.handover, params.escalation) & human
    away = batch.has(params.away) & human
    touched = batch.any_in_conversation(spoken | away)
    touched[batch.conversation[moved]] = True
    near = human & touched[batch.conversation]
    words = _Words(
        spoken=spoken,
        escalated=batch.has(params.escalation),
        who=batch.has(params.who, within=near),
        why=batch.has(params.reason, within=near),
    )
    out: dict[int, SeenTransfer] = {}
    used: set[int] = set()
    for move in moved.tolist():
        transfer = _moved(batch, move, words, params, used)
        out[transfer.row] = transfer
    told = _told(batch, np.flatnonzero(spoken), words, params)
    for transfer in told + _sent_away(batch, np.flatnonzero(away), words, params):
        if transfer.row not in used:
            out.setdefault(transfer.row, transfer)
    return [out[row] for row in sorted(out)]


def moves(batch: Batch) -> Ints:
    """System transfer lines, and first messages of another human agent with no such line since the last agent's."""
    lines = batch.is_transfer
    if not lines.any() and not batch.several_agents.any():
        return np.empty(0, np.int64)
    changes = np.zeros(len(batch.messages), np.bool_)
    candidates = batch.is_human & (batch.last_human >= 0) & batch.several_agents[batch.conversation]
    last_line = batch.last_of(lines)
    for row in np.flatnonzero(candidates).tolist():
        before = int(batch.last_human[row])
        here, there = batch.agent(row), batch.agent(before)
        changes[row] = here is not None and there is not None and here != there and last_line[row] < before
    return np.flatnonzero(lines | changes)


def _window(batch: Batch, move: int, params: Params) -> tuple[list[int], list[int]]:
    """The human messages just before a move, and the first ones from it on."""
    before: list[int] = []
    row = last = int(batch.last_human[move])
    while row >= 0 and len(before) < params.announcing_messages:
        if batch.is_transfer[row:move].any() or batch.agent(row) != batch.agent(last):
            break
        before.append(row)
        row = int(batch.last_human[row])
    after: list[int] = []
    row = move if batch.is_human[move] else int(batch.next_human[move])
    while row < batch.end_of[move] and len(after) < params.taking_over_messages:
        after.append(row)
        following = int(batch.next_human[row])
        row = following if following < batch.next_customer[row] else int(batch.end_of[move])
    return before, after


def _moved(batch: Batch, move: int, words: _Words, params: Params, used: set[int]) -> SeenTransfer:
    """A system line or change of agent, with what was told around it; announcements found are put into ``used``."""
    before, after = _window(batch, move, params)
    # Where a line shows the move, whom the last agent names in that turn is who takes over, whatever the verb.
    turn = int(batch.last_customer[move])
    announcing = [row for row in before if row not in used and (words.spoken[row] or (row > turn and words.who[row]))]
    used.update(announcing)
    used.update(row for row in after[:1] if words.spoken[row])
    telling = announcing + after
    who, why = bool(words.who[telling].any()), bool(words.why[telling].any())
    row = min(announcing) if announcing else move
    hits = batch.spans(row, params.handover, params.escalation, params.who) if announcing else ()
    start, end = (hits[0].start, hits[0].end) if hits else (0, len(batch.texts[row]))
    kind: Kind = "escalation" if words.escalated[announcing].any() else "handover"
    announced = bool(announcing) or who or why
    return SeenTransfer(row, start, end, kind, announced=announced, who_named=who, reason_given=why)


def _told(batch: Batch, rows: Ints, words: _Words, params: Params) -> list[SeenTransfer]:
    """Transfers that only an agent's words show, one a message."""
    if not rows.size:
        return []
    said = (params.handover, params.escalation)
    clauses = Clauses(batch, rows, (*said, params.void_before, params.void_after))
    last, _ = one_of([clauses.ends(group) for group in said])
    first, mark = clauses.bounds(last)
    void = clauses.ends(params.void_before).any_between(np.maximum(first, last - params.void_reach_chars), last)
    tag = np.minimum(mark + params.tag_chars, clauses.messages(last)[1])  # the next message may be another chat's
    asked = clauses.ends(params.void_after).any_between(last, tag)
    message = np.searchsorted(clauses.view.char_ends, last)
    void |= asked & ~_taken_up(batch, rows, params)[message]
    void |= (_stays(batch, rows, params) | _failed(batch, rows, params))[message]
    out: list[SeenTransfer] = []
    for local, low, high in _one_a_message(clauses, first[~void], last[~void]):
        row = int(rows[local])
        others = (int(batch.last_human[row]), int(batch.next_human[row]))
        near = [row, *(other for other in others if 0 <= other < batch.end_of[row])]
        kind: Kind = "escalation" if words.escalated[row] else "handover"
        if out and out[-1].kind == kind and _same_hands(batch, out[-1].row, row):
            continue  # the same one, told again
        told = {"who_named": bool(words.who[near].any()), "reason_given": bool(words.why[near].any())}
        out.append(SeenTransfer(row, *clauses.original(local, low, high + 1), kind, announced=True, **told))
    return out


def _taken_up(batch: Batch, rows: Ints, params: Params) -> Bools:
    """For each of ``rows`` whether it offers to call in somebody and the customer's next words agree."""
    following = batch.next_customer[rows]
    inside = following < batch.end_of[rows]
    within, answers = np.zeros((2, len(batch.messages)), np.bool_)
    within[rows] = True
    answers[following[inside]] = True
    agreed = np.zeros(len(rows), np.bool_)
    agreed[inside] = batch.has(params.agreed, within=answers)[following[inside]]
    return agreed & batch.has(params.taken_up, within=within)[rows]


def _stays(batch: Batch, rows: Ints, params: Params) -> Bools:
    """For each of ``rows`` whether only the matter is passed on, inside the house, and its turn says that the agent answers."""
    within = np.zeros(len(batch.messages), np.bool_)
    within[rows] = True
    passed = batch.has(params.passed_on, within=within)[rows]
    if not passed.any():
        return passed
    turns = turn_of(batch, rows)
    return passed & turns.any(params.stays) & ~turns.any(params.taken_over)


def _failed(batch: Batch, rows: Ints, params: Params) -> Bools:
    """For each of ``rows`` whether one of the agent's next messages says that the handover did not come about."""
    within = np.zeros(len(batch.messages), np.bool_)
    following = []
    row = rows
    for _ in range(params.failed_messages):
        row = batch.next_human[np.minimum(row, len(batch.messages) - 1)]
        inside = row < batch.end_of[rows]
        within[row[inside]] = True
        following.append((inside, row))
    failed = batch.has(params.failed, within=within)
    out = np.zeros(len(rows), np.bool_)
    for inside, row in following:
        out[inside] |= failed[row[inside]]
    return out


def _same_hands(batch: Batch, before: int, row: int) -> bool:
    """Whether two messages of one agent name one party, and nothing moved between them."""
    same = batch.conversation[before] == batch.conversation[row] and batch.agent(before) == batch.agent(row)
    if not same or batch.is_transfer[before:row].any():
        return False
    return not set(_PARTIES(batch.folded(before))).isdisjoint(_PARTIES(batch.folded(row)))


def _sent_away(batch: Batch, rows: Ints, words: _Words, params: Params) -> list[SeenTransfer]:
    """Customers told to turn to somebody else, one a message."""
    if not rows.size:
        return []
    clauses = Clauses(batch, rows, (params.away, params.away_void))
    last, _ = one_of([clauses.ends(params.away)])
    first, _ = clauses.bounds(last)
    void = clauses.ends(params.away_void).any_between(np.maximum(first, last - params.void_reach_chars), last)
    out: list[SeenTransfer] = []
    for local, low, high in _one_a_message(clauses, first[~void], last[~void]):
        row = int(rows[local])
        if out and _same_hands(batch, out[-1].row, row):
            continue  # the same one, told again
        span = clauses.original(local, low, high + 1)
        why = bool(words.why[row])
        out.append(SeenTransfer(row, *span, "referral_away", announced=True, who_named=True, reason_given=why))
    return out


def _one_a_message(clauses: Clauses, first: Ints, last: Ints) -> list[tuple[int, int, int]]:
    """Local message, first and last character of the first hit of each message."""
    local, index = np.unique(np.searchsorted(clauses.view.char_ends, last), return_index=True)
    return list(zip(local.tolist(), first[index].tolist(), last[index].tolist(), strict=True))
