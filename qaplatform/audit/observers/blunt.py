"""What does an agent say to a customer that an inspector would deduct for?

Why: 不可能, 我也没办法, 这是规定 start the fight that the product did not. Source: D2 [H0, o]; kinds of the labelling guideline.

Six kinds. ``insult``, ``sarcastic``, ``blaming``, ``commanding`` and the harsh part of ``dismissive`` are faults wherever they
stand. A refusal or a shrug (没办法, 这是规定, 不清楚, 自己看) is one only where the turn offers no way out: a polite refusal with a
reason or an alternative is none. A refusal in plain words is one where it is all the turn says and insists (确实无法修改) or angers
the customer. ``curt`` is a turn of nothing but 哦 / 嗯 / ? / 看详情页 to a real question; a plain yes to a yes-no question is an answer.

Each group of words is searched only in messages in which one of its cues stands. A message counts once for each kind.
"""

from __future__ import annotations

import numpy as np

from qaplatform.audit.batch import Batch, Bools, Ints
from qaplatform.audit.normalise import mostly_latin
from qaplatform.audit.observing import ObserverParams, SeenSpan
from qaplatform.audit.stretches import Stretches, answers_to, asked_by, turn_of

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
        ("sarcastic", "cue/impatient", "blunt/impatient"),
        ("insult", "cue/english", "blunt/en_insult"),
        ("sarcastic", "cue/english", "blunt/en_mockery"),
        ("blaming", "cue/english", "blunt/en_blaming"),
        ("commanding", "cue/english", "blunt/en_order"),
        ("dismissive", "cue/english", "blunt/en_rebuff"),
    )
    """Kind, cues and words that are faults wherever they stand."""
    shrugs: tuple[tuple[str, str, str], ...] = (
        ("dismissive", "cue/no_way", "blunt/no_way"),
        ("dismissive", "cue/by_sound", "blunt/by_sound"),
        ("dismissive", "cue/shrug", "blunt/shrug"),
        ("dismissive", "cue/flippant", "blunt/consolation"),
        ("dismissive", "cue/wall", "blunt/wall"),
        ("commanding", "cue/self_service", "blunt/self_service"),
        ("dismissive", "cue/english", "blunt/en_shrug"),
        ("commanding", "cue/english", "blunt/en_self_service"),
        ("blaming", "cue/english", "blunt/en_reproach"),
    )
    """Kind, cues and words that are faults only where nothing is offered."""
    doctor: tuple[str, str] = ("cue/veiled", "blunt/doctor")
    """Cues and words that send somebody to a doctor: an insult to whoever told of no harm."""
    hurt: str = "told/hurt"
    teasing: tuple[tuple[str, str, str], ...] = (
        ("sarcastic", "cue/praise", "blunt/praise"),
        ("sarcastic", "cue/lecture", "blunt/needling"),
        ("sarcastic", "cue/english", "blunt/en_praise"),
        ("dismissive", "cue/english", "blunt/en_defiance"),
        ("dismissive", "cue/english", "blunt/en_brusque"),
    )
    """Kind, cues and words that mock or defy only whoever complains."""
    english: str = "cue/english"
    """Cues of English; its groups are looked for only there, and no others are."""
    lecture: tuple[str, str] = ("cue/lecture", "blunt/lecture")
    """Cues and words of advice for the next time in place of help this time."""
    by_rule: tuple[str, str] = ("cue/no_way", "blunt/by_rule")
    """Cues and words of a refusal whose only reason is the rule."""
    merely: tuple[str, str] = ("cue/merely", "answer/merely")
    already: tuple[str, str] = ("cue/already", "answer/already")
    waved: str = "cue/waved"
    contradicts: str = "reply/contradicts"
    no: str = "answer/no"
    stuck: str = "reply/stuck"
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
    thanks: str = "calm/thanks"
    content: tuple[str, ...] = ("end/ok", "end/thanks")
    pointing: tuple[str, ...] = (*"是这真才像就当死臭大老您你的", "是个", "真个", "像个", "个个")
    """What stands before a word that calls somebody names, and not before the name of goods."""
    felt: tuple[str, ...] = ("feel/angry", "feel/worried", "feel/hurried", "hint/harm")
    laughter: str = "calm/laughter"
    curt_max_letters: int = 12
    """A message with more letters and digits says something."""
    curt_max_letters_english: int = 40
    """The same in English, which takes more of them to say as little."""
    refusal_max_letters: int = 24


