"""What does an agent say to a customer that an inspector would deduct for?

Why: 不可能, 我也没办法, 这是规定 start the fight that the product did not. Source: D2 [H0, o]; kinds of the labelling guideline.

Six kinds. ``insult``, ``sarcastic``, ``blaming``, ``commanding`` and the harsh part of ``dismissive`` are faults wherever they
stand. A refusal or a shrug (没办法, 这是规定, 不清楚, 自己看) is one only where the reply turn offers no way out: a
polite refusal with a reason or an alternative is none. A refusal in plain words is one where it is all the turn says and
either insists (确实无法修改) against a customer who protests or angers one. ``curt`` is a turn of nothing but 哦 / 嗯 / ? /
看详情页 in answer to a real question or complaint; a plain yes to a yes-no question is an answer.

Each group of words is searched only in messages in which one of its cues stands. A message counts once for each kind.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qaplatform.audit.batch import Batch, Bools, Ints
from qaplatform.audit.observing import ObserverParams, SeenSpan

KINDS = ("insult", "sarcastic", "blaming", "commanding", "dismissive", "curt")


class Params(ObserverParams, frozen=True):
    """Phrase groups by kind, each after the group of its cues; the groups that excuse; what the customer may have said."""

    harsh: tuple[tuple[str, str, str], ...] = (
        ("insult", "cue/insult", "blunt/insult"),
        ("insult", "cue/disguised", "blunt/disguised"),
        ("insult", "cue/veiled", "blunt/veiled"),
        ("sarcastic", "cue/sarcastic", "blunt/sarcastic"),
        ("sarcastic", "cue/mockery", "blunt/mockery"),
        ("sarcastic", "cue/flippant", "blunt/flippant"),
        ("blaming", "cue/blaming", "blunt/blaming"),
        ("blaming", "cue/reproach", "blunt/reproach"),
        ("commanding", "cue/commanding", "blunt/commanding"),
        ("commanding", "cue/order", "blunt/order"),
        ("dismissive", "cue/dismissive", "blunt/dismissive"),
        ("dismissive", "cue/rebuff", "blunt/rebuff"),
    )
    """Kind, cues and words that are faults wherever they stand."""
    shrugs: tuple[tuple[str, str, str], ...] = (
        ("dismissive", "cue/no_way", "blunt/no_way"),
        ("dismissive", "cue/by_sound", "blunt/by_sound"),
        ("dismissive", "cue/shrug", "blunt/shrug"),
        ("dismissive", "cue/flippant", "blunt/consolation"),
        ("dismissive", "cue/wall", "blunt/wall"),
        ("commanding", "cue/self_service", "blunt/self_service"),
    )
    """Kind, cues and words that are faults only where nothing is offered."""
    praise: tuple[str, str] = ("cue/praise", "blunt/praise")
    """Cues and words of praise that mocks whoever complains."""
    cannot: tuple[str, str] = ("cue/no_way", "blunt/cannot")
    """Cues and words of a refusal to do a named thing: no fault where anything at all softens it."""
    refusal_cue: str = "cue/refusal"
    refusal: str = "blunt/refusal"
    insists: str = "blunt/bare_refusal"
    denial: str = "blunt/denial"
    asks: str = "blunt/asks"
    way_out: str = "blunt/way_out"
    excuse: str = "blunt/excuse"
    apology: str = "blunt/apology"
    reason: str = "blunt/reason"
    curt: str = "curt/word"
    emoji: str = "curt/emoji"
    nod: str = "curt/nod"
    points_away: str = "curt/points_away"
    plain_yes: str = "curt/plain_yes"
    consent: str = "curt/consent"
    greeting: str = "curt/greeting"
    open_question: str = "ask/open"
    polar_question: str = "ask/polar"
    either_or: str = "ask/either"
    request: str = "ask/request"
    favour: str = "ask/favour"
    trouble: str = "ask/trouble"
    plea: str = "ask/plea"
    again: str = "ask/again"
    call: str = "ask/call"
    query: str = "curt/query"
    pet: str = "blunt/pet"
    you: str = "blunt/you"
    protest: tuple[str, ...] = ("feel/angry", "hint/rhetoric")
    complaint: tuple[str, ...] = ("feel/angry",)
    calm: tuple[str, ...] = ("calm/thanks", "calm/polite")
    curt_max_letters: int = 12
    """A message with more letters and digits says something."""
    refusal_max_letters: int = 24


def observe(batch: Batch, params: Params) -> list[SeenSpan]:
    """The blunt words of human messages, by row."""
    seen: dict[tuple[int, str], SeenSpan] = {}
    for kind, cue, words in params.harsh:
        rows = _rows(batch, cue, words)
        _put(seen, batch, rows[~_of_a_pet(batch, rows, params)] if kind == "insult" else rows, words, kind)
    for kind, cue, words in params.shrugs:
        rows = _rows(batch, cue, words)
        _put(seen, batch, rows[~_polite(batch, rows, params)], words, kind)
    cue, words = params.praise
    rows = _rows(batch, cue, words)
    _put(seen, batch, rows[_complaining(batch, rows, params) & ~_softened(batch, rows, params)], words, "sarcastic")
    cue, words = params.cannot
    rows = _rows(batch, cue, words)
    _put(seen, batch, rows[~_softened(batch, rows, params)], words, "dismissive")
    known = {row for row, _ in seen}
    for kind, rows in (("dismissive", _bare_refusals(batch, params)), ("curt", _curt(batch, params))):
        for row in rows.tolist():
            if row not in known:
                seen[row, kind] = SeenSpan(row, 0, len(batch.texts[row]), kind)
    return sorted(seen.values(), key=lambda one: (one.row, one.start, one.kind))


def _rows(batch: Batch, cue: str, words: str) -> Ints:
    """Human messages with the words, looked for where their cue stands."""
    within = batch.has(cue) & batch.is_human
    return np.flatnonzero(batch.has(words, within=within)) if within.any() else np.empty(0, np.int64)


def _put(seen: dict[tuple[int, str], SeenSpan], batch: Batch, rows: Ints, words: str, kind: str) -> None:
    for row in rows.tolist():
        spans = batch.spans(row, words)
        if spans and (row, kind) not in seen:
            seen[row, kind] = SeenSpan(row, spans[0].start, spans[0].end, kind)


@dataclass(frozen=True)
class _Stretches:
    """For some messages, a stretch of rows each, and what one side says in them."""

    batch: Batch
    who: Bools
    low: Ints
    high: Ints

    def any(self, *groups: str) -> Bools:
        """For each stretch whether any of the groups stands in it."""
        size = len(self.batch.messages)
        edges = np.zeros(size + 1, np.int64)
        full = self.high > self.low
        np.add.at(edges, self.low[full], 1)
        np.add.at(edges, self.high[full], -1)
        within = (np.cumsum(edges[:-1]) > 0) & self.who
        if not within.any():
            return np.zeros(self.low.size, np.bool_)
        found = np.zeros(size, np.bool_)
        for group in groups:
            found |= self.batch.has(group, within=within)
        return self.holds(found & self.who)

    def holds(self, mask: Bools) -> Bools:
        """For each stretch whether the mask holds anywhere in it."""
        count = np.concatenate([[0], np.cumsum(mask)])
        return count[np.maximum(self.high, self.low)] > count[self.low]


def _turns(batch: Batch, rows: Ints) -> _Stretches:
    """The turns human messages stand in: from the customer's last message to the next."""
    begin = batch.begin[:-1][batch.conversation[rows]]
    return _Stretches(
        batch, batch.is_human, np.maximum(batch.last_customer[rows] + 1, begin), batch.next_customer[rows]
    )


