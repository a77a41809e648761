"""Which messages commit the shop to a future act or result, by when, and was it kept?

Why: 尽快 and 稍后 leave the customer waiting without an end, and a promise forgotten costs more than none.
Source: D4, D6 [H2, o]; definitions of the labelling guideline.

A commitment is a frame: a modal or a vague word of time before an act (会…联系您, 尽快安排), a condition before
a report (查到后告诉您), or a time beside a result (两小时内回复, 明天到). A clause that asks, offers, denies, states
a general rule or tells what is already done is none. A message counts once.

A promise with a knowable moment inside the record (up to its last message) is *kept*
where, after it and by its moment, a person of the shop wrote something on the matter, or the customer
confirmed it. On the matter is a message with an outcome or news in it, good or bad; filler, thanks, offers of
other goods and bare put-offs are not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isnan

import numpy as np
from msgspec import structs

from qaplatform.audit.batch import Batch, Bools, Ints
from qaplatform.audit.clauses import Clauses, one_of
from qaplatform.audit.deadlines import Deadline, deadlines
from qaplatform.audit.normalise import mostly_latin, plain_view
from qaplatform.audit.observing import ObserverParams, SeenPromise

_TIMED, _IDIOM = 2, 3
_SPACE = 32
_STATEMENT_SPACES = 3
_EMPTY = (
    "的了呢哦哈啊呀吧吗嘛么是有在我您你们他她它这那个些和跟与给为帮就都也还再会能可以要不没好请把被"
    "让对到上下里来去说前后内小时分钟天点半今明早晚"
)
"""Characters that no matter is named by."""
_MATTERS = re.compile(rf"[^\x00-\x7f{_EMPTY}]{{2,}}").findall


class Params(ObserverParams, frozen=True):
    """Phrase groups of the frames, and how far a time may stand from the promise it belongs to."""

    promise: str = "promise"
    timed: str = "promise_timed"
    idiom: str = "promise_idiom"
    report: str = "promise_report"
    spoken: str = "promise_spoken"
    done: str = "promise_done"
    succeeded: str = "promise_succeeded"
    rule: str = "promise_rule"
    card: str = "promise_card"
    condition: str = "promise_condition"
    void_close: str = "promise_void_close"
    void_before: str = "promise_void_before"
    void_after: str = "promise_void_after"
    news: str = "promise_news"
    filler: str = "promise_filler"
    put_off: str = "promise_put_off"
    asked_when: str = "promise_asked_when"
    wish: str = "promise_wish"
    yes: str = "promise_yes"
    yes_letters: int = 8
    """So short a yes to a time the customer named accepts it."""
    answer_letters: int = 14
    """So short an answer to when? is a promise by its time alone."""
    handover: str = "transfer_handover"
    confirmed: str = "promise_confirmed"
    deadline_reach_chars: int = 20
    """How far from the promise's words, in the same sentence, its time may stand."""
    timed_reach_chars: int = 10
    """The same where only the time shows the promise."""
    latin_reach_ratio: int = 3
    """In a message of Latin letters both reach so many times farther: it takes more of them to say as much."""
    before_chars: int = 22
    """How far before the end of a promise's words, in its clause, words that make it none may stand; twice as far
    where only a time shows the promise, as ranges and masked numbers are long."""
    after_chars: int = 14
    """The same behind them."""
    close_chars: int = 12
    """How far before the end of a promise's words a denial, or words that say it is done, may stand."""
    done_chars: int = 4
    """How far behind the end of a promise's words the same may stand (补发好了)."""
    tag_chars: int = 8
    """A question tag this soon behind the clause (…,可以吗) belongs to it."""
    quote_chars: int = 12
    """How much of the clause behind a promise's words is shown with them."""
    matter_messages: int = 3
    """So many customer messages before a promise say what it is about."""
    same_breath_seconds: float = 60.0
    """What the agent adds this soon, before the customer writes again, belongs to the promise itself."""
    told_after_seconds: float = 120.0
    """An English statement this long after the promise is news: outcomes have more words than any list."""
    grace_seconds: float = 0.0
    """How much later than its moment a promise still counts as kept."""


