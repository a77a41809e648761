"""Where does the customer show displeasure, worry or haste, and is that feeling acknowledged before anything else?

Why: a correct answer to an upset customer fails when it begins with the rule. Source: D3 [H0, H2], the three kinds of
wording 安抚, 解释, 致歉 [H2]; the score below is ours [o].

Every customer message gets a score. A word or frame of feeling is enough alone (``strong``). Hints are a challenging
tone, something against expectation, loud marks and something that is wrong; two of different kinds in one message are
enough, or a tone in this message and one in the customer's message before. What is wrong counts only beside a tone:
a fault that is politely reported, and bare chasing, are no episode. Thanks and polite requests take weight from hints, not
from strong words. A weak message keeps an episode alive; a new one begins only after ``calm_messages`` calm messages.

Who posts in public, with the shop's name behind ``public_mark``, and shows a feeling in one of the next messages had it
when they posted: such an episode begins with the post, however calmly that tells what happened.

An acknowledgement stands *first* when no question, rule or solution and not much text precedes it in the next reply turn.
An apology for a slow reply and 请放心 count only as the answer to a complaint of waiting or to a worry.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qaplatform.audit.batch import Batch, Bools, Ints
from qaplatform.audit.normalise import mostly_latin
from qaplatform.audit.observing import ObserverParams, SeenEpisode

Kind = Literal["displeased", "worried", "hurried"]
Verdict = Literal["first", "late", "missing", "no_reply"]
Floats = NDArray[np.float64]

_FAULTS = ("late", "missing")
"""The words of a feeling are looked up only where somebody is told of them; else the whole message stands for them."""


class Params(ObserverParams, frozen=True):
    """Phrase groups of feelings, hints and answers; weights are shares of the ``threshold`` of 1."""

    displeased: tuple[str, ...] = ("feel/angry", "feel/threat")
    mild: tuple[str, ...] = ("feel/mild",)
    """Displeasure that a friendly word in the same message takes back."""
    hurried: tuple[str, ...] = ("feel/hurried",)
    worried: tuple[str, ...] = ("feel/worried",)
    tones: tuple[str, ...] = ("hint/rhetoric", "hint/against", "hint/harm")
    loudness: tuple[str, ...] = ("hint/loud", "hint/many_questions", "hint/shout")
    """Marks that count beside other signs, but never with loudness in the message before alone."""
    shouts: tuple[str, ...] = ("hint/shout",)
    protests: tuple[str, ...] = ("hint/protest",)
    """A protesting way to put it; what is wrong is usually its subject and does not count again beside it."""
    faint: tuple[str, ...] = ("hint/resign", "hint/faint")
    calls: tuple[str, ...] = ("hint/call",)
    """Messages that only call out; ``calls_of_haste`` of them in one burst are haste."""
    calls_of_haste: int = 2
    call_letters: int = 6
    """Letters and digits such a message has at most."""
    harms: tuple[str, ...] = ("hint/harm",)
    troubles: tuple[str, ...] = ("hint/trouble",)
    thanks: tuple[str, ...] = ("calm/thanks",)
    polite: tuple[str, ...] = ("calm/polite",)
    laughter: tuple[str, ...] = ("calm/laughter",)
    """Who laughs and names nothing that is wrong is not displeased."""
    settled: tuple[str, ...] = ("calm/settled",)
    """What is told as over begins no second episode."""
    heard: tuple[str, ...] = ("soothe/heard",)
    """Words of the agent that answer a feeling; what stands before them and shows some sign was felt, however it is put."""
    waiting: tuple[str, ...] = ("feel/waiting",)
    soothing: tuple[str, ...] = ("soothe/feeling", "soothe/own_fault", "soothe/inconvenience")
    apology: tuple[str, ...] = ("soothe/apology",)
    slow_reply: tuple[str, ...] = ("soothe/slow_reply",)
    answers_wait: tuple[str, ...] = ("soothe/answers_wait",)
    answers_haste: tuple[str, ...] = ("soothe/answers_haste",)
    answers_worry: tuple[str, ...] = ("soothe/answers_worry",)
    fixes: tuple[str, ...] = ("soothe/fix",)
    threshold: float = 1.0
    tone_weight: float = 0.5
    trouble_weight: float = 0.5
    faint_weight: float = 0.25
    thanks_weight: float = -0.5
    polite_weight: float = -0.25
    hint_weight: float = 0.25
    """A message of at least this score, or one that says what is wrong, is felt if the next reply answers a feeling."""
    keep_weight: float = 0.5
    """A message of at least this score keeps an episode alive."""
    calm_messages: int = 4
    """A feeling this many customer messages after the last sign of one still belongs to its episode: people call two
    messages calm only when nothing of the quarrel is in them, which words alone do not show."""
    public_mark: str = "@"
    """What a post in public calls somebody by; empty: no message is taken for one."""
    public_messages: int = 2
    """So many customer messages after a public post a feeling was there before."""
    calm_messages_loud: int = 2
    """Anger that is shouted begins anew after so few calm messages."""
    lead_chars: int = 90
    """Characters of its message that may stand before an acknowledgement that comes first."""
    lead_chars_latin: int = 220
    """The same in a message of Latin letters, which takes more of them to say as much."""
    lead_letters: int = 45
    """Letters and digits of earlier messages of the turn that may stand before it."""
    template_chars: int = 140
    """In a message longer than this an apology counts only among its first ``lead_chars`` characters."""


def observe(batch: Batch, params: Params) -> list[SeenEpisode]:
    """Episodes by row."""
    strong, score = _scores(batch, params)
    felt = score >= params.threshold
    felt |= _heard_by_the_agent(batch, params, felt, score)
    alive = felt | (batch.is_customer & (score >= params.keep_weight))
    ordinal = np.cumsum(batch.is_customer, dtype=np.int64)
    anew = strong & batch.has(*params.displeased) & batch.has(*params.shouts)
    limit = np.where(anew, params.calm_messages_loud, params.calm_messages)
    stretches = [_from_the_post(batch, params, one) for one in _stretches(batch, felt, alive, ordinal, limit)]
    stretches = _unsettled(batch, params, stretches)
    if not stretches:
        return []
    within = np.zeros(len(batch.texts), np.bool_)
    for first, _, stop in stretches:
        within[first : max(stop, *batch.reply_rows(first)[-1:], first) + 1] = True
    acknowledgements = _Acknowledgements(batch, params, within & batch.is_human)
    kinds = _Kinds(batch, params, strong)
    return [_episode(batch, params, kinds, acknowledgements, first, last, stop) for first, last, stop in stretches]


def _scores(batch: Batch, params: Params) -> tuple[Bools, Floats]:
    """Whether strong words stand in a customer message, and the score of each message (0 for the shop's)."""
    customer = batch.is_customer
    friendly = batch.has(*params.thanks)
    friendly_burst = friendly | _said_next(batch, friendly)
    trouble = batch.has(*params.troubles)
    joking = batch.has(*params.laughter) & ~trouble
    strong: Bools = batch.has(*params.displeased) & ~joking | batch.has(*params.hurried, *params.worried)
    strong |= batch.has(*params.mild) & ~friendly_burst & ~joking
    strong |= _calls(batch, params)
    strong &= customer
    tones = _count(batch, params.tones) * params.tone_weight
    protest = batch.has(*params.protests) * params.tone_weight
    carried = tones + protest
    tones += _count(batch, params.loudness) * params.tone_weight
    tones += _count(batch, params.faint) * params.faint_weight
    calm = friendly * params.thanks_weight + batch.has(*params.polite) * params.polite_weight
    signs = tones + protest
    alone = np.maximum(signs, tones + np.where(tones >= params.tone_weight, trouble * params.trouble_weight, 0.0))
    previous = batch.last_customer
    before = np.where(previous >= 0, carried[previous], 0.0)
    earlier = np.where(previous >= 0, before[previous], 0.0)
    near = np.where(signs >= params.tone_weight, np.maximum(before, earlier), 0.0)
    together = np.maximum(alone, signs + near) + calm
    score = np.where(strong, np.maximum(params.threshold, together), together)
    score[~customer] = 0.0
    return strong, score


def _said_next(batch: Batch, mask: Bools) -> Bools:
    """Customer messages whose next message is the customer's as well and is of ``mask``."""
    following = np.minimum(batch.rows + 1, len(batch.texts) - 1)
    same: Bools = (batch.next_customer == batch.rows + 1) & batch.is_customer & mask[following]
    return same


def _calls(batch: Batch, params: Params) -> Bools:
    """The first of several calls (喂? / 在吗? / ??) in one burst that nobody answers, once the customer has said something."""
    calls = np.zeros(len(batch.texts), np.bool_)
    short = batch.is_customer & (batch.last_customer >= 0) & (batch.letters <= params.call_letters)
    called = batch.has(*params.calls, within=short)
    rows = np.flatnonzero(called)
    if rows.size < params.calls_of_haste:
        return calls
    told = batch.first_in_conversation(batch.is_customer & ~called & (batch.letters > params.call_letters))
    told = told[batch.conversation[rows]]
    rows = rows[(told >= 0) & (told < rows)]
    before = batch.last_human[rows]
    burst = np.where(before >= 0, before, batch.begin[batch.conversation[rows]] - 1)
    _, first, count = np.unique(burst, return_index=True, return_counts=True)
    calls[rows[first[count >= params.calls_of_haste]]] = True
    return calls


def _heard_by_the_agent(batch: Batch, params: Params, felt: Bools, score: Floats) -> Bools:
    """Messages whose signs are too weak alone, but whose reply begins with an answer to a feeling."""
    signs = batch.is_customer & ~felt & ((score >= params.hint_weight) | batch.has(*params.troubles, *params.harms))
    answer = batch.next_human
    rows = np.flatnonzero(signs & (answer < batch.end_of))
    heard = np.zeros(len(batch.texts), np.bool_)
    if not rows.size:
        return heard
    replies = np.zeros(len(batch.texts), np.bool_)
    replies[answer[rows]] = True
    soothed = batch.has(*params.heard, within=replies)
    heard[rows] = soothed[answer[rows]]
    return heard


def _count(batch: Batch, groups: tuple[str, ...]) -> Floats:
    """How many of the groups stand in each message."""
    count: Floats = np.zeros(len(batch.texts))
    for group in groups:
        count += batch.has(group)
    return count


def _stretches(
    batch: Batch, felt: Bools, alive: Bools, ordinal: Ints, calm_messages: Ints
) -> list[tuple[int, int, int]]:
    """(first row, last emotional row, row after the stretch) of every episode.

    Messages with a sign chain together over up to ``calm_messages`` (by the later message) steps; a chain with a felt
    message is an episode, from the first felt one on.
    """
    rows = np.flatnonzero(alive)
    if not rows.size:
        return []
    step = np.diff(ordinal[rows])
    apart = (step > calm_messages[rows[1:]]) | (np.diff(batch.conversation[rows]) != 0)
    begins = np.concatenate([[0], np.flatnonzero(apart) + 1])
    ends = np.concatenate([begins[1:], [rows.size]]) - 1
    emotional = np.add.reduceat(felt[rows].astype(np.int64), begins) > 0
    felt_at = np.flatnonzero(felt[rows])
    first_felt = felt_at[np.searchsorted(felt_at, begins[emotional])]
    firsts, lasts = rows[first_felt], rows[ends[emotional]]
    stops = np.minimum(np.concatenate([firsts[1:], [len(batch.texts)]]), batch.end_of[firsts])
    return list(zip(firsts.tolist(), lasts.tolist(), stops.tolist(), strict=True)) if firsts.size else []


def _from_the_post(batch: Batch, params: Params, stretch: tuple[int, int, int]) -> tuple[int, int, int]:
    """The stretch, begun at the public post that opens its conversation if that stands just before it."""
    felt, last, stop = stretch
    row = felt
    for _ in range(params.public_messages if params.public_mark else 0):
        row = int(batch.last_customer[row])
        if row < 0:
            break
        if batch.last_customer[row] < 0 and params.public_mark in batch.texts[row]:
            return row, last, stop
    return stretch


def _unsettled(batch: Batch, params: Params, stretches: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Stretches without those after the first of a conversation that only look back on what is over."""
    settled = batch.has(*params.settled)
    seen: set[int] = set()
    kept = []
    for stretch in stretches:
        conversation = int(batch.conversation[stretch[0]])
        if conversation not in seen or not settled[stretch[0]]:
            kept.append(stretch)
        seen.add(conversation)
    return kept


class _Acknowledgements:
    """Which shop messages acknowledge a feeling, and where in them; every group is looked for once."""

    def __init__(self, batch: Batch, params: Params, within: Bools) -> None:
        self._batch = batch
        self._params = params
        self.waiting = batch.has(*params.waiting)
        answers = (*params.answers_wait, *params.answers_haste, *params.answers_worry)
        batch.has(*params.soothing, *params.apology, *answers, *params.fixes, within=within)
        self._soothing = batch.has(*params.soothing, within=within)
        self._apology = batch.has(*params.apology, within=within)
        self._answering = {group: batch.has(group, within=within) for group in answers}
        self.fixes = batch.has(*params.fixes, within=within)
        self._slow = batch.has(*params.slow_reply, within=self._apology)

    def answers(self, kind: Kind, *, waited: bool) -> tuple[str, ...]:
        """Groups that acknowledge this feeling only as its direct answer."""
        params = self._params
        groups: tuple[str, ...] = params.answers_wait if waited else ()
        if kind == "hurried":
            groups += params.answers_haste
        return groups if kind == "displeased" else groups + params.answers_worry

    def place(self, row: int, answers: tuple[str, ...], *, waited: bool) -> int:
        """Where the first acknowledgement begins in a message (original characters; 0 if it hardly matters), else -1."""
        params = self._params
        soothing = bool(self._soothing[row])
        apology = bool(self._apology[row]) and (waited or soothing or not self._slow[row])
        answers = tuple(group for group in answers if self._answering[group][row])
        if not (soothing or apology or answers):
            return -1
        size = len(self._batch.texts[row])
        if size <= params.lead_chars and not self.fixes[row]:
            return 0
        groups = params.soothing * soothing + params.apology * apology + answers
        hits = self._batch.spans(row, *groups)
        if not hits or (size > params.template_chars and hits[0].start > self.reach(row)):
            return -1
        return hits[0].start

    def reach(self, row: int) -> int:
        """How far into a message an acknowledgement still comes first."""
        latin = mostly_latin(self._batch.texts[row])
        return self._params.lead_chars_latin if latin else self._params.lead_chars


def _episode(
    batch: Batch, params: Params, kinds: _Kinds, acknowledgements: _Acknowledgements, first: int, last: int, stop: int
) -> SeenEpisode:
    kind = kinds.at(first)
    waited = kind == "hurried" or bool(acknowledgements.waiting[first])
    verdict, at = _verdict(batch, params, acknowledgements, first, last, stop, kind, waited=waited)
    start, end = kinds.words(first, kind) if verdict in _FAULTS else (0, len(batch.texts[first]))
    return SeenEpisode(row=first, last_row=last, kind=kind, verdict=verdict, at=at, start=start, end=end)


class _Kinds:
    """The kind of feeling at a row and the words that show it."""

    def __init__(self, batch: Batch, params: Params, strong: Bools) -> None:
        self._batch = batch
        self._strong = strong
        kinds: tuple[tuple[Kind, tuple[str, ...]], ...] = (
            ("displeased", params.displeased + params.mild),
            ("hurried", params.hurried),
            ("worried", params.worried),
        )
        self._kinds = [(kind, groups, batch.has(*groups)) for kind, groups in kinds]
        self._hints = (*params.tones, *params.loudness, *params.troubles)

    def at(self, row: int) -> Kind:
        """The kind; calls that nobody answers are haste."""
        if not self._strong[row]:
            return "displeased"
        return next((kind for kind, _, there in self._kinds if there[row]), "hurried")

    def words(self, row: int, kind: Kind) -> tuple[int, int]:
        """Start and end of the first words that show it; the whole message where no single words do."""
        groups = next(groups for name, groups, _ in self._kinds if name == kind) if self._strong[row] else self._hints
        hits = self._batch.spans(row, *groups)
        return (hits[0].start, hits[0].end) if hits else (0, len(self._batch.texts[row]))


def _verdict(
    batch: Batch,
    params: Params,
    acknowledgements: _Acknowledgements,
    first: int,
    last: int,
    stop: int,
    kind: Kind,
    *,
    waited: bool,
) -> tuple[Verdict, int | None]:
    turn = batch.reply_rows(first)
    if not turn:
        return "no_reply", None
    lead = 0
    asked = False
    answers = acknowledgements.answers(kind, waited=waited)
    for row in turn:
        place = acknowledgements.place(row, answers, waited=waited)
        if place >= 0:
            fixed = asked or (
                bool(acknowledgements.fixes[row]) and any(hit.start < place for hit in batch.spans(row, *params.fixes))
            )
            first_of_all = not fixed and lead <= params.lead_letters and place <= acknowledgements.reach(row)
            return ("first" if first_of_all else "late"), row
        lead += int(batch.letters[row])
        asked = asked or bool(acknowledgements.fixes[row])
    until = _after_calm(batch, last, stop, params.calm_messages)
    for row in _human_rows(batch, turn[-1] + 1, until):
        if acknowledgements.place(row, (), waited=waited) >= 0:
            return "late", row
    return "missing", None


def _after_calm(batch: Batch, last: int, stop: int, calm_messages: int) -> int:
    """The row at which an episode is over: after ``calm_messages`` customer messages that follow its last one."""
    row = last
    for _ in range(calm_messages):
        row = int(batch.next_customer[row])
        if row >= stop:
            return stop
    return row


def _human_rows(batch: Batch, begin: int, end: int) -> Sequence[int]:
    return [begin + int(step) for step in np.flatnonzero(batch.is_human[begin:end])]