def observe(batch: Batch, params: Params) -> list[SeenSpan]:
    """The blunt words of human messages, by row."""
    seen: dict[tuple[int, str], SeenSpan] = {}
    _search(batch, params)
    for kind, cue, words in params.harsh:
        rows = _rows(batch, cue, words)
        if kind == "insult":
            rows = rows[~_of_a_pet(batch, rows, params)]
            rows = rows[np.array([not _names_goods(batch, row, words, params) for row in rows.tolist()], np.bool_)]
        _put(seen, batch, rows, words, kind)
    for kind, cue, words in params.shrugs:
        rows = _rows(batch, cue, words)
        _put(seen, batch, rows[~_polite(batch, rows, params)], words, kind)
    for kind, cue, words in params.teasing:
        rows = _rows(batch, cue, words)
        _put(seen, batch, rows[_complaining(batch, rows, params) & ~_softened(batch, rows, params)], words, kind)
    rows = _rows(batch, *params.lecture)
    _put(
        seen, batch, rows[~_polite(batch, rows, params) & ~_thanked(batch, rows, params)], params.lecture[1], "blaming"
    )
    rows = _rows(batch, *params.doctor)
    _put(seen, batch, rows[~_told_of_harm(batch, rows, params)], params.doctor[1], "insult")
    rows = _rows(batch, *params.by_rule)
    _put(seen, batch, rows[_nothing_but_the_rule(batch, rows, params)], params.by_rule[1], "dismissive")
    cue, words = params.cannot
    rows = _rows(batch, cue, words)
    _put(seen, batch, rows[~_softened(batch, rows, params)], words, "dismissive")
    # A bare "google it" is both an order and curt; 自己看 is one or the other.
    english = batch.has(params.english)
    known = {row for row, _ in seen if not english[row]}
    whole = (
        ("dismissive", _bare_refusals(batch, params)),
        ("dismissive", _made_small(batch, params)),
        ("dismissive", _contradicted(batch, params)),
        ("curt", _given_before(batch, params)),
        *_curt(batch, params),
    )
    for kind, rows in whole:
        for row in rows.tolist():
            if row not in known and (row, kind) not in seen:
                seen[row, kind] = SeenSpan(row, 0, len(batch.texts[row]), kind)
    return sorted(seen.values(), key=lambda one: (one.row, one.start, one.kind))


def _search(batch: Batch, params: Params) -> None:
    """Search all words of a language in one go, wherever any of their cues stands; what is found is kept."""
    pairs = [(cue, words) for _, cue, words in (*params.harsh, *params.shrugs, *params.teasing)]
    pairs += [params.lecture, params.by_rule, params.cannot, params.doctor]
    for english in (False, True):
        cues, words = zip(*(pair for pair in pairs if (pair[0] == params.english) == english), strict=True)
        batch.has(*dict.fromkeys(words), within=batch.has(*dict.fromkeys(cues)) & batch.is_human)


def _rows(batch: Batch, cue: str, words: str) -> Ints:
    """Human messages with the words, looked for where their cue stands."""
    within = batch.has(cue) & batch.is_human
    return np.flatnonzero(batch.has(words, within=within)) if within.any() else np.empty(0, np.int64)


def _put(seen: dict[tuple[int, str], SeenSpan], batch: Batch, rows: Ints, words: str, kind: str) -> None:
    for row in rows.tolist():
        spans = batch.spans(row, words)
        if spans and (row, kind) not in seen:
            seen[row, kind] = SeenSpan(row, spans[0].start, spans[0].end, kind)


def _polite(batch: Batch, rows: Ints, params: Params) -> Bools:
    """Whether the turn offers a way out, or both apologises and says why."""
    if not rows.size:
        return np.zeros(0, np.bool_)
    turns = turn_of(batch, rows)
    return turns.any(params.way_out) | (turns.any(params.apology) & turns.any(params.reason))


def _of_a_pet(batch: Batch, rows: Ints, params: Params) -> Bools:
    """Whether a message speaks to nobody and the customer has just told of a pet: its pet names are no insults."""
    if not rows.size:
        return np.zeros(0, np.bool_)
    pets = asked_by(batch, rows).any(params.pet)
    if not pets.any():
        return pets
    chosen = np.zeros(len(batch.messages), np.bool_)
    chosen[rows[pets]] = True
    return pets & ~batch.has(params.you, within=chosen)[rows]