def observe(batch: Batch, params: Params) -> list[SeenPromise]:
    """The promises of human messages, one a message."""
    found = _framed(batch, params)
    framed = {promise.row for promise in found}
    answers = _answers(batch, params, framed)
    answers += _agreed(batch, params, framed.union(promise.row for promise in answers))
    if answers:
        found = sorted(found + answers, key=lambda promise: promise.row)
    return _with_kept(batch, found, params)


def _answers(batch: Batch, params: Params, framed: set[int]) -> list[SeenPromise]:
    """Short answers to the question when?, which promise by naming a time."""
    asked = batch.has(params.asked_when)
    last = batch.last_customer
    short = batch.is_human & (last >= 0) & asked[last] & (batch.last_human < last)
    short &= batch.letters <= params.answer_letters
    rows = np.flatnonzero(short & ~batch.has(params.done, params.void_before, params.void_after, within=short))
    out = []
    for row in rows.tolist():
        times = times_in(batch, row) if row not in framed else []
        if times:
            one = times[0]
            span = one.start, one.end
            out.append(SeenPromise(row, *span, concrete=True, due=one.due, deadline=span))
    return out


def _agreed(batch: Batch, params: Params, framed: set[int]) -> list[SeenPromise]:
    """Short yeses to a time the customer wants something by: 明天一定要收到的 → 可以到."""
    last = batch.last_customer
    short = batch.has(params.yes) & batch.is_human & (last >= 0) & (batch.last_human < last)
    short &= batch.letters <= params.yes_letters
    wishing = np.zeros(len(batch.messages), np.bool_)
    wishing[last[short]] = True
    wishing = batch.has(params.wish, within=wishing)
    out = []
    for row in np.flatnonzero(short & wishing[last]).tolist():
        times = times_in(batch, int(last[row])) if row not in framed else []
        if times and not batch.texts[row].endswith(("?", "吗")):
            out.append(SeenPromise(row, 0, len(batch.texts[row]), concrete=True, due=times[0].due))
    return out


def _framed(batch: Batch, params: Params) -> list[SeenPromise]:
    """The promises that a sentence frame shows."""
    frames = (params.promise, params.report, params.timed, params.idiom, params.spoken)
    rows = np.flatnonzero(batch.has(*frames) & batch.is_human)
    if not rows.size:
        return []
    voids = (params.void_before, params.void_after, params.void_close, params.done, params.succeeded)
    more = (params.rule, params.card, params.condition)
    clauses = Clauses(batch, rows, (*frames, *voids, *more))
    last, frame = one_of([clauses.ends(group) for group in frames])
    first, mark = clauses.bounds(last)
    kept = np.flatnonzero(~_voided(clauses, params, last, frame, first, mark))
    # A clause is read once as a promise and once as a time with a result.
    kept = kept[np.sort(np.unique(first[kept] * 2 + (frame[kept] == _TIMED), return_index=True)[1])]
    last, timed, first, mark = last[kept], frame[kept] == _TIMED, first[kept], mark[kept]
    message = np.searchsorted(clauses.view.char_ends, last)
    out: list[SeenPromise] = []
    best: SeenPromise | None = None
    here = -1
    for local, *words, by_time in zip(
        message.tolist(), first.tolist(), last.tolist(), mark.tolist(), timed.tolist(), strict=True
    ):
        if local != here:
            if best is not None:
                out.append(best)
            here, best = local, None
        if best is None or not best.concrete:
            best = _read(batch, clauses, local, *words, timed=by_time, params=params) or best
    return out if best is None else [*out, best]


