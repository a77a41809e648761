"""The exam room: what stands in it at a moment, and what the candidate does there.

Looking computes and writes nothing. Time is the server's: second N of a dialogue is so long after it opened, less the pauses;
what a browser says of time is never heard. What somebody sends is either in the database under its key, or it was not sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

import msgspec
from msgspec.structs import replace
from sqlalchemy.orm import Session

from qaplatform.audit.phrases import Words
from qaplatform.errors import QAPlatformError
from qaplatform.exam.attempt import began, conversation_of
from qaplatform.exam.dialogue import State
from qaplatform.exam.scenario import Panel, PanelEntry, Scenario
from qaplatform.exam.wording import filled, variant
from qaplatform.services.access import Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.training.exam_beginning import (
    MOST_AT_ONCE,
    AtOnceError,
    BadDraftError,
    ExamRunningError,
    NoExamRubricError,
    NoLlmCustomerError,
    NotToChooseError,
    SittingWanted,
    begin,
    begin_trial,
)
from qaplatform.services.training.exam_clock import has_stalled, moment_of, second_at
from qaplatform.services.training.exam_drawing import NoScenarioError, TooEarlyError
from qaplatform.services.training.exam_ending import (
    CrowdedError,
    hang_up,
    leave,
    own_dialogue,
    own_sitting,
    record_ends,
    written,
)
from qaplatform.services.training.exam_hearing import prepare
from qaplatform.services.training.exam_playing import Played, played_of
from qaplatform.services.training.exam_wording import ask_for_words
from qaplatform.store.training import exams
from qaplatform.store.training.exams import ExamVerdict, Pause, Purpose, Sitting, StoredDialogue

__all__ = [
    "MOST_AT_ONCE", "MOST_CHARS", "AtOnceError", "BadDraftError", "CrowdedError", "Dialogue", "EmptyMessageError",
    "ExamEndedError", "ExamPausedError", "ExamRunningError", "LongMessageError", "NoExamRubricError",
    "NoLlmCustomerError", "NoScenarioError", "NotOpenError", "NotToChooseError", "Room", "RoomLine", "Sent", "SentKeyError",
    "SittingWanted", "TooEarlyError", "begin", "begin_trial", "hang_up", "keep_draft", "leave", "prepare", "record_ends", "room",
    "write",
]  # fmt: skip

MOST_CHARS = 2000
_KEY = re.compile(r"[A-Za-z0-9_-]{1,40}")
_TRIES = 50
_TYPES_SECONDS = 12
"""So long before a message comes the customer is seen typing."""


class ExamEndedError(QAPlatformError):
    """This dialogue has ended; nothing can be sent in it any more."""

    code: ClassVar[str] = "exam.ended"


class NotOpenError(QAPlatformError):
    """This customer has not written in yet."""

    code: ClassVar[str] = "exam.not_open"


class ExamPausedError(QAPlatformError):
    """The clock of this dialogue stands still; send it again when it goes on."""

    code: ClassVar[str] = "exam.paused"


class EmptyMessageError(QAPlatformError):
    """A message needs some words."""

    code: ClassVar[str] = "exam.empty"


class LongMessageError(QAPlatformError):
    """A message has 2000 characters at most; send two."""

    code: ClassVar[str] = "exam.too_long"


class SentKeyError(QAPlatformError):
    """A message comes with a key of 1 to 40 letters, digits, hyphens and underscores; load the page anew."""

    code: ClassVar[str] = "exam.key"


class RoomLine(msgspec.Struct, frozen=True):
    """A message in the room."""

    number: int
    by: str
    """``customer`` or ``candidate``."""
    text: str
    kind: str
    """``text`` or ``image``."""
    at: datetime
    on_the_day: datetime
    """When it is in the scenario, whose orders and promises are of that day."""


class Dialogue(msgspec.Struct, frozen=True, kw_only=True):
    """One customer of a room."""

    id: int
    place: int
    title: Words
    scenario: str
    customer_name: str
    tier: str | None
    panel: Panel
    """With names and figures filled in."""
    begins: datetime | None = None
    """When it is in the scenario as the customer writes in."""
    is_promotion: bool = False
    lines: tuple[RoomLine, ...]
    is_typing: bool
    draft: str
    opens_in_seconds: int
    """0 once they have written in."""
    elapsed_seconds: int
    left_seconds: int
    waits_since_seconds: int | None
    """So long the customer has been waiting for an answer to their last message."""
    limit_seconds: int | None
    """How long they may, by the rubric; ``None`` where they do not wait, or nobody is on duty."""
    ended: bool
    ending: str | None
    is_paused: bool
    is_recorded: bool
    """Whether its end stands in the database, with its result."""
    is_stalled: bool = False
    """Its clock has stood so long that whoever stopped it is gone."""


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """A sitting as its candidate sees it."""

    id: int
    purpose: Purpose
    at_once: int
    started_at: datetime
    ended: bool
    verdict: ExamVerdict | None
    dialogues: tuple[Dialogue, ...]
    customer: str = "script"
    """Who plays: ``script`` or ``llm``."""

    @property
    def needs_recording(self) -> bool:
        """Whether something has ended, or a clock stands for nobody, that the database does not know of.

        Call :func:`record_ends` then.
        """
        return any((one.ended and not one.is_recorded) or one.is_stalled for one in self.dialogues)


class Sent(msgspec.Struct, frozen=True):
    """A message that is kept."""

    number: int
    is_new: bool
    """Not, where it was sent before under the same key."""


def room(session: Session, viewer: Viewer, sitting_id: int, *, now: datetime) -> Room:
    """Somebody's room at a moment; changes nothing.

    Raises:
        NotThereError: it is not theirs.
    """
    sitting = own_sitting(session, viewer, sitting_id)
    rows = exams.dialogues_of(session, sitting_id)
    ids = [one.id for one in rows]
    drafts = exams.drafts_of(session, ids) if sitting.ended_at is None else {}
    pauses = exams.pauses_of(session, ids) if any(one.paused_seconds for one in rows) else {}
    dialogues = tuple(
        _dialogue(row, played_of(session, sitting, row), drafts.get(row.id, ""), pauses.get(row.id, ()), now)
        for row in rows
    )
    return Room(
        id=sitting.id,
        purpose=sitting.purpose,
        at_once=len(rows),
        started_at=sitting.started_at,
        ended=all(one.ended for one in dialogues),
        verdict=sitting.verdict,
        dialogues=dialogues,
        customer=sitting.customer,
    )


def write(session: Session, viewer: Viewer, dialogue_id: int, text: str, sent_key: str, *, now: datetime) -> Sent:
    """Send a message; it is kept once the transaction is. The same key again is the same message.

    Two that are sent at once both stand, one after the other.

    Raises:
        NotThereError: the dialogue is not theirs.
        EmptyMessageError, LongMessageError, SentKeyError: it cannot be sent so.
        ExamEndedError: the dialogue has ended, at its deadline at the latest; nothing was written.
        NotOpenError, ExamPausedError: it has not begun, or its clock stands still.
        CrowdedError: too many wrote at once.
    """
    if not _KEY.fullmatch(sent_key):
        raise SentKeyError
    words = _clean(text).strip()
    sitting, dialogue = own_dialogue(session, viewer, dialogue_id)
    for _ in range(_TRIES):
        known = exams.number_of_key(session, dialogue_id, sent_key)
        if known is not None:
            return Sent(known, is_new=False)
        _refuse(sitting, dialogue, words, now)
        played = played_of(session, sitting, dialogue)
        state = None if played is None else played.write(words, second_at(dialogue, now))
        if played is None or state is None or state.ended is not None:
            raise ExamEndedError
        if written(session, played, state, sent_key=sent_key, now=now):
            _drop_sent_draft(session, dialogue_id, words)
            if sitting.customer == "llm":
                ask_for_words(session, dialogue, state, now=now)
            return Sent(len(state.lines) - 1, is_new=True)
        _, dialogue = own_dialogue(session, viewer, dialogue_id)
    raise CrowdedError


def keep_draft(session: Session, viewer: Viewer, dialogue_id: int, text: str, *, now: datetime) -> None:
    """Keep what stands in the field and was not sent.

    Raises:
        NotThereError: the dialogue is not theirs.
        LongMessageError: it is too long.
        ExamEndedError: the dialogue has ended.
    """
    if len(text) > MOST_CHARS:
        raise LongMessageError
    goes_on = exams.takes_drafts(session, dialogue_id, user_id=viewer.user_id, now=now)
    if goes_on is None:
        raise NotThereError
    if not goes_on:
        raise ExamEndedError
    if text:
        exams.keep_draft(session, dialogue_id, _clean(text), now=now)
    else:
        exams.drop_draft(session, dialogue_id)


def _refuse(sitting: Sitting, dialogue: StoredDialogue, words: str, now: datetime) -> None:
    if dialogue.ended_at is not None:
        raise ExamEndedError
    if not words:
        raise EmptyMessageError
    if len(words) > MOST_CHARS:
        raise LongMessageError
    # While a model is asked for the customer's words, the candidate may go on writing; only time stands.
    if dialogue.paused_at is not None and sitting.customer != "llm":
        raise ExamPausedError
    if second_at(dialogue, now) < 0:
        raise NotOpenError


def _clean(text: str) -> str:
    """A text that both databases keep: PostgreSQL has no NUL, neither has half a character."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _drop_sent_draft(session: Session, dialogue_id: int, words: str) -> None:
    """Forget the draft of what was sent; another tab may have begun something else, which stays."""
    draft = exams.drafts_of(session, [dialogue_id]).get(dialogue_id)
    if draft is not None and (words.startswith(draft.strip()) or draft.strip().startswith(words)):
        exams.drop_draft(session, dialogue_id)


