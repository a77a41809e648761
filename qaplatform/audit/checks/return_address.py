"""Is the return address that the customer is given one of the shop's?

Why: a parcel sent to a wrong house is lost, and the customer's money with it. Source: D9 [H4]; the list is the
context's (``return_addresses``) or the conversation's own (``meta.return_addresses``).

Addresses are read part by part (see ``addresses``; English ones ``english_addresses``) over all messages of a reply turn:
what is left out is fine, what contradicts is wrong. Pick-up points, warnings (千万别寄…) and the customer's own address
are none. A wrong address that the customer proposes and the shop confirms counts, one put right at once does not. Where
no list is known the outcome is unscored.

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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qaplatform.audit.addresses import Address, agrees, contradicts, parse
from qaplatform.audit.batch import Batch, Bools
from qaplatform.audit.checking import CheckParams, Outcomes, Spot, judge
from qaplatform.audit.english_returns import EnglishGroups, GivenAddress, contradicts_all, given_in_english
from qaplatform.audit.normalise import mostly_latin

CODES = ("wrong_address",)

# Marks of both widths; a label before the address (上海仓:…) is a clause of its own.
_CLAUSE = re.compile(r"[^,.!?;\n\u3001\u3002\uff0c\uff0e\uff01\uff1f\uff1b]+")
_LABEL = re.compile(r"^[^:\uff1a0-9]{2,12}[:\uff1a](?=.{5})(?<!人[:\uff1a])(?<!名[:\uff1a])")
_CLOSED = re.compile(r"(?<=\d)[.,](?=\d)")


class Params(CheckParams, frozen=True):
    """Phrase groups that tell a return address from others."""

    cue_groups: tuple[str, ...] = ("cue/place",)
    """Cheap signs of a house or a place: without one nothing is read."""
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
    english_correction_groups: tuple[str, ...] = ("corrects_itself_en",)
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
    findings: list[Spot] = []
    given, unknown = np.zeros(len(batch), np.bool_), np.zeros(len(batch), np.bool_)
    turns = _turns(batch, params)
    if turns:
        words = _Words.of(batch, params, turns)
        for row, (first, last) in turns.items():
            index = int(batch.conversation[row])
            shop = _allowed(batch, index)
            places = _places(batch, params, words, range(first, last), shop)
            own = words.own(batch, row) if batch.is_human[row] else ()
            places = [one for one in places if not any(agrees(one.address, house) for house in own)]
            real = any(one.address.is_place for one in places)
            if not shop:
                given[index] |= real
                unknown[index] |= real
                continue
            wrong = [one for one in places if all(contradicts(one.address, right) for right in shop)]
            given[index] |= real or bool(wrong)
            findings += [
                Spot(one.row, one.start, one.end, "wrong_address", {"allowed": list(_listed(batch, index))})
                for one in wrong[:1]
                if not _put_right(batch, params, words, one, shop)
            ]
    findings += _in_english(batch, params, given, unknown)
    return judge(batch, findings, applies=given, unscored=unknown, reason="no_return_addresses")


def _in_english(batch: Batch, params: Params, given: Bools, unknown: Bools) -> list[Spot]:
    """Findings on English addresses; marks the conversations that give one, and those of which no right one is known."""
    places = given_in_english(batch, EnglishGroups())
    wrong: list[GivenAddress] = []
    for one in places:
        index = int(batch.conversation[one.row])
        listed = _listed(batch, index)
        given[index] = True
        unknown[index] |= not listed
        if listed and contradicts_all(one.address, listed, _allowed(batch, index)):
            wrong.append(one)
    return [
        Spot(
            one.row,
            one.start,
            one.end,
            "wrong_address",
            {"allowed": list(_listed(batch, int(batch.conversation[one.row])))},
        )
        for one in wrong
        if not _corrected(batch, params, one, [other for other in places if other not in wrong])
    ]


def _corrected(batch: Batch, params: Params, wrong: GivenAddress, right: Sequence[GivenAddress]) -> bool:
    """Whether the shop takes an English address back and gives a right one after it."""
    last = min(wrong.row + 1 + params.correction_messages, int(batch.end_of[wrong.row]))
    later = [one for one in right if (wrong.row, wrong.start) < (one.row, one.start) and one.row < last]
    if not later:
        return False
    rows = np.zeros(len(batch.messages), np.bool_)
    rows[wrong.row : last] = batch.is_human[wrong.row : last]
    return bool(batch.has(*params.english_correction_groups, within=rows).any())


def _turns(batch: Batch, params: Params) -> dict[int, tuple[int, int]]:
    """Turns with a house or a place in talk about sending something back: a row that names it → first row, row after."""
    cues = batch.has(*params.cue_groups)
    says = batch.has(*params.return_groups, *params.send_groups)
    about = cues & (says | (batch.last_of(says) >= 0))
    if not about.any():
        return {}
    placed = batch.has(*params.house_groups, *params.place_groups, within=about & (batch.is_human | batch.is_customer))
    proposed = placed & batch.is_customer & says
    if proposed.any():
        proposed &= ~batch.has(*params.own_groups, within=proposed)
        answers = {row: int(batch.next_human[row]) for row in np.flatnonzero(proposed).tolist()}
        answers = {row: answer for row, answer in answers.items() if answer < batch.end_of[row]}
        yes = batch.has(*params.confirm_groups, within=_mask(batch, answers.values()))
        proposed = _mask(batch, [row for row, answer in answers.items() if yes[answer]])
    out, done = {}, set()
    for row in np.flatnonzero((placed & batch.is_human) | proposed).tolist():
        if mostly_latin(batch.texts[row]):
            continue
        first, last = _turn(batch, row)
        if first not in done:
            done.add(first)
            out[row] = first, last
    return out


@dataclass(frozen=True)
class _Words:
    """What stands in the turns that are read and in the conversations around them, each looked for once."""

    warned: Bools
    """Rows with a word of :attr:`Params.other_groups`, ``closed_groups`` or ``visit_groups``."""
    takes_back: Bools
    houses: Bools
    """Customer messages that name a house of their own."""

    @classmethod
    def of(cls, batch: Batch, params: Params, turns: Mapping[int, tuple[int, int]]) -> _Words:
        read, earlier = np.zeros(len(batch.messages), np.bool_), np.zeros(len(batch.messages), np.bool_)
        for row, (first, last) in turns.items():
            read[first : min(max(last, row + 1 + params.correction_messages), int(batch.end_of[row]))] = True
            earlier[int(batch.begin[batch.conversation[row]]) : row] = True
        warned = batch.has(*params.other_groups, *params.closed_groups, *params.visit_groups, within=read)
        takes_back = batch.has(*params.correction_groups, within=read & batch.is_human)
        housed = batch.has(*params.house_groups, within=earlier & batch.is_customer)
        if housed.any():
            sent = batch.has(*params.send_groups, *params.return_groups)
            housed &= batch.has(*params.own_groups, within=housed) | ~sent
        return cls(warned, takes_back, housed)

    def own(self, batch: Batch, row: int) -> tuple[Address, ...]:
        """Addresses that the customer gave before as the own."""
        begin = int(batch.begin[batch.conversation[row]])
        return tuple(parse(batch.texts[begin + at]) for at in np.flatnonzero(self.houses[begin:row]).tolist())


def _mask(batch: Batch, rows: Iterable[int]) -> Bools:
    mask = np.zeros(len(batch.messages), np.bool_)
    mask[list(rows)] = True
    return mask


def _turn(batch: Batch, row: int) -> tuple[int, int]:
    """The rows of a reply turn, from the customer's message before to the next; a customer row alone."""
    if batch.is_customer[row]:
        return row, row + 1
    return max(int(batch.last_customer[row]) + 1, int(batch.begin[batch.conversation[row]])), int(
        batch.next_customer[row]
    )