def _voided(clauses: Clauses, params: Params, last: Ints, frame: Ints, first: Ints, mark: Ints) -> Bools:
    """Whether words in the clause of each hit make it none: a question, an offer, a denial, a rule, a thing done."""
    ratio = np.where(clauses.latin(last), params.latin_reach_ratio, 1)
    before_chars = ratio * np.where(frame == _TIMED, 2 * params.before_chars, params.before_chars)
    before = clauses.ends(params.void_before).any_between(
        np.maximum(first, last - before_chars), np.minimum(mark, last + 3)
    )
    tag = np.where(frame == _TIMED, 0, params.tag_chars)
    after = clauses.ends(params.void_after).any_between(
        np.maximum(first, last - 6), np.minimum(mark, last + ratio * params.after_chars)
    )
    begin, end = clauses.messages(last)
    after |= clauses.ends(params.void_after).any_between(mark, np.minimum(mark + tag, end))
    near = np.maximum(first, last - params.close_chars)
    close = clauses.ends(params.void_close).any_between(near, last)
    done = clauses.ends(params.done).any_between(near, np.minimum(mark, last + params.done_chars)) & (frame > 0)
    done |= clauses.ends(params.succeeded).any_between(near, np.minimum(mark, last + params.done_chars)) & (
        (frame > 0) & (frame != _TIMED)
    )
    rule = clauses.ends(params.rule).any_between(begin, end) & (frame == _TIMED)
    rule &= clauses.ends(params.card).any_between(begin, mark)  # what stands before the list is this case's own
    rule |= clauses.ends(params.condition).any_between(np.maximum(begin, clauses.bounds(first - 1)[0]), last)
    void: Bools = (before | after | close | done | rule) & (frame != _IDIOM)
    return void


def times_in(batch: Batch, row: int) -> list[Deadline]:
    """The times one message names, as characters of its original text."""
    folded = batch.folded(row)
    found = deadlines(folded, float(batch.seconds[row]), batch.context)
    text = batch.texts[row]
    if not found or len(folded) == len(text):
        return found
    view = plain_view([text])
    return [Deadline(*view.original(0, one.start, one.end), one.due) for one in found]


def _read(
    batch: Batch, clauses: Clauses, local: int, first: int, last: int, mark: int, *, timed: bool, params: Params
) -> SeenPromise | None:
    """The promise whose words end with ``last`` in the clause ``first`` to ``mark``.

    ``None`` where it is one only by its time and has none.
    """
    row = int(clauses.rows[local])
    begin, end = clauses.begin(local), int(clauses.view.char_ends[local])
    ratio = params.latin_reach_ratio if mostly_latin(clauses.texts[local]) else 1
    reach = ratio * (params.timed_reach_chars if timed else params.deadline_reach_chars)
    low, high = max(begin, first - reach), min(end, max(mark, last + 1 + reach))
    text = clauses.folded(low, high)
    best: Deadline | None = None
    least = ratio * params.deadline_reach_chars + 1
    for one in deadlines(text, float(batch.seconds[row]), batch.context):
        start, stop = low + one.start, low + one.end
        gap = max(start - last - 1, first - stop if not timed else last - stop, 0)
        inside = first <= start and stop <= mark
        if timed and not inside and " " in clauses.folded(min(stop, mark), max(start, first)):
            continue
        if gap < least and (inside or clauses.same_sentence(min(stop, last), max(start, last))):
            best, least = one, gap
    if best is None and timed:
        return None
    first, stop = _trimmed(clauses, first, max(last + 1, min(mark, last + 1 + params.quote_chars)))
    if best is None:
        return SeenPromise(row, *clauses.original(local, first, stop), concrete=False)
    when = low + best.start, low + best.end
    span = clauses.original(local, min(first, when[0]), max(stop, when[1]))
    return SeenPromise(row, *span, concrete=True, due=best.due, deadline=clauses.original(local, *when))


def _trimmed(clauses: Clauses, first: int, stop: int) -> tuple[int, int]:
    """A clause without the spaces around it."""
    codes = clauses.view.codes
    while first < stop - 1 and codes[first] == _SPACE:
        first += 1
    while stop > first + 1 and codes[stop - 1] == _SPACE:
        stop -= 1
    return first, stop


