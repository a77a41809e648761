"""When a card comes again, by FSRS (the library ``fsrs``): what is forgotten soon, what is known later and later.

Nothing in it is left to chance or to the clock of the machine: the same answers at the same times make the same dates.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from fsrs import Card, Rating, Scheduler

_AGAIN_MINUTES = 10
_LONGEST_DAYS = 180
"""So long nothing stays away: what nobody has done for half a year is worth a minute."""
_SLOW_RATIO = 2 / 3
"""Who takes more of the time than this knew it with effort."""
_SCHEDULER = Scheduler(
    learning_steps=(timedelta(minutes=_AGAIN_MINUTES),),
    relearning_steps=(timedelta(minutes=_AGAIN_MINUTES),),
    maximum_interval=_LONGEST_DAYS,
    enable_fuzzing=False,
)


def rated(*, passed: bool, seconds: float, allowed_seconds: float) -> Rating:
    """How well it went."""
    if not passed:
        return Rating.Again
    return Rating.Hard if seconds > _SLOW_RATIO * allowed_seconds else Rating.Good


def reviewed(
    card_id: int, scheduled: Mapping[str, Any], rating: Rating, *, now: datetime
) -> tuple[dict[str, Any], datetime]:
    """The scheduler's card after an answer, and when it is due again; an empty ``scheduled`` is a new card."""
    moment = now.astimezone(UTC)
    card = Card.from_dict(cast("Any", scheduled)) if scheduled else Card(card_id=card_id, due=moment)
    after, _ = _SCHEDULER.review_card(card, rating, review_datetime=moment)
    return dict(after.to_dict()), after.due
