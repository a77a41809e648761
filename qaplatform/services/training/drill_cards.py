"""Cards: made of shipped drills, of findings in real chats and of what exams took points off for.

A card of a real chat holds the messages before the finding, masked; when the chat is purged, the card goes with it
(``store/training/erasing.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, cast

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.conversation import Kind, Message, Role
from qaplatform.errors import QAPlatformError
from qaplatform.services import masking
from qaplatform.services.access import AccessError, Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.noting import note
from qaplatform.services.training.catalogue import drills_now
from qaplatform.services.training.drill_judging import live_rubric
from qaplatform.services.training.learners import learner_of_user
from qaplatform.store.training import drills as store
from qaplatform.store.training.drills import Line, NewCard
from qaplatform.training.drills import Drill, Language, Situation

MOST_MESSAGES = 12
"""So many messages before the finding are shown."""
_EXAM_DAY = datetime(2026, 10, 14, 2, tzinfo=UTC)
"""Some moment in working hours; what exams keep are seconds."""


class NoSituationError(QAPlatformError):
    """There is nothing to answer: no customer's message stands before the finding; choose one of the drills instead."""

    code: ClassVar[str] = "drills.no_situation"


def give_drill(  # noqa: PLR0913 - what a card may be made of
    session: Session,
    by: Viewer,
    user_id: int,
    *,
    criterion: str,
    conversation_id: int | None = None,
    message: int | None = None,
    dialogue_id: int | None = None,
    point_id: int | None = None,
    now: datetime,
) -> int:
    """Give somebody a card, or oneself; its id. The same again makes it due at once.

    With ``conversation_id`` and ``message`` (of the newest revision) the situation is what stood before that message; with
    ``dialogue_id`` what stood in the exam; with neither the first drill of the criterion they have not had, or the first.

    Raises:
        NotThereError: the person, chat or dialogue is not there, or not for ``by``; or the criterion has no drill.
        AccessError: ``by`` may not give drills.
        NoSituationError: nobody wrote anything before it.
    """
    is_own = by.user_id == user_id
    if not is_own:
        learner_of_user(session, by, user_id, "training.coach")
    elif not by.may("training.learn"):
        raise AccessError
    new: dict[str, Any] = {"user_id": user_id, "criterion": criterion, "given_by": by.user_id, "point_id": point_id}
    if conversation_id is not None and message is not None:
        situation = _of_chat(session, by, conversation_id, message, criterion, now=now)
        new |= {"code": f"finding/{conversation_id}/{message}/{criterion}", "origin": "finding"}
        new |= {"conversation_id": conversation_id}
    elif dialogue_id is not None and message is not None:
        situation = _of_exam(session, user_id, dialogue_id, message, criterion, now=now)
        new |= {"code": f"exam/{dialogue_id}/{message}/{criterion}", "origin": "exam", "dialogue_id": dialogue_id}
    else:
        drill = _drill_for(session, user_id, criterion)
        situation = drill.situation(_language(by.language))
        new |= {"code": drill.id, "origin": "shipped"}
    card_id = store.add_card(session, NewCard(**new, situation=msgspec.to_builtins(situation)), now=now)
    if not is_own:
        note(session, by, now, "training.drill_given", ("drill_card", card_id), user=user_id)
    return card_id


def card_of_drill(session: Session, viewer: Viewer, drill: Drill, *, now: datetime) -> int:
    """A card of one's own of a drill."""
    situation = msgspec.to_builtins(drill.situation(_language(viewer.language)))
    new = NewCard(viewer.user_id, drill.id, drill.criterion, "shipped", situation)
    return store.add_card(session, new, now=now)


def _language(code: str) -> Language:
    return "en" if code == "en" else "zh"


def _drill_for(session: Session, user_id: int, criterion: str) -> Drill:
    known = drills_now(session).of(criterion)
    if not known:
        raise NotThereError
    had = store.codes_of(session, user_id)
    return next((one for one in known if one.id not in had), known[0])


