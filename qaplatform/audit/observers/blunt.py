"""What does an agent say to a customer that an inspector would deduct for?

Why: 不可能, 我也没办法, 这是规定 start the fight that the product did not. Source: D2 [H0, o]; kinds of the labelling guideline.

Six kinds. ``insult``, ``sarcastic``, ``blaming``, ``commanding`` and the harsh part of ``dismissive`` are faults wherever they
stand. A refusal or a shrug (没办法, 这是规定, 不清楚, 自己看) is one only where the reply turn offers no way out: a
polite refusal with a reason or an alternative is none. A refusal without any of these words is one where it is all the
turn says, again, to a customer who protests. ``curt`` is a turn of nothing but 哦 / 嗯 / ? / 看详情页 in answer
to a real question or complaint; a plain yes to a yes-no question is an answer.

Each group of words is searched only in messages in which one of its cues stands. A message counts once for each kind.
"""

from __future__ import annotations

import numpy as np

from qaplatform.audit.batch import Batch, Bools
from qaplatform.audit.observing import ObserverParams, SeenSpan

KINDS = ("insult", "sarcastic", "blaming", "commanding", "dismissive", "curt")


class Params(ObserverParams, frozen=True):
    """Phrase groups by kind, each after the group of its cues, and the groups that excuse."""

    insult: tuple[str, str] = ("cue/insult", "blunt/insult")
    sarcastic: tuple[str, str] = ("cue/sarcastic", "blunt/sarcastic")
    blaming: tuple[str, str] = ("cue/blaming", "blunt/blaming")
    commanding: tuple[str, str] = ("cue/commanding", "blunt/commanding")
    dismissive: tuple[str, str] = ("cue/dismissive", "blunt/dismissive")
    shrugs: tuple[tuple[str, str, str], ...] = (
        ("dismissive", "cue/no_way", "blunt/no_way"),
        ("dismissive", "cue/by_sound", "blunt/by_sound"),
        ("dismissive", "cue/shrug", "blunt/shrug"),
        ("commanding", "cue/self_service", "blunt/self_service"),
    )
    """Kind, cue and words that are faults only where nothing is offered."""
    cannot: tuple[str, str] = ("cue/no_way", "blunt/cannot")
    """Cue and words of a refusal to do a named thing: no fault where anything at all softens it."""
    way_out: str = "blunt/way_out"
    refusal_cue: str = "cue/refusal"
    refusal: str = "blunt/refusal"
    bare_refusal: str = "blunt/bare_refusal"
    denial: str = "blunt/denial"
    asks: str = "blunt/asks"
    excuse: str = "blunt/excuse"
    apology: str = "blunt/apology"
    reason: str = "blunt/reason"
    protest: tuple[str, ...] = ("feel/angry", "hint/rhetoric", "ask/plea")
    trouble: str = "ask/trouble"
    complaint: tuple[str, ...] = ("feel/angry",)
    open_question: str = "ask/open"
    polar_question: str = "ask/polar"
    either_or: str = "ask/either"
    request: str = "ask/request"
    calm: tuple[str, ...] = ("calm/thanks", "calm/polite")
    favour: str = "ask/favour"
    curt: str = "curt/word"
    emoji: str = "curt/emoji"
    points_away: str = "curt/points_away"
    plain_yes: str = "curt/plain_yes"
    consent: str = "curt/consent"
    greeting: str = "curt/greeting"
    curt_max_letters: int = 12
    """A message with more letters and digits says something."""
    refusal_max_letters: int = 24


def observe(batch: Batch, params: Params) -> list[SeenSpan]:
    """The blunt words of human messages, by row."""
    seen: dict[tuple[int, str], SeenSpan] = {}
    for kind, (cue, words) in (
        ("insult", params.insult),
        ("sarcastic", params.sarcastic),
        ("blaming", params.blaming),
        ("commanding", params.commanding),
        ("dismissive", params.dismissive),
    ):
        for row in _rows(batch, cue, words):
            _put(seen, batch, row, words, kind)
    for kind, cue, words in params.shrugs:
        for row in _rows(batch, cue, words):
            if (row, kind) not in seen and not _polite(batch, row, params):
                _put(seen, batch, row, words, kind)
    for row in _rows(batch, *params.cannot):
        turn, human = _turn(batch, row), batch.is_human
        if (row, "dismissive") not in seen and not _has_in(batch, turn, (params.way_out, params.excuse, params.apology, params.reason), human):
            _put(seen, batch, row, params.cannot[1], "dismissive")
    for row in _bare_refusals(batch, params):
        if not any((row, kind) in seen for kind in KINDS):
            seen[row, "dismissive"] = SeenSpan(row, 0, len(batch.texts[row]), "dismissive")
    for row in _curt(batch, params):
        if not any((row, kind) in seen for kind in KINDS):
            seen[row, "curt"] = SeenSpan(row, 0, len(batch.texts[row]), "curt")
    return sorted(seen.values(), key=lambda one: (one.row, one.start, one.kind))


def _rows(batch: Batch, cue: str, words: str) -> list[int]:
    """Human messages with the words, looked for where their cue stands."""
    within = batch.has(cue) & batch.is_human
    found: list[int] = np.flatnonzero(batch.has(words, within=within)).tolist() if within.any() else []
    return found


