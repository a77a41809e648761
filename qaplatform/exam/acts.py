"""What does a candidate's reply do: greet, soothe, ask for a photo, offer an exchange, promise by when?

Why: the scripted customer answers to what was done, and the scenario's goals are acts. Source: D25, D3–D9.

A reply is cut into clauses (:mod:`qaplatform.exam.pieces`). Word lists say what stands in each; a remedy that is named is
offered, refused, promised or only told about by the frame it stands in. What spans a reply (blunt words, a lure off the
platform, a wish for a good review, a transfer) is what the observers of the audit core see in it. Nothing is guessed: where
most of a reply is not understood, that part is ``unread``, for a person to look at.
"""

from __future__ import annotations

from collections.abc import Sequence

from qaplatform.audit.batch import Batch
from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation, Message
from qaplatform.audit.matching import Found
from qaplatform.audit.normalise import fold
from qaplatform.audit.observing import SeenSpan, SeenTransfer
from qaplatform.exam.act_rules import ABOUTS, ACTS, REMEDIES, Act, ActLists, shipped_act_lists
from qaplatform.exam.clause_marks import (
    ASKED_OF_US,
    ASSENT,
    BEFORE_MESSAGES,
    COURTESY,
    CURT_LETTERS,
    FILLER,
    GENTLE,
    KINDER,
    MILDER,
    OFFENCES,
    SUBSTANCE_LETTERS,
    matters_in,
    plain_words,
)
from qaplatform.exam.clauses import Clause, Said, Then
from qaplatform.exam.gaming import suspicions
from qaplatform.exam.pieces import Piece, letters, pieces

__all__ = ["ABOUTS", "ACTS", "Act", "Said", "recognise"]


def recognise(
    text: str,
    before: Sequence[Message],
    language: str = "zh",
    *,
    references: Sequence[str] = (),
    lists: ActLists | None = None,
) -> tuple[Said, ...]:
    """What a reply does, in the order it is written; each act about the same thing once.

    A reply that is written for the marking does nothing: whoever gets an empty tuple asks
    :func:`qaplatform.exam.gaming.suspicions` with the same arguments why, and keeps the signs for the mentor.

    Args:
        text: The candidate's message.
        before: The conversation so far.
        language: Of the dialogue; the lists hold both languages, and replies mix them.
        references: Texts the candidate may have seen and must not paste (good dialogues, the scenario).
        lists: Other lists than those that ship.
    """
    del language
    lists = lists or shipped_act_lists()
    parts = pieces(text)
    if not parts or suspicions(text, before, references):
        return ()
    asked = [one.text for one in before if one.role == "customer"]
    matters = frozenset(matter for one in asked for matter in matters_in(one))
    plain = [plain_words(part.text) for part in parts]
    found = lists.own.look("shop", [*(part.text for part in parts), *plain, *asked[-1:]])
    count = len(parts)
    topics = list(_named(found, 2 * count)) if asked else []
    said: list[Said] = []
    unread: list[Piece] = []
    declined: list[Piece] = []
    end = -1
    for number, part in enumerate(parts):
        rows = number, count + number
        clause = Clause(found, rows, part, plain[number], earlier=said, then=Then(matters, tuple(topics), end))
        here = list(clause.said())
        said += here
        if clause.declines:
            declined.append(part)
        if not here and part.letters >= SUBSTANCE_LETTERS and not FILLER.match(fold(part.text).strip(" ,.!?~;")):
            unread.append(part)
        end = part.end
        topics += [about for row in rows for about in _named(found, row)]
    said = _with_core(said, text, before, lists, declined)
    unread = [one for one in unread if not any(_overlap(one, other) for other in said)]
    if not said and _is_curt(text, asked):
        said = [Said("rebuffs", None, due=False, start=parts[0].start, end=parts[-1].end)]
        unread = []
    courtesy = all(one.act in COURTESY for one in said)
    if courtesy and 2 * sum(part.letters for part in unread) > letters(text):
        said.append(Said("unread", None, due=False, start=unread[0].start, end=unread[-1].end))
    return _each_once(said)


def _is_curt(text: str, asked: Sequence[str]) -> bool:
    """Whether a word or two are all that a question gets: 等银行."""
    bare = fold(text).strip(" ,.!~")
    if not asked or not ASKED_OF_US.search(asked[-1]):
        return False
    return bare == "no" or (letters(text) <= CURT_LETTERS and not ASSENT.match(bare))


def _named(found: Found, row: int) -> tuple[str, ...]:
    """The remedies that stand in a row."""
    return tuple(about for about in REMEDIES if found.spans(f"about/{about}", row))


def _with_core(
    said: list[Said], text: str, before: Sequence[Message], lists: ActLists, declined: Sequence[Piece]
) -> list[Said]:
    """What the observers of the audit core see in the reply, added."""
    messages = (*before[-BEFORE_MESSAGES:], Message("agent", text))
    batch = Batch([Conversation("reply", messages)], lists.core, Context(), lists.observers)
    row = len(messages) - 1
    kinds: tuple[tuple[Act, str], ...] = (
        ("rebuffs", "blunt"),
        ("asks_off_platform", "off_platform"),
        ("asks_for_review", "review_requests"),
    )
    for act, observer in kinds:
        spans: list[SeenSpan] = batch.observe(observer)
        milder = MILDER if act == "rebuffs" else frozenset[Act]()
        said += [
            Said(act, None, due=False, start=one.start, end=one.end)
            for one in spans
            if one.row == row
            and not (act != "rebuffs" and any(_overlap(one, part) for part in declined))
            and not any(_overlap(one, other) and other.act in milder for other in said)
            and not (one.kind == "dismissive" and any(other.act in KINDER or other.about == "check" for other in said))
        ]
    if any(one.act in OFFENCES for one in said):
        said = [one for one in said if one.act != "explains"]
    moves: list[SeenTransfer] = batch.observe("transfers")
    for move in moves:
        if move.row == row and move.announced and move.kind != "referral_away":
            moved: Act = "escalates" if move.kind == "escalation" else "transfers"
            taken = GENTLE | {"explains"}
            if not any(_overlap(move, other) and other.act not in taken for other in said):
                said.append(Said(moved, None, due=False, start=move.start, end=move.end))
    return said


def _overlap(one: SeenSpan | SeenTransfer | Piece, other: Said | Piece) -> bool:
    return one.start < other.end and other.start < one.end


def _each_once(said: Sequence[Said]) -> tuple[Said, ...]:
    """Each act about the same thing once, where it first stands; a promise with a time before one without."""
    kept: dict[tuple[str, str | None], Said] = {}
    for one in sorted(said, key=lambda one: (one.start, not one.due, one.end)):
        key = one.act, one.about
        if key not in kept or (one.due and not kept[key].due):
            kept[key] = one
    return tuple(sorted(kept.values(), key=lambda one: (one.start, one.end, ACTS.index(one.act), one.about or "")))