# --- what is seen --------------------------------------------------------------------------------------


def _dialogue(
    row: StoredDialogue, played: Played | None, draft: str, pauses: Sequence[Pause], now: datetime
) -> Dialogue:
    if played is None:
        return _unreadable(row)
    scenario = played.scenario
    second = second_at(row, now)
    opens_in = max(0, -second)
    state = played.until(second) if row.ended_at is None and second >= 0 else played.state
    seen = state if row.ended_at is not None or second >= 0 else State(seed=row.seed, mood=state.mood, step=state.step)
    ends_after = scenario.clock.ends_after_seconds
    elapsed = max(0, second if state.ended_at_seconds is None else min(second, state.ended_at_seconds))
    ended = row.ended_at is not None or state.ended is not None
    waits = _waits(seen, elapsed) if not ended else None
    slots = variant(scenario, row.seed)
    begins = began(scenario, played.customer.context)
    coming = seen.coming[0].at_seconds - elapsed if seen.coming and not ended else None
    return Dialogue(
        id=row.id,
        place=row.place,
        title=scenario.title,
        scenario=row.scenario,
        customer_name=filled(scenario.persona.name, slots),
        tier=scenario.chat.tier,
        panel=_panel(scenario.panel, slots),
        begins=begins,
        is_promotion=scenario.clock.promotion,
        lines=tuple(
            RoomLine(
                number,
                one.by,
                one.text,
                one.kind,
                at=moment_of(row, one.at_seconds, pauses),
                on_the_day=begins + timedelta(seconds=one.at_seconds),
            )
            for number, one in enumerate(seen.lines)
        ),
        is_typing=coming is not None and coming <= _TYPES_SECONDS,
        draft="" if ended else draft,
        opens_in_seconds=opens_in,
        elapsed_seconds=elapsed,
        left_seconds=0 if ended else ends_after - elapsed,
        waits_since_seconds=waits,
        limit_seconds=None if waits is None else _limit(played, scenario, seen),
        ended=ended,
        ending=row.ending or state.ended,
        is_paused=row.paused_at is not None and row.ended_at is None,
        is_recorded=row.ended_at is not None,
        is_stalled=row.ended_at is None and has_stalled(row, now),
    )