def _asked(batch: Batch, rows: Ints) -> _Stretches:
    """The customer's messages that human messages answer: those since the agents' turn before."""
    last = batch.last_customer[rows]
    begin = batch.begin[:-1][batch.conversation[rows]]
    low = np.maximum(batch.last_human[np.maximum(last, 0)] + 1, begin)
    return _Stretches(batch, batch.is_customer, np.where(last >= 0, low, 0), np.where(last >= 0, last + 1, 0))


def _polite(batch: Batch, rows: Ints, params: Params) -> Bools:
    """Whether the turn offers a way out, or both apologises and says why."""
    if not rows.size:
        return np.zeros(0, np.bool_)
    turns = _turns(batch, rows)
    return turns.any(params.way_out) | (turns.any(params.apology) & turns.any(params.reason))


def _of_a_pet(batch: Batch, rows: Ints, params: Params) -> Bools:
    """Whether a message speaks to nobody and the customer has just told of a pet: its pet names are no insults."""
    if not rows.size:
        return np.zeros(0, np.bool_)
    pets = _asked(batch, rows).any(params.pet)
    if not pets.any():
        return pets
    chosen = np.zeros(len(batch.messages), np.bool_)
    chosen[rows[pets]] = True
    return pets & ~batch.has(params.you, within=chosen)[rows]


