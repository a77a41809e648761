"""Is the return address that the customer is given one of the shop's?

Why: a parcel sent to a wrong house is lost, and the customer's money with it. Source: D9 [H4]; the list is the
context's (``return_addresses``) or the conversation's own (``meta.return_addresses``).

An address is compared by its house numbers and the words right before them, after spaces, width and written-out
numerals are folded; provinces and suffixes may be left out. Pick-up points and warnings (千万别寄…) are none. A wrong
address that the customer proposes and the shop confirms counts. Where no list is known the outcome is unscored.

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

import numpy as np

from qaplatform.audit.batch import Batch
from qaplatform.audit.checking import CheckParams, Outcomes, Spot, judge
from qaplatform.audit.normalise import fold, fold_tight

CODES = ("wrong_address",)

_NUMERAL = re.compile(r"[一二三四五六七八九十百零〇]+(?=号|弄|幢|栋|期|楼|室|座|层)")
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0}
_NUMBER = re.compile(r"\d+")
_CLAUSE = re.compile(r"[,.!?;]")
_CONTEXT_CHARS = 2


class Params(CheckParams, frozen=True):
    """Phrase groups that tell a return address from others."""

    house_groups: tuple[str, ...] = ("shop_gives_house",)
    proposed_groups: tuple[str, ...] = ("gave_address",)
    return_groups: tuple[str, ...] = ("wants_return",)
    send_groups: tuple[str, ...] = ("sends_to",)
    other_groups: tuple[str, ...] = ("not_for_returns",)
    confirm_groups: tuple[str, ...] = ("confirms",)


def check(batch: Batch, params: Params) -> Outcomes:
    """Findings ``wrong_address`` on the address; facts: the shop's addresses."""
    returns = np.concatenate([[0], np.cumsum(batch.has(*params.return_groups, *params.send_groups))])
    begin = batch.begin[batch.conversation]
    about_return = returns[1:] > returns[begin]
    own = batch.has(*params.house_groups) & batch.is_human & about_return
    confirmed = batch.has(*params.proposed_groups) & batch.is_customer & about_return & _confirmed(batch, params)
    findings: list[Spot] = []
    given = np.zeros(len(batch), np.bool_)
    unknown = np.zeros(len(batch), np.bool_)
    for row in np.flatnonzero(own | confirmed).tolist():
        index = int(batch.conversation[row])
        groups = params.house_groups if own[row] else params.proposed_groups
        addresses = _return_houses(batch, params, row, groups)
        if not addresses:
            continue
        given[index] = True
        allowed = _allowed(batch, index)
        if not allowed:
            unknown[index] = True
        elif not any(all(_fits(text, one) for _, _, text in addresses) for one in allowed):
            start, end, _ = addresses[0]
            findings.append(Spot(row, start, end, "wrong_address", {"allowed": list(allowed)}))
    return judge(batch, findings, applies=given, unscored=unknown, reason="no_return_addresses")


def _confirmed(batch: Batch, params: Params) -> np.ndarray:
    """Customer rows whose next human message says yes."""
    yes = batch.has(*params.confirm_groups) & batch.is_human
    following = np.minimum(batch.next_human, max(len(yes) - 1, 0))
    return (batch.next_human < batch.end_of) & yes[following] if len(yes) else yes


def _return_houses(batch: Batch, params: Params, row: int, groups: tuple[str, ...]) -> list[tuple[int, int, str]]:
    """The addresses of a message that are meant for returns: start, end and the clause up to the last house number."""
    text = batch.texts[row]
    others = batch.spans(row, *params.other_groups)
    out = []
    for hit in batch.spans(row, *groups):
        begin = max((mark.end() for mark in _CLAUSE.finditer(fold_keeping(text[: hit.start]))), default=0)
        stop = next((mark.start() for mark in _CLAUSE.finditer(fold_keeping(text), hit.end)), len(text))
        if not any(begin <= other.start < stop for other in others):
            out.append((begin, hit.end, text[begin:stop]))
    return out


def fold_keeping(text: str) -> str:
    """Full-width clause marks as ASCII, every character in its place."""
    return text.translate({ord(a): b for a, b in zip(",。!?;、\n", ",.!?;,;", strict=True)})


def _allowed(batch: Batch, index: int) -> tuple[str, ...]:
    one = batch.conversations[index]
    extra = one.meta.get("return_addresses") or ()
    listed = batch.context.return_addresses.get(one.shop or "", ())
    return (*listed, *(str(address) for address in extra))


def _canonical(text: str) -> str:
    """Letters and digits only, house numbers in digits."""
    return fold_tight(_NUMERAL.sub(lambda match: str(_numeral(match[0])), fold(text)))


def _numeral(text: str) -> int:
    """A Chinese numeral below 1000, written with places (一百二十八) or digit by digit (一二八)."""
    if not any(char in text for char in "十百"):
        return int("".join(str(_DIGITS[char]) for char in text))
    total, digit = 0, 0
    for char in text:
        if char in "十百":
            total += (digit or 1) * (10 if char == "十" else 100)
            digit = 0
        else:
            digit = _DIGITS[char]
    return total + digit


def _fits(given: str, allowed: str) -> bool:
    """Whether every house number of ``given`` stands in ``allowed`` after the same words."""
    mine, theirs = _canonical(given), _canonical(allowed)
    pieces = [
        (mine[max(0, number.start() - _CONTEXT_CHARS) : number.start()], number[0]) for number in _NUMBER.finditer(mine)
    ]
    return bool(pieces) and all(
        re.search(re.escape(before + digits) + r"(?!\d)", theirs) is not None for before, digits in pieces
    )