def _unreadable(row: StoredDialogue) -> Dialogue:
    """A dialogue whose scenario is gone; its end is recorded as void."""
    words = Words(zh=row.scenario, en=row.scenario)
    return Dialogue(
        id=row.id, place=row.place, title=words, scenario=row.scenario, customer_name="", tier=None, panel=Panel(),
        lines=(), is_typing=False, draft="", opens_in_seconds=0, elapsed_seconds=0, left_seconds=0,
        waits_since_seconds=None, limit_seconds=None, ended=True, ending=row.ending or "void", is_paused=False,
        is_recorded=row.ended_at is not None,
    )  # fmt: skip


def _waits(state: State, elapsed: int) -> int | None:
    """How long the customer has waited since their last message; a burst counts from its last one, as in the rubric."""
    last = state.lines[-1] if state.lines else None
    return elapsed - last.at_seconds if last is not None and last.by == "customer" else None


def _limit(played: Played, scenario: Scenario, state: State) -> int | None:
    context = played.customer.context
    start = conversation_of(scenario, state.lines[-1:], context).messages[0].sent_at
    limit = context.limit_seconds(datetime.fromisoformat(start)) if start else None
    return None if limit is None else int(limit)


def _panel(panel: Panel, slots: Mapping[str, str]) -> Panel:
    def of(entries: Sequence[PanelEntry]) -> tuple[PanelEntry, ...]:
        return tuple(replace(one, text=filled(one.text, slots)) for one in entries)

    return Panel(order=of(panel.order), logistics=of(panel.logistics), policy=of(panel.policy))