def _told_of_harm(batch: Batch, rows: Ints, params: Params) -> Bools:
    """Whether the customer has told of an injury or illness before each message."""
    first = batch.begin[:-1][batch.conversation[rows]]
    return Stretches(batch, batch.is_customer, first, rows).any(params.hurt) if rows.size else np.zeros(0, np.bool_)


def _names_goods(batch: Batch, row: int, words: str, params: Params) -> bool:
    """Whether the customer named every such word first, as one names goods or a place: it calls nobody names."""
    first = int(batch.begin[batch.conversation[row]])
    asked = "\n".join(batch.texts[one] for one in range(first, row) if batch.is_customer[one])

    def names(text: str, start: int) -> bool:
        return start >= 0 and not text[:start].endswith(params.pointing)

    text = batch.texts[row]
    hits = ((hit.start, text[hit.start : hit.end]) for hit in batch.spans(row, words))
    return all(names(text, start) and names(asked, asked.find(word)) for start, word in hits)


def _complaining(batch: Batch, rows: Ints, params: Params) -> Bools:
    """Whether the customer reports a fault or is angry, and neither thanks nor jokes, before each message."""
    if not rows.size:
        return np.zeros(0, np.bool_)
    asked = asked_by(batch, rows)
    return asked.any(params.trouble, *params.protest) & ~asked.any(*params.calm)


def _softened(batch: Batch, rows: Ints, params: Params) -> Bools:
    """Whether anything in the turn offers, apologises or explains."""
    if not rows.size:
        return np.zeros(0, np.bool_)
    return turn_of(batch, rows).any(params.way_out, params.excuse, params.apology, params.reason)


def _thanked(batch: Batch, rows: Ints, params: Params) -> Bools:
    """Whether what each message answers is thanks."""
    return asked_by(batch, rows).any(params.thanks) if rows.size else np.zeros(0, np.bool_)


def _nothing_but_the_rule(batch: Batch, rows: Ints, params: Params) -> Bools:
    """Whether the turn offers nothing; one that apologises is blunt only to a customer who presses or protests."""
    if not rows.size:
        return np.zeros(0, np.bool_)
    asked, turn = asked_by(batch, rows), turn_of(batch, rows)
    pressed = asked.any(params.call, params.plea, *params.protest) | answers_to(batch, rows).any(*params.protest)
    return ~turn.any(params.way_out) & (~turn.any(params.apology, params.reason) | pressed)


def _made_small(batch: Batch, params: Params) -> Ints:
    """A question about a fault or a complaint that is answered with no more than how small the fault is."""
    rows = _rows(batch, *params.merely)
    if not rows.size:
        return rows
    asked = asked_by(batch, rows)
    asks = asked.any(params.trouble, params.polar_question, params.open_question, *params.protest)
    return rows[asks & ~asked.any(*params.calm) & ~_softened(batch, rows, params)]


def _contradicted(batch: Batch, params: Params) -> Ints:
    """A reassurance that offers nothing and that the customer contradicts at once."""
    rows = np.flatnonzero(batch.has(params.waved) & batch.is_human)
    rows = rows[batch.next_customer[rows] < batch.end_of[rows]]
    if not rows.size:
        return rows
    first = batch.next_customer[rows]
    rows = rows[Stretches(batch, batch.is_customer, first, first + 1).any(params.contradicts)]
    return rows[~turn_of(batch, rows).any(params.way_out)] if rows.size else rows


def _given_before(batch: Batch, params: Params) -> Ints:
    """Who calls or asks how is told that it was sent before, and no more."""
    rows = _rows(batch, *params.already)
    if not rows.size:
        return rows
    asked = asked_by(batch, rows)
    return rows[asked.any(params.call, params.open_question) & ~asked.any(params.polar_question)]


