"""Addresses in English that a shop gives for sending something back, and those of its customer that it confirms.

What stands before an address in its sentence tells what it is: a delivery, a shop to visit, a house that is out of use.
An address that the customer gave as the own is none of the shop's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qaplatform.audit.addresses import Address
from qaplatform.audit.batch import Batch, Bools
from qaplatform.audit.english_addresses import EnglishAddress, english_contradicts, find_english, parse_english
from qaplatform.audit.normalise import mostly_latin

_SENTENCE = re.compile(r"[.!?](?=\s)|\n\n")


@dataclass(frozen=True)
class EnglishGroups:
    """Phrase groups that tell a return address from others."""

    cues: tuple[str, ...] = ("cue/place_en",)
    """Cheap signs of a street: without one nothing is read."""
    returns: tuple[str, ...] = ("wants_return_en",)
    elsewhere: tuple[str, ...] = ("not_for_returns_en",)
    """Said before an address: a delivery, a shop to visit."""
    closed_before: tuple[str, ...] = ("warns_before_en",)
    closed_after: tuple[str, ...] = ("warns_after_en",)
    own: tuple[str, ...] = ("own_address_en",)
    confirms: tuple[str, ...] = ("confirms_en",)


@dataclass(frozen=True)
class GivenAddress:
    """An address for returns: the message it stands in, and where."""

    row: int
    start: int
    end: int
    address: EnglishAddress


def given_in_english(batch: Batch, groups: EnglishGroups) -> list[GivenAddress]:
    """The addresses meant for returns that people of the shop give or confirm, in order."""
    cued = batch.has(*groups.cues) & (batch.is_human | batch.is_customer)
    found = {row: places for row in np.flatnonzero(cued).tolist() if (places := _in_row(batch, row))}
    if not found:
        return []
    whole = np.zeros(len(batch), np.bool_)
    whole[batch.conversation[list(found)]] = True
    talk = whole[batch.conversation] & (batch.is_human | batch.is_customer)
    returns = batch.has(*groups.returns, within=talk)
    about = returns | (batch.last_of(returns) >= 0)
    rows = _mask(batch, found)
    batch.has(*groups.elsewhere, *groups.closed_before, *groups.closed_after, within=rows & batch.is_human)
    own = batch.has(*groups.own, within=rows & batch.is_customer)
    confirms = batch.has(*groups.confirms, within=talk & batch.is_human)
    out: list[GivenAddress] = []
    for row, places in found.items():
        if not about[row]:
            continue
        if batch.is_human[row]:
            mine = _own(batch, row, found, returns, own)
            kept = [one for one in places if not any(_same(one, house) for house in mine)]
            out += [
                GivenAddress(row, one.start, one.end, one)
                for one in kept
                if not _other(batch, row, one, places, groups)
            ]
        elif returns[row] and not own[row] and _confirmed(batch, row, confirms, found):
            out += [GivenAddress(row, one.start, one.end, one) for one in places[-1:]]
    return out


def _confirmed(batch: Batch, row: int, confirms: Bools, found: dict[int, tuple[EnglishAddress, ...]]) -> bool:
    """Whether the shop says yes to an address that the customer proposes, and gives none itself."""
    answer = int(batch.next_human[row])
    return bool(answer < batch.end_of[row] and confirms[answer] and answer not in found)


def contradicts_all(given: EnglishAddress, listed: Sequence[str], chinese: Sequence[Address]) -> bool:
    """Whether an address is none of those listed; of Chinese ones only the numbers can be compared."""
    english = [right for one in listed if mostly_latin(one) and (right := parse_english(one))]
    if any(not english_contradicts(given, right) for right in english):
        return False
    numbers = {number.value for one in chinese for number in one.numbers}
    known = [number for number, _, _ in given.streets if number in numbers]
    return not known if len(english) < len(listed) else bool(english)


def _in_row(batch: Batch, row: int) -> tuple[EnglishAddress, ...]:
    text = batch.texts[row]
    return find_english(text) if mostly_latin(text) else ()


def _mask(batch: Batch, rows: dict[int, tuple[EnglishAddress, ...]]) -> Bools:
    mask = np.zeros(len(batch.messages), np.bool_)
    mask[list(rows)] = True
    return mask


def _own(
    batch: Batch, row: int, found: dict[int, tuple[EnglishAddress, ...]], returns: Bools, own: Bools
) -> list[EnglishAddress]:
    """Addresses that the customer gave before as the own."""
    begin = int(batch.begin[batch.conversation[row]])
    return [
        one
        for at, places in found.items()
        if begin <= at < row and batch.is_customer[at] and (own[at] or not returns[at])
        for one in places
    ]


def _same(one: EnglishAddress, house: EnglishAddress) -> bool:
    return bool(one.streets) and not english_contradicts(one, house)


def _other(
    batch: Batch, row: int, one: EnglishAddress, places: tuple[EnglishAddress, ...], groups: EnglishGroups
) -> bool:
    """Whether the words about an address say that nothing is to be sent there."""
    text = batch.texts[row]
    ends = [match.end() for match in _SENTENCE.finditer(text, 0, one.start)]
    before = max([0, *ends[-1:], *(place.end for place in places if place.end <= one.start)])
    stop = _SENTENCE.search(text, one.end)
    after = min(
        [len(text), *([stop.start()] if stop else []), *(place.start for place in places if place.start >= one.end)]
    )
    heads = batch.spans(row, *groups.elsewhere, *groups.closed_before)
    tails = batch.spans(row, *groups.closed_after)
    return any(before <= hit.start < one.end and hit.end <= one.end for hit in heads) or any(
        one.end <= hit.start < after for hit in tails
    )