def _with_kept(batch: Batch, promises: list[SeenPromise], params: Params) -> list[SeenPromise]:
    """The promises, those with a known deadline inside the record with whether they were kept."""
    rows = {promise.row: _rows_in_time(batch, promise, params) for promise in promises if not isnan(promise.due)}
    if not rows:
        return promises
    within = np.zeros(len(batch.messages), np.bool_)
    within[[row for there in rows.values() for row in there]] = True
    human = within & batch.is_human
    batch.has(params.news, params.filler, params.put_off, within=human)  # one search for all three
    words = _Words(
        confirmed=batch.has(params.confirmed, within=within & batch.is_customer),
        news=batch.has(params.news, within=human),
        said=human & ~batch.has(params.filler, within=human),
        put_off=batch.has(params.put_off, within=human) | batch.has(params.handover),
        timed=batch.has(params.timed),
    )
    return [
        structs.replace(promise, kept=_kept(batch, promise, rows[promise.row], words, params))
        if promise.row in rows
        else promise
        for promise in promises
    ]


@dataclass(frozen=True)
class _Words:
    """For each message whether the customer confirms, and whether a person says more than filler, news or a time."""

    confirmed: Bools
    said: Bools
    news: Bools
    put_off: Bools
    timed: Bools


def _rows_in_time(batch: Batch, promise: SeenPromise, params: Params) -> list[int]:
    """What was written after a promise and by its deadline."""
    first, due = promise.row + 1, promise.due + params.grace_seconds
    seconds = batch.seconds[first : int(batch.end_of[promise.row])].tolist()
    return [first + place for place, second in enumerate(seconds) if second <= due]


def _kept(batch: Batch, promise: SeenPromise, rows: list[int], words: _Words, params: Params) -> bool | None:
    """Whether anything on the matter came in time; ``None`` where the record ends before the deadline."""
    row, matter = promise.row, frozenset[str]()
    for other in rows:
        if words.confirmed[other]:
            return True
        if not words.said[other]:
            continue
        if words.news[other] and not words.put_off[other]:
            return True
        if words.timed[other] and any(one.due > promise.due for one in times_in(batch, other)):
            return True  # another time, told before the first one passed
        if words.put_off[other]:
            continue
        wait = float(batch.seconds[other] - batch.seconds[row])
        if batch.last_customer[other] < row and wait < params.same_breath_seconds:
            continue
        matter = matter or _matter(batch, row, params)
        folded = batch.folded(other)
        if matter & matter_pairs(folded) or (wait >= params.told_after_seconds and _states(folded)):
            return True
    # Past the last message the follow-up may have come by phone or in another conversation: unknown, not missed.
    end = int(batch.end_of[row])
    last = float(batch.seconds[end - 1])
    if isnan(last):  # no time: the latest of those that have one
        last = float(np.fmax.reduce(batch.seconds[row:end]))
    return False if last >= promise.due + params.grace_seconds else None


def _states(folded: str) -> bool:
    """Whether an English message of some words asks nothing."""
    return "?" not in folded and folded.count(" ") >= _STATEMENT_SPACES and mostly_latin(folded)


def _matter(batch: Batch, row: int, params: Params) -> frozenset[str]:
    """Pairs of characters that name what the promise is about: its message and the customer's last ones."""
    pairs = matter_pairs(batch.folded(row))
    customer = int(batch.last_customer[row])
    for _ in range(params.matter_messages):
        if customer < 0:
            break
        pairs |= matter_pairs(batch.folded(customer))
        customer = int(batch.last_customer[customer])
    return pairs


def matter_pairs(folded: str) -> frozenset[str]:
    """Neighbouring characters of a text that mean something; words made of function characters say nothing."""
    return frozenset([run[at : at + 2] for run in _MATTERS(folded) for at in range(len(run) - 1)])