def _bare_refusals(batch: Batch, params: Params) -> Ints:
    """Refusals that are all the turn says, to a customer who protests, or who is angry at once afterwards."""
    within = batch.has(params.refusal_cue) & batch.is_human & (batch.last_customer >= 0)
    within &= batch.letters <= params.refusal_max_letters
    if not within.any():
        return np.empty(0, np.int64)
    groups = (params.insists, params.refusal, params.denial)
    batch.has(*groups, within=within)
    masks = [batch.has(group, within=within) for group in groups]
    rows = np.flatnonzero(masks[0] | masks[1] | masks[2])
    if not rows.size:
        return rows
    insists, refuses, denies = (mask[rows] for mask in masks)
    asked, answer = asked_by(batch, rows), answers_to(batch, rows)
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
    return rows[blunt & ~turn_of(batch, rows).any(params.asks)]


def _curt(batch: Batch, params: Params) -> tuple[tuple[str, Ints], ...]:
    """Bare words that are the whole answer to a real question or complaint, and a bare no that leaves somebody stuck."""
    short = batch.letters <= params.curt_max_letters
    short |= batch.has(params.english) & (batch.letters <= params.curt_max_letters_english)
    rows = np.flatnonzero(batch.is_human & short & (batch.last_customer >= 0))
    # Whoever says more in the same turn has not been curt.
    rows = rows[~turn_of(batch, rows).holds(batch.is_human & ~short)] if rows.size else rows
    if not rows.size:
        return ()
    within = np.zeros(len(batch.messages), np.bool_)
    within[rows] = True
    names = (params.curt, params.emoji, params.points_away, params.plain_yes, params.greeting, params.no)
    batch.has(*names, within=within)
    word, emoji, away, yes, greeting, no = (batch.has(name, within=within) for name in names)
    bare = word | emoji | away | yes
    empty = bare | greeting
    refusals = _left_stuck(batch, no, empty, params)
    rows = np.flatnonzero(bare)
    turns = turn_of(batch, rows)
    before = Stretches(batch, batch.is_human, turns.low, rows)
    rows = rows[~turns.holds(batch.is_human & ~empty) & ~before.holds(bare)]
    if not rows.size:
        return (("dismissive", refusals),)
    word, emoji, away, yes = word[rows], emoji[rows], away[rows], yes[rows]
    chosen = np.zeros(len(batch.messages), np.bool_)
    chosen[rows] = True
    answers = (params.consent, params.nod, params.query)
    batch.has(*answers, within=chosen)
    consent, nod, query = (batch.has(name, within=chosen)[rows] for name in answers)
    asked = asked_by(batch, rows)
    asked.any(
        params.polar_question,
        params.open_question,
        params.either_or,
        params.request,
        params.trouble,
        params.favour,
        params.call,
        *params.complaint,
    )  # searched together, and kept
    # A yes answers the customer's last words; only what cannot be a yes answers the whole burst.
    last = Stretches(batch, asked.who, np.where(consent | yes, np.maximum(asked.high - 1, 0), asked.low), asked.high)
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
    reply = Stretches(batch, batch.is_customer, first, np.minimum(first + 1, batch.end_of[rows]))
    again = reply.any(params.again)
    wanted = asked.any(params.open_question, params.request, params.trouble, params.either_or)
    latin = np.array([mostly_latin(batch.texts[batch.last_customer[row]]) for row in rows.tolist()], np.bool_)
    # Where 好的 takes a task, a bare ok or a thumb shrugs a feeling off.
    curt |= latin & (consent | emoji) & last.any(*params.felt) & ~last.any(params.request, params.laughter)
    curt &= ~(latin & asked.any(params.laughter) & ~last.any(params.open_question))
    curt |= again & ~(yes & ~consent & ~emoji) & (wanted | polar)
    curt |= emoji & last.any(params.call)
    curt |= query
    curt = np.where(away, asked.any(params.open_question, params.polar_question) | complains, curt)
    # An emoji that answers the customer well enough stood for something.
    curt &= ~(emoji & ~query & ~again & reply.any(*params.content))
    return ("dismissive", refusals), ("curt", rows[curt])


def _left_stuck(batch: Batch, no: Bools, empty: Bools, params: Params) -> Ints:
    """A no that is all the turn says, to a customer who then asks what else to do, or groans."""
    rows = np.flatnonzero(no)
    if not rows.size:
        return rows
    rows = rows[~turn_of(batch, rows).holds(batch.is_human & ~empty & ~no)]
    return rows[answers_to(batch, rows).any(params.stuck, params.again, *params.protest)] if rows.size else rows
