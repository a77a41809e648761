"""Is the return address that the customer is given one of the shop's?

Why: a parcel sent to a wrong house is lost, and the customer's money with it. Source: D9 [H4]; the list is the
context's (``return_addresses``) or the conversation's own (``meta.return_addresses``).

Addresses are read part by part (see ``addresses``) over all messages of a reply turn: what is left out is fine, what
contradicts is wrong. Pick-up points, warnings (千万别寄…) and the customer's own address are none. A wrong address that
the customer proposes and the shop confirms counts, one put right at once does not. Where no list is known the outcome
is unscored.

Fires:
    # conversation: {return_addresses: [浙江省杭州市余杭区梧桐路18号]}
    customer 10:00:00 退货寄哪
    agent    10:00:20 杭州市余杭区不存在路999号
Silent:
    customer 10:00:00 快递放哪了
    agent    10:00:20 放在您小区旁的驿站,柳江北路109号
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qaplatform.audit.addresses import Address, agrees, contradicts, parse
from qaplatform.audit.batch import Batch, Bools
from qaplatform.audit.checking import CheckParams, Outcomes, Spot, judge

CODES = ("wrong_address",)

_CLAUSE = re.compile(r"[^,.!?;,。!?;、\n]+")
_CLOSED = re.compile(r"(?<=\d)[.,](?=\d)")


class Params(CheckParams, frozen=True):
    """Phrase groups that tell a return address from others."""

    house_groups: tuple[str, ...] = ("names_house",)
    """A house number: what makes a turn worth reading."""
    place_groups: tuple[str, ...] = ("sends_to_place",)
    """Where to send it, perhaps without a house number."""
    return_groups: tuple[str, ...] = ("wants_return",)
    send_groups: tuple[str, ...] = ("sends_to",)
    other_groups: tuple[str, ...] = ("not_for_returns",)
    visit_groups: tuple[str, ...] = ("place_to_visit",)
    """Shops, showrooms and pick-up points; said right after an address too."""
    closed_groups: tuple[str, ...] = ("warns_of_address",)
    """Said of the address before it: do not send it there."""
    own_groups: tuple[str, ...] = ("own_address",)
    """The customer means the own house, not the shop's."""
    confirm_groups: tuple[str, ...] = ("confirms",)
    correction_groups: tuple[str, ...] = ("corrects_itself",)
    correction_messages: int = 4
    """So many rows later a wrong address may still be put right."""


@dataclass
class _Place:
    """Clauses that belong to one address: where it begins and ends, and what it says."""

    row: int
    start: int
    end: int
    words: list[str]

    @property
    def address(self) -> Address:
        return parse(" ".join(self.words))


def check(batch: Batch, params: Params) -> Outcomes:
    """Findings ``wrong_address`` on the address; facts: the shop's addresses."""
    about = _about_returns(batch, params)
    human = batch.is_human & about
    spoken = batch.has(*params.house_groups, *params.place_groups, within=human)
    proposed = batch.has(*params.house_groups, *params.place_groups, within=batch.is_customer & about)
    findings: list[Spot] = []
    given, unknown = np.zeros(len(batch), np.bool_), np.zeros(len(batch), np.bool_)
    done: set[int] = set()
    for row in np.flatnonzero(spoken | (proposed & _confirmed(batch, params, proposed))).tolist():
        first, last = _turn(batch, row)
        if first in done:
            continue
        done.add(first)
        index = int(batch.conversation[row])
        shop = _allowed(batch, index)
        places = _places(batch, params, range(first, last), shop)
        own = _own(batch, params, row) if batch.is_human[row] else ()
        places = [one for one in places if not any(agrees(one.address, house) for house in own)]
        real = [one for one in places if one.address.is_place]
        if not shop:
            given[index] |= bool(real)
            unknown[index] |= bool(real)
            continue
        wrong = [one for one in places if all(contradicts(one.address, right) for right in shop)]
        given[index] |= bool(real) or bool(wrong)
        findings += [
            Spot(one.row, one.start, one.end, "wrong_address", {"allowed": list(_listed(batch, index))})
            for one in wrong[:1]
            if not _put_right(batch, params, one, shop)
        ]
    return judge(batch, findings, applies=given, unscored=unknown, reason="no_return_addresses")


def _about_returns(batch: Batch, params: Params) -> Bools:
    """Rows at or after the first word of sending something back."""
    says = batch.has(*params.return_groups, *params.send_groups)
    return says | (batch.last_of(says) >= 0)