def _of_chat(
    session: Session, by: Viewer, conversation_id: int, message: int, criterion: str, *, now: datetime
) -> Situation:
    chat = store.chat_of(session, conversation_id)
    place = None if chat is None else {"shop_id": chat.shop_id, "team_id": chat.team_id, "agent_id": chat.agent_id}
    if chat is None or place is None or not (by.may_see("conversations.see", **place)):
        raise NotThereError
    if chat.purged:
        raise NoSituationError
    lines = store.lines_of(session, conversation_id)
    language = _language("en" if (chat.language or "").startswith("en") else "zh")
    names = [chat.customer_key] if chat.customer_key else []
    masked = masking.shown([one.text for one in lines], unmasked=False, language=language, known_names=names)
    lines = [one._replace(text=text.text) for one, text in zip(lines, masked, strict=True)]
    messages = tuple(
        Message(
            role=cast("Role", one.role), text=one.text, agent=f"a{one.agent_id}" if one.role == "agent" else None,
            sent_at=_moment(one.sent_at), auto=one.auto, kind=cast("Kind", one.kind),
        )
        for one in _before(lines, message)
    )  # fmt: skip
    if any(one.sent_at is None for one in messages):
        messages = tuple(msgspec.structs.replace(one, sent_at=None) for one in messages)
    return _situation(session, messages, criterion, language, chat.queue or "after_sale", now=now)


def _of_exam(
    session: Session, user_id: int, dialogue_id: int, message: int, criterion: str, *, now: datetime
) -> Situation:
    if not store.is_candidate(session, dialogue_id, user_id):
        raise NotThereError
    roles = {"candidate": "agent", "customer": "customer"}
    lines = [
        Line(number, roles[by], kind, auto=False, text=text, sent_at=_exam_time(second), agent_id=None)
        for number, by, text, kind, second in store.exam_lines(session, dialogue_id)
    ]
    messages = tuple(
        Message(cast("Role", one.role), one.text, agent="candidate" if one.role == "agent" else None,
                sent_at=one.sent_at, kind=cast("Kind", one.kind))
        for one in _before(lines, message)
    )  # fmt: skip
    language: Language = "zh" if any(_is_han(one.text) for one in messages) else "en"
    return _situation(session, messages, criterion, language, "after_sale", now=now)


def _exam_time(second: int) -> str:
    return (_EXAM_DAY + timedelta(seconds=second)).isoformat()


def _is_han(text: str) -> bool:
    return any("\u3400" <= char <= "\u9fff" for char in text)


def _before(lines: Sequence[Line], message: int) -> list[Line]:
    """What is to be answered: up to the customer's last word before the agent's turn in which the finding lies."""
    place = next((n for n, one in enumerate(lines) if one.number == message), None)
    if place is None:
        raise NotThereError
    end = place
    if not _is_human(lines[place]):
        # It stands in what the customer wrote, or in a transfer: the answer is the next human word.
        end = next((n for n in range(place, len(lines)) if _is_human(lines[n])), len(lines))
    while end and lines[end - 1].role != "customer":
        end -= 1
    found = [one for one in lines[:end] if one.kind != "note"]
    if not found:
        raise NoSituationError
    return found[-MOST_MESSAGES:]


def _is_human(one: Line) -> bool:
    return one.role == "agent" and not one.auto and one.kind != "note"


def _moment(text: str | None) -> str | None:
    """A time as the audit's clock can go on from it."""
    try:
        return datetime.fromisoformat(text).isoformat() if text else None
    except ValueError:
        return None


def _situation(
    session: Session, messages: tuple[Message, ...], criterion: str, language: Language, queue: str, *, now: datetime
) -> Situation:
    trained = drills_now(session).trained.get(criterion)
    situation = Situation(
        criterion=criterion,
        language=language,
        messages=messages,
        must=trained.must if trained else (),
        queue=queue,
    )
    rubric = live_rubric(session, situation, now=now)
    known = next((one for one in rubric.criteria if one.id == criterion), None)
    better = known.better.in_language(language) if known and known.better else ""
    return msgspec.structs.replace(situation, good=better)