def _complaining(batch: Batch, rows: Ints, params: Params) -> Bools:
    """Whether the customer reports a fault or is angry, and neither thanks nor jokes, before each message."""
    if not rows.size:
        return np.zeros(0, np.bool_)
    asked = _asked(batch, rows)
    return asked.any(params.trouble, *params.protest) & ~asked.any(*params.calm)


def _softened(batch: Batch, rows: Ints, params: Params) -> Bools:
    """Whether anything in the turn offers, apologises or explains."""
    if not rows.size:
        return np.zeros(0, np.bool_)
    return _turns(batch, rows).any(params.way_out, params.excuse, params.apology, params.reason)


def _bare_refusals(batch: Batch, params: Params) -> Ints:
    """Refusals that are all the turn says, to a customer who protests, or who is angry at once afterwards."""
    within = batch.has(params.refusal_cue) & batch.is_human & (batch.last_customer >= 0)
    within &= batch.letters <= params.refusal_max_letters
    if not within.any():
        return np.empty(0, np.int64)
    groups = (params.insists, params.refusal, params.denial)
    masks = [batch.has(group, within=within) for group in groups]
    rows = np.flatnonzero(masks[0] | masks[1] | masks[2])
    if not rows.size:
        return rows
    insists, refuses, denies = (mask[rows] for mask in masks)
    asked, first = _asked(batch, rows), batch.next_customer[rows]
    answer = _Stretches(batch, batch.is_customer, first, _end_of_burst(batch, rows, first))
    protests = asked.any(*params.protest, params.plea)
    polar = asked.any(params.polar_question)
    blunt = np.where(
        insists,
        protests | polar,
        ~_softened(batch, rows, params)
        & np.where(
            refuses,
            protests & answer.any(*params.complaint),
            denies & asked.any(params.trouble) & ~polar & ~asked.any(*params.calm),
        ),
    )
    return rows[blunt & ~_turns(batch, rows).any(params.asks)]


def _end_of_burst(batch: Batch, rows: Ints, first: Ints) -> Ints:
    """Where the customer's burst that begins at ``first`` ends."""
    end = batch.end_of[rows]
    inside = first < end
    return np.where(inside, np.minimum(batch.next_human[np.where(inside, first, 0)], end), end)


def _curt(batch: Batch, params: Params) -> Ints:
    """Bare words that are the whole answer to a real question or complaint."""
    within = batch.is_human & (batch.letters <= params.curt_max_letters) & (batch.last_customer >= 0)
    if not within.any():
        return np.empty(0, np.int64)
    names = (params.curt, params.emoji, params.points_away, params.plain_yes)
    word, emoji, away, yes = (batch.has(name, within=within) for name in names)
    bare = word | emoji | away | yes
    empty = bare | batch.has(params.greeting, within=within)
    rows = np.flatnonzero(bare)
    turns = _turns(batch, rows)
    before = _Stretches(batch, batch.is_human, turns.low, rows)
    rows = rows[~turns.holds(batch.is_human & ~empty) & ~before.holds(bare)]
    if not rows.size:
        return rows
    word, emoji, away, yes = word[rows], emoji[rows], away[rows], yes[rows]
    chosen = np.zeros(len(batch.messages), np.bool_)
    chosen[rows] = True
    answers = (params.consent, params.nod, params.query)
    consent, nod, query = (batch.has(name, within=chosen)[rows] for name in answers)
    asked = _asked(batch, rows)
    # A yes answers the customer's last words; only what cannot be a yes answers the whole burst.
    last = _Stretches(batch, asked.who, np.where(consent | yes, np.maximum(asked.high - 1, 0), asked.low), asked.high)
    polar = last.any(params.polar_question)
    complains = asked.any(params.trouble)
    curt = np.where(
        polar,
        ~yes & ~nod,
        ~emoji & (last.any(params.trouble) | last.any(*params.complaint)),
    )
    curt = np.where(consent, polar & ~last.any(params.request), curt)
    curt = np.where(last.any(params.open_question), ~(consent & last.any(params.favour)), curt)
    curt &= word | emoji | ~yes
    curt = np.where(asked.any(params.either_or), ~emoji | asked.any(params.polar_question), curt)
    first = batch.next_customer[rows]
    # The customer asks again at once, was only sent an emoji when calling for somebody, or only a question mark.
    again = _Stretches(batch, batch.is_customer, first, np.minimum(first + 1, batch.end_of[rows])).any(params.again)
    wanted = asked.any(params.open_question, params.request, params.trouble, params.either_or)
    curt |= again & ~(yes & ~consent & ~emoji) & (wanted | polar)
    curt |= emoji & last.any(params.call)
    curt |= query
    curt = np.where(away, asked.any(params.open_question, params.polar_question) | complains, curt)
    return rows[curt]