def _put(seen: dict[tuple[int, str], SeenSpan], batch: Batch, row: int, words: str, kind: str) -> None:
    spans = batch.spans(row, words)
    if spans:
        seen[row, kind] = SeenSpan(row, spans[0].start, spans[0].end, kind)


def _turn(batch: Batch, row: int) -> slice:
    """The rows of the turn a human message stands in: from the customer's last message to the next."""
    first = max(int(batch.last_customer[row]) + 1, int(batch.begin[batch.conversation[row]]))
    return slice(first, int(batch.next_customer[row]))


def _has_in(batch: Batch, rows: slice, groups: tuple[str, ...], who: Bools) -> bool:
    within = np.zeros(len(batch.messages), np.bool_)
    within[rows] = who[rows]
    return bool(within.any() and batch.has(*groups, within=within).any())


def _polite(batch: Batch, row: int, params: Params) -> bool:
    """Whether the turn offers a way out, or both apologises and says why."""
    turn, human = _turn(batch, row), batch.is_human
    if _has_in(batch, turn, (params.way_out,), human):
        return True
    return _has_in(batch, turn, (params.apology,), human) and _has_in(batch, turn, (params.reason,), human)


def _asked(batch: Batch, row: int) -> slice:
    """The customer's messages a human message answers: those since the agents' turn before."""
    last = int(batch.last_customer[row])
    if last < 0:
        return slice(0, 0)
    return slice(max(int(batch.last_human[last]) + 1, int(batch.begin[batch.conversation[row]])), last + 1)


def _bare_refusals(batch: Batch, params: Params) -> list[int]:
    """Refusals that are all the turn says, to a customer who protests, or who is angry at once afterwards."""
    short = batch.is_human & (batch.letters <= params.refusal_max_letters) & (batch.last_customer >= 0)
    within = batch.has(params.refusal_cue) & short
    if not within.any():
        return []
    out = []
    insists = batch.has(params.bare_refusal, within=within)
    refuses = batch.has(params.refusal, within=within)
    waves = batch.has(params.denial, within=within)
    customer, human = batch.is_customer, batch.is_human
    for row in np.flatnonzero(insists | refuses | waves).tolist():
        turn, asked = _turn(batch, row), _asked(batch, row)
        if _has_in(batch, turn, (params.asks,), human):
            continue
        if not insists[row] and _has_in(batch, turn, (params.way_out, params.excuse, params.apology, params.reason), human):
            continue
        if insists[row]:
            blunt = _has_in(batch, asked, (*params.protest, params.polar_question), customer)
        elif refuses[row]:
            blunt = _has_in(batch, asked, params.protest, customer) and _angers(batch, row, params)
        else:
            blunt = _has_in(batch, asked, (params.trouble,), customer) and not _has_in(
                batch, asked, (params.polar_question, *params.calm), customer
            )
        if blunt:
            out.append(row)
    return out


def _angers(batch: Batch, row: int, params: Params) -> bool:
    """Whether the customer answers the turn with anger."""
    first = int(batch.next_customer[row])
    end = int(batch.end_of[row])
    if first >= end:
        return False
    return _has_in(batch, slice(first, min(int(batch.next_human[first]), end)), params.complaint, batch.is_customer)


def _curt(batch: Batch, params: Params) -> list[int]:
    """Bare words that are the whole answer to a real question or complaint."""
    short = batch.is_human & (batch.letters <= params.curt_max_letters) & (batch.last_customer >= 0)
    bare = batch.has(params.curt, params.emoji, params.points_away, params.plain_yes, within=short)
    if not bare.any():
        return []
    empty = bare | batch.has(params.greeting, within=short)
    out = []
    for row in np.flatnonzero(bare).tolist():
        turn = _turn(batch, row)
        if bool((batch.is_human & ~empty)[turn].any()) or bool(bare[turn.start : row].any()):
            continue
        if _deserves_more(batch, row, params):
            out.append(row)
    return out


def _deserves_more(batch: Batch, row: int, params: Params) -> bool:
    """Whether what the customer wrote cannot be answered with the bare word of ``row``."""
    here = np.zeros(len(batch.messages), np.bool_)
    here[row] = True
    asked = _asked(batch, row)
    last = slice(max(asked.stop - 1, asked.start), asked.stop)

    def said(group: str) -> bool:
        return bool(batch.has(group, within=here).any())

    def wrote(*groups: str) -> bool:
        return _has_in(batch, asked, groups, batch.is_customer)

    if said(params.points_away):
        return wrote(params.open_question, params.polar_question, params.trouble)
    if wrote(params.either_or):
        return not said(params.emoji) or wrote(params.polar_question)
    if not said(params.curt) and said(params.plain_yes):
        return False
    if said(params.consent) or said(params.plain_yes):
        asked = last
    if wrote(params.open_question):
        return not (said(params.consent) and wrote(params.favour))
    polar = wrote(params.polar_question)
    if said(params.consent):
        return polar and not wrote(params.request)
    if polar:
        return not said(params.plain_yes) and not said(params.emoji)
    return not said(params.emoji) and wrote(params.trouble, *params.complaint)