def _confirmed(batch: Batch, params: Params, proposed: Bools) -> Bools:
    """Customer rows that ask about the shop's address and whose next human message says yes."""
    out = np.zeros(len(batch.messages), np.bool_)
    asked = proposed & ~batch.has(*params.own_groups, within=proposed)
    for row in np.flatnonzero(asked & batch.has(*params.send_groups, *params.return_groups)).tolist():
        answer = int(batch.next_human[row])
        if answer < batch.end_of[row]:
            within = np.zeros(len(batch.messages), np.bool_)
            within[answer] = True
            out[row] = batch.has(*params.confirm_groups, within=within)[answer]
    return out


def _turn(batch: Batch, row: int) -> tuple[int, int]:
    """The rows of a reply turn, from the customer's message before to the next; a customer row alone."""
    if batch.is_customer[row]:
        return row, row + 1
    return max(int(batch.last_customer[row]) + 1, int(batch.begin[batch.conversation[row]])), int(
        batch.next_customer[row]
    )


def _places(batch: Batch, params: Params, rows: Sequence[int], shop: Sequence[Address]) -> list[_Place]:
    """The addresses of a turn that are meant for returns."""
    out: list[_Place] = []
    open_place = False
    for row in rows:
        if not (batch.is_human[row] or batch.is_customer[row]):
            continue
        text = batch.texts[row]
        others, closed = batch.spans(row, *params.other_groups), batch.spans(row, *params.closed_groups)
        visited = batch.spans(row, *params.visit_groups)
        for match in _CLAUSE.finditer(_CLOSED.sub("-", text)):
            start, end = match.span()
            piece = parse(match[0])
            visiting = any(start <= other.start < end for other in visited)
            if any(start <= other.start < end for other in others) or (visiting and piece.is_place):
                open_place = False
                continue
            warned = any(start <= other.start < end for other in closed)
            if piece.is_aside or not (piece.parts or piece.numbers or piece.phones or piece.person):
                if (warned or visiting) and out and not any(agrees(out[-1].address, right) for right in shop):
                    out.pop()
                open_place = False
                continue
            if warned and not any(agrees(piece, right) for right in shop):
                open_place = False
                continue
            if open_place and not _begins_anew(out[-1].address, piece):
                out[-1].words.append(match[0])
                if out[-1].row == row:
                    out[-1].end = end
            else:
                out.append(_Place(row, start, end, [match[0]]))
            open_place = True
    return out


def _begins_anew(before: Address, piece: Address) -> bool:
    """Whether a clause is the beginning of another address."""
    housed = any(number.kind == "house" for number in before.numbers)
    again = any(number.kind == "house" for number in piece.numbers)
    return housed and (again or any(kind in ("province", "city", "district") for kind, _ in piece.parts))


def _own(batch: Batch, params: Params, row: int) -> tuple[Address, ...]:
    """Addresses that the customer gave before as the own."""
    begin = int(batch.begin[batch.conversation[row]])
    earlier = np.zeros(len(batch.messages), np.bool_)
    earlier[begin:row] = batch.is_customer[begin:row]
    housed = batch.has(*params.house_groups, within=earlier)
    mine = batch.has(*params.own_groups, within=housed)
    sent = batch.has(*params.send_groups, *params.return_groups)
    return tuple(parse(batch.texts[one]) for one in np.flatnonzero(housed & (mine | ~sent)).tolist())


def _put_right(batch: Batch, params: Params, wrong: _Place, shop: Sequence[Address]) -> bool:
    """Whether the shop takes the address back within a few messages and gives a right one."""
    last = min(wrong.row + 1 + params.correction_messages, int(batch.end_of[wrong.row]))
    later = np.zeros(len(batch.messages), np.bool_)
    later[wrong.row : last] = batch.is_human[wrong.row : last]
    takes_back = np.flatnonzero(batch.has(*params.correction_groups, within=later))
    if not takes_back.size:
        return False
    after = [place for row in range(wrong.row, last) if later[row] for place in _places(batch, params, [row], shop)]
    return any(agrees(place.address, right) for place in after for right in shop)


def _listed(batch: Batch, index: int) -> tuple[str, ...]:
    one = batch.conversations[index]
    extra = one.meta.get("return_addresses") or ()
    return (*batch.context.return_addresses.get(one.shop or "", ()), *(str(address) for address in extra))


def _allowed(batch: Batch, index: int) -> tuple[Address, ...]:
    return tuple(parse(address) for address in _listed(batch, index))
