"""A drill as it is shown to whoever answers it, and what came of the answer: as it was asked then, however it is worded now."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Literal

import msgspec
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.store.training.drills import Answer, Card
from qaplatform.store.training.versions import KeptVersion, keep_version, kept_versions
from qaplatform.training.drill_judging import Judged
from qaplatform.training.drills import Situation

State = Literal["open", "passed", "failed", "unread", "gone"]
MOST_CHARS = 1000


class EmptyAnswerError(QAPlatformError):
    """An answer has words."""

    code: ClassVar[str] = "drills.empty"


class LongAnswerError(QAPlatformError):
    """An answer has 1,000 characters at most; nobody reads more in a chat."""

    code: ClassVar[str] = "drills.too_long"


class Shown(msgspec.Struct, frozen=True):
    """One drill as it is shown; the example only once it was answered."""

    answer_id: int
    state: State
    situation: Situation | None
    """``None`` where the chat it was made of is gone."""
    criterion: str
    origin: str
    is_given: bool
    left_seconds: int
    allowed_seconds: int
    text: str
    judged: Judged | None
    is_late: bool
    seconds: int | None
    """So long the answer took."""
    due_at: datetime | None
    """When the card comes again; ``None``: it was only tried."""


def answer_text(text: str) -> str:
    """What somebody wrote, as it is judged.

    Raises:
        EmptyAnswerError, LongAnswerError: it cannot be an answer.
    """
    text = text.replace("\0", "").strip()
    if not text:
        raise EmptyAnswerError
    if len(text) > MOST_CHARS:
        raise LongAnswerError
    return text


def situation_of(card: Card) -> Situation | None:
    """What a card asks now; ``None`` where the chat it was made of is gone."""
    return _read(card.situation)


def keep_asked(session: Session, card: Card, *, now: datetime) -> dict[str, int]:
    """Keep what a drill of the library asks now, for the result of its answer; a chat's words stay on its card alone."""
    if card.origin != "shipped" or not card.situation:
        return {}
    content_hash = hashlib.sha256(msgspec.json.encode(dict(card.situation), order="deterministic")).hexdigest()
    return {"version": keep_version(session, "drill", card.code, content_hash, card.situation, now=now)}


def shown_answers(session: Session, found: Sequence[Answer], *, now: datetime) -> list[Shown]:
    """Answers with what they were asked."""
    ids = {one.result["version"] for one in found if one.result and "version" in one.result}
    kept = kept_versions(session, ids) if ids else {}
    return [_shown(one, kept, now) for one in found]


def _read(content: Mapping[str, Any]) -> Situation | None:
    return msgspec.convert(dict(content), Situation) if content else None


def _shown(one: Answer, kept: Mapping[int, KeptVersion], now: datetime) -> Shown:
    result = one.result or {}
    asked = kept.get(result.get("version", 0))
    situation = _read(asked.content) if asked is not None else situation_of(one.card)
    judged = result.get("judged")
    state: State = "open"
    if one.passed is not None:
        state = "passed" if one.passed else "failed"
    elif one.answered_at is not None:
        state = "unread"
    elif situation is None:
        state = "gone"
    if situation is not None and state in ("open", "unread"):
        situation = msgspec.structs.replace(situation, good="")
    return Shown(
        answer_id=one.id,
        state=state,
        situation=situation,
        criterion=situation.criterion if situation is not None else one.card.criterion,
        origin=one.card.origin,
        is_given=one.card.given_by is not None and one.card.given_by != one.card.user_id,
        left_seconds=max(0, round((one.deadline_at - now).total_seconds())),
        allowed_seconds=round((one.deadline_at - one.shown_at).total_seconds()),
        text=one.text,
        judged=msgspec.convert(judged, Judged) if judged else None,
        is_late=bool(result.get("late")),
        seconds=result.get("seconds"),
        due_at=one.card.due_at,
    )