def _places(batch: Batch, params: Params, words: _Words, rows: Sequence[int], shop: Sequence[Address]) -> list[_Place]:
    """The addresses of a turn that are meant for returns."""
    out: list[_Place] = []
    open_place = False
    for row in rows:
        if not (batch.is_human[row] or batch.is_customer[row]):
            continue
        text = batch.texts[row]
        kinds = (params.other_groups, params.closed_groups, params.visit_groups)
        others, closed, visited = (batch.spans(row, *groups) if words.warned[row] else () for groups in kinds)
        for match in _CLAUSE.finditer(_CLOSED.sub("-", text)):
            label = _LABEL.match(match[0])
            said = match[0][label.end() :] if label else match[0]
            start, end = match.end() - len(said), match.end()
            piece = parse(said)
            visiting = any(match.start() <= other.start < end for other in visited)
            if any(match.start() <= other.start < end for other in others) or (visiting and piece.is_place):
                open_place = False
                continue
            warned = any(match.start() <= other.start < end for other in closed)
            if piece.is_aside or not (piece.parts or piece.numbers or piece.phones or piece.person):
                if (warned or visiting) and out and not any(agrees(out[-1].address, right) for right in shop):
                    out.pop()
                open_place = False
                continue
            if warned and not any(agrees(piece, right) for right in shop):
                open_place = False
                continue
            if open_place and not _begins_anew(out[-1].address, piece):
                out[-1].words.append(said)
                if out[-1].row == row:
                    out[-1].end = end
            else:
                out.append(_Place(row, start, end, [said]))
            open_place = True
    return out


def _begins_anew(before: Address, piece: Address) -> bool:
    """Whether a clause is the beginning of another address."""
    housed = any(number.kind == "house" for number in before.numbers)
    again = any(number.kind == "house" for number in piece.numbers)
    return housed and (again or any(kind in ("province", "city", "district") for kind, _ in piece.parts))


def _put_right(batch: Batch, params: Params, words: _Words, wrong: _Place, shop: Sequence[Address]) -> bool:
    """Whether the shop takes the address back within a few messages and gives a right one."""
    rows = range(wrong.row, min(wrong.row + 1 + params.correction_messages, int(batch.end_of[wrong.row])))
    if not words.takes_back[rows.start : rows.stop].any():
        return False
    places = [place for row in rows if batch.is_human[row] for place in _places(batch, params, words, [row], shop)]
    return any(agrees(place.address, right) for place in places for right in shop)


def _listed(batch: Batch, index: int) -> tuple[str, ...]:
    one = batch.conversations[index]
    extra = one.meta.get("return_addresses") or ()
    return (*batch.context.return_addresses.get(one.shop or "", ()), *(str(address) for address in extra))


def _allowed(batch: Batch, index: int) -> tuple[Address, ...]:
    return tuple(parse(address) for address in _listed(batch, index))
