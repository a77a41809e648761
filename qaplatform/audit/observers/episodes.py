"""Where does the customer show displeasure, worry or haste, and is that feeling acknowledged before anything else?

Why: a correct answer to an upset customer fails when it begins with the rule. Source: D3 [H0, H2], the three kinds of
wording 安抚, 解释, 致歉 [H2]; the score below is ours [o].

Every customer message gets a score. A word or frame of feeling is enough alone (``strong``). Hints are a challenging
tone, something against expectation, loud marks and something that is wrong; two of different kinds in one message are
enough, or a tone in this message and one in the customer's message before. What is wrong counts only beside a tone:
a fault that is politely reported, and bare chasing, are no episode. Thanks and polite requests take weight from hints, not
from strong words. A weak message keeps an episode alive; a new one begins only after ``calm_messages`` calm messages.

An episode begins with its first message that is enough alone, or with the one whose tone a later message leaned on.
Messages that tell of trouble keep it alive like weak ones.

Who posts in public, with the shop's name behind ``public_mark``, and shows a feeling in one of the next messages had it
when they posted: such an episode begins with the post, however calmly that tells what happened, unless it is a polite
request. A post whose reply regrets the inconvenience was a complaint, whatever its words.

An acknowledgement stands *first* when no question, rule or solution and not much text precedes it in the next reply turn.
An apology for a slow reply and 请放心 count only as the answer to a complaint of waiting or to a worry.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from qaplatform.audit.batch import Batch, Bools, Ints
from qaplatform.audit.normalise import mostly_latin
from qaplatform.audit.observers._feelings import Floats, apologised_in_public, heard_by_the_agent, scores
from qaplatform.audit.observing import ObserverParams, SeenEpisode

Kind = Literal["displeased", "worried", "hurried"]
Verdict = Literal["first", "late", "missing", "no_reply"]
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
    cries: tuple[str, ...] = ("hint/cry",)
    """Calls that are haste alone, unless a chat begins with them."""
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
    regrets: tuple[str, ...] = ("soothe/inconvenience",)
    """Words of the agent that tell that a public post was a complaint."""
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
    """A message of at least this score keeps an episode alive, as one that says what is wrong does."""
    calm_messages: int = 4
    """A feeling this many customer messages after the last sign of one still belongs to its episode: people call two
    messages calm only when nothing of the quarrel is in them, which words alone do not show."""
    public_mark: str = "@"
    """What a post in public calls somebody by; empty: no message is taken for one."""
    public_messages: int = 2
    """So many customer messages after a public post a feeling was there before."""
    public_weight: float = 0.0
    """A public post of a lower score only asks politely: what is felt after it began later."""
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
    strong, score = scores(batch, params)
    felt = score >= params.threshold
    felt |= heard_by_the_agent(batch, params, felt, score) | apologised_in_public(batch, params, felt, score)
    alive = felt | (batch.is_customer & ((score >= params.keep_weight) | batch.has(*params.troubles)))
    ordinal = np.cumsum(batch.is_customer, dtype=np.int64)
    anew = strong & batch.has(*params.displeased) & batch.has(*params.shouts)
    limit = np.where(anew, params.calm_messages_loud, params.calm_messages)
    stretches = [_from_the_post(batch, params, score, one) for one in _stretches(batch, felt, alive, ordinal, limit)]
    stretches = _unsettled(batch, params, stretches)
    if not stretches:
        return []
    within = np.zeros(len(batch.texts), np.bool_)
    for first, _, stop in stretches:
        within[first : max(stop, *batch.reply_rows(first)[-1:], first) + 1] = True
    acknowledgements = _Acknowledgements(batch, params, within & batch.is_human)
    kinds = _Kinds(batch, params, strong)
    return [_episode(batch, params, kinds, acknowledgements, first, last, stop) for first, last, stop in stretches]


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


def _from_the_post(batch: Batch, params: Params, score: Floats, stretch: tuple[int, int, int]) -> tuple[int, int, int]:
    """The stretch, begun at the public post that opens its conversation if that stands just before it and is no request."""
    felt, last, stop = stretch
    row = felt
    for _ in range(params.public_messages if params.public_mark else 0):
        row = int(batch.last_customer[row])
        if row < 0:
            break
        if batch.last_customer[row] < 0 and params.public_mark in batch.texts[row]:
            return (row, last, stop) if score[row] >= params.public_weight else stretch
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
