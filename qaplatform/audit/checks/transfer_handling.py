"""Was every transfer announced to the customer, with who takes over and why?

Why: whoever answers first owns the problem; a customer passed on in silence tells everything again.
Source: D5 [H0, H2]; a misrouted conversation is passed on with a reason [H2].

Faults: nobody named (name or role), no reason given, three transfers in one chat, and a customer sent
elsewhere with a problem the shop owns. Either agent may announce; a note does not. Where the customer asked
for somebody else, that is reason enough. Sent elsewhere is fine with what the shop cannot own (a bank limit,
a platform account, another shop's goods), where the customer asked for the contact, or where the agent stays
on it as well.

Fires:
    customer 10:00:05 锁打不开
    agent    10:00:30 稍等
    system   10:01:00 transfer 小王 → 小李
    agent:a2 10:01:30 在的亲,请讲

Silent:
    customer 10:00:05 锁打不开
    agent    10:00:30 这个得懂锁的技师看,我请小李来跟您说
    system   10:01:00 transfer 小王 → 小李
    agent:a2 10:01:30 我是技师小李,您拍个视频
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qaplatform.audit.batch import Batch, Bools
from qaplatform.audit.checking import CheckParams, Outcomes, Spot, judge
from qaplatform.audit.observers.transfers import moves
from qaplatform.audit.observing import SeenTransfer

CODES = ("unannounced", "nobody_named", "no_reason", "ping_pong", "sent_away")


class Params(CheckParams, frozen=True):
    """What counts as asked for, and how many transfers are too many."""

    asked: str = "transfer_asked"
    asked_messages: int = 4
    """So many messages before a transfer the customer may have asked for somebody else."""
    contact_asked: str = "transfer_contact_asked"
    not_ours: str = "transfer_not_ours"
    kept: str = "transfer_kept"
    nearby_messages: int = 4
    """So many messages up to a referral may say what it is about."""
    most_transfers: int = 2


@dataclass(frozen=True)
class _Words:
    """For each message near a transfer what excuses it: see the parameters of the same names."""

    asked: Bools
    contact_asked: Bools
    not_ours: Bools
    kept: Bools


def check(batch: Batch, params: Params) -> Outcomes:
    """Fail by transfer; not applicable where nothing moves."""
    by_conversation: dict[int, list[SeenTransfer]] = {}
    for transfer in batch.observe("transfers"):
        by_conversation.setdefault(int(batch.conversation[transfer.row]), []).append(transfer)
    applies = np.zeros(len(batch), np.bool_)
    applies[list(by_conversation)] = True
    near = applies[batch.conversation]
    words = _Words(
        asked=batch.has(params.asked, within=near & batch.is_customer),
        contact_asked=batch.has(params.contact_asked, within=near & batch.is_customer),
        not_ours=batch.has(params.not_ours, within=near),
        kept=batch.has(params.kept, within=near & batch.is_human),
    )
    moved = np.bincount(batch.conversation[moves(batch)], minlength=len(batch))
    findings: list[Spot] = []
    for index, transfers in by_conversation.items():
        for transfer in transfers:
            code = _fault(batch, transfer, words, params)
            if code:
                findings.append(Spot(transfer.row, transfer.start, transfer.end, code))
        if moved[index] > params.most_transfers:
            last = [one for one in transfers if one.kind != "referral_away"][-1]
            findings.append(Spot(last.row, last.start, last.end, "ping_pong", {"transfers": int(moved[index])}))
    return judge(batch, findings, applies=applies)


def _fault(batch: Batch, transfer: SeenTransfer, words: _Words, params: Params) -> str:
    """The code of what is wrong with a transfer, ``""`` where nothing is."""
    if transfer.kind == "referral_away":
        return "" if _rightly_sent(batch, transfer.row, words, params) else "sent_away"
    low = max(int(batch.begin[batch.conversation[transfer.row]]), transfer.row - params.asked_messages)
    if words.asked[low : transfer.row].any():
        return ""
    if not transfer.announced:
        return "unannounced"
    if not transfer.who_named:
        return "nobody_named"
    return "" if transfer.reason_given else "no_reason"


def _rightly_sent(batch: Batch, row: int, words: _Words, params: Params) -> bool:
    """Whether a referral leaves no problem of the shop behind."""
    begin, end = int(batch.begin[batch.conversation[row]]), int(batch.end_of[row])
    low = max(begin, row - params.nearby_messages)
    if words.not_ours[low : row + 1].any() or (words.contact_asked | words.asked)[low:row].any():
        return True
    return bool(words.kept[low : min(end, int(batch.next_customer[row]) + 1)].any())
