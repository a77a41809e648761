"""Drills: what is due, one situation after the other against the clock, and what came of each.

The clock is the server's and begins when the situation is shown; reloading, a second tab or another clock change nothing.
Whoever lets the time run out has failed, and is told all the same what the answer was worth.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from qaplatform.services.access import Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.training import drill_scheduling
from qaplatform.services.training.catalogue import drills_now
from qaplatform.services.training.drill_cards import card_of_drill, give_drill
from qaplatform.services.training.drill_judging import marker_now
from qaplatform.services.training.drill_shown import (
    MOST_CHARS,
    EmptyAnswerError,
    LongAnswerError,
    Shown,
    answer_text,
    keep_asked,
    shown_answers,
    situation_of,
)
from qaplatform.services.training.settings import TrainingSettings, training_settings
from qaplatform.store.training import drills as store
from qaplatform.store.training.drills import Answer, Card, Count, Waiting
from qaplatform.training.drill_judging import Judged
from qaplatform.training.drills import Drill, Language

__all__ = [
    "MOST_CHARS", "EmptyAnswerError", "LongAnswerError", "Overview", "Shown", "answer", "give_drill", "history", "next_drill",
    "overview", "show", "shown",
]  # fmt: skip

NEW_A_DAY = 5
"""So many drills one takes up a day of one's own accord; what is asked for by its criterion does not count against it."""
GRACE_SECONDS = 3
"""So long an answer may take on its way to the server."""
_COUNTED_DAYS = 30
_SHOWN_DAYS = 14


class Line(msgspec.Struct, frozen=True):
    """What there is of a criterion for somebody."""

    criterion: str
    drills: int
    """Drills there are, shipped or written here."""
    cards: int
    """Cards somebody has of it."""
    due: int
    given: int
    """Given and not yet answered."""
    passed: int
    """Of the last 30 days."""
    answered: int


class Overview(msgspec.Struct, frozen=True):
    """What somebody finds on the page of drills."""

    due: int
    given: int
    new_left: int
    """So many new drills may still be taken up today."""
    lines: tuple[Line, ...]
    days: tuple[tuple[date, int], ...]
    """The last two weeks: days with how many answers."""
    in_a_row: int
    """Days in a row with answers, up to today or yesterday."""
    seconds: int
    has_open: bool


class _Weighed(msgspec.Struct, frozen=True):
    """An answer as it was judged, before it is kept."""

    criterion: str
    text: str
    judged: Judged
    seconds: int
    is_late: bool
    at: datetime

    @property
    def passed(self) -> bool | None:
        """Whether it passed; nobody knows of one that cannot be read."""
        if self.is_late:
            return False
        return {"passed": True, "failed": False, "unread": None}[self.judged.verdict]


def overview(session: Session, viewer: Viewer, *, now: datetime) -> Overview:
    """What is due and how it went."""
    settings = training_settings(session)
    today = settings.day_of(now)
    known = drills_now(session)
    waiting = {one.criterion: one for one in store.waiting(session, viewer.user_id, now=now)}
    counts = {one.criterion: one for one in store.counts_since(session, viewer.user_id, _ago(now, _COUNTED_DAYS))}
    criteria = [*known.criteria, *(one for one in waiting if one not in known.criteria)]
    lines = []
    for criterion in criteria:
        own = waiting.get(criterion, Waiting(criterion, 0, 0, 0))
        count = counts.get(criterion, Count(criterion, 0, 0))
        drills = len(known.of(criterion))
        lines.append(Line(criterion, drills, own.cards, own.due, own.given, count.passed, count.answered))
    moments = store.moments_since(session, viewer.user_id, _ago(now, 400))
    per_day: dict[date, int] = {}
    for moment in moments:
        day = settings.day_of(moment)
        per_day[day] = per_day.get(day, 0) + 1
    shown_days = [today - timedelta(days=n) for n in range(_SHOWN_DAYS - 1, -1, -1)]
    running = store.open_answer(session, viewer.user_id)
    return Overview(
        due=sum(one.due for one in waiting.values()),
        given=sum(one.given for one in waiting.values()),
        new_left=_new_left(session, viewer, settings, now),
        lines=tuple(lines),
        days=tuple((day, per_day.get(day, 0)) for day in shown_days),
        in_a_row=_in_a_row(per_day, today),
        seconds=settings.drill_seconds,
        has_open=running is not None and not _is_over(running, now),
    )


def next_drill(session: Session, viewer: Viewer, criteria: Collection[str] = (), *, now: datetime) -> int | None:
    """The card to answer now; ``None``: nothing is due. What was shown and let go by counts as failed on time.

    First what a mentor gave, then what is due longest, then something new; of criteria that are named, whatever there is of them.

    Raises:
        NotThereError: none of these criteria has drills or cards.
    """
    viewer.demand("training.learn")
    running = store.open_answer(session, viewer.user_id)
    if running is not None:
        if not _is_over(running, now):
            return running.card.id
        _let_go(session, running, now=now)
    due = store.next_due(session, viewer.user_id, now=now, criteria=criteria)
    if due is not None:
        return due.id
    if not criteria and _new_left(session, viewer, training_settings(session), now) <= 0:
        return None
    fresh = _fresh(session, viewer, criteria)
    if fresh is not None:
        return card_of_drill(session, viewer, fresh, now=now)
    if not criteria:
        return None
    later = store.next_later(session, viewer.user_id, criteria)
    if later is None:
        raise NotThereError
    return later.id


def show(session: Session, viewer: Viewer, card_id: int, *, now: datetime) -> int:
    """Show a card: its time begins, unless it runs already. The answer's id.

    Raises:
        NotThereError: it is not theirs, or no more.
    """
    card = store.card_of(session, card_id, viewer.user_id)
    if card is None or card.retired_at is not None:
        raise NotThereError
    running = store.open_answer(session, viewer.user_id)
    if running is not None and running.card.id == card_id:
        if not _is_over(running, now):
            return running.id
        _let_go(session, running, now=now)
    _renew(session, viewer, card)
    seconds = training_settings(session).drill_seconds
    return store.add_answer(session, card, now=now, deadline_at=now + timedelta(seconds=seconds))


def show_again(session: Session, viewer: Viewer, answer_id: int, *, now: datetime) -> int:
    """Show the card of an answer once more; the new answer's id.

    Raises:
        NotThereError: it is not theirs, or its card is gone.
    """
    found = store.answer_of(session, answer_id, viewer.user_id)
    if found is None:
        raise NotThereError
    return show(session, viewer, found.card.id, now=now)


def shown(session: Session, viewer: Viewer, answer_id: int, *, now: datetime) -> Shown:
    """A drill as it stands, answered or not; writes nothing.

    Raises:
        NotThereError: it is not theirs.
    """
    found = store.answer_of(session, answer_id, viewer.user_id)
    if found is None:
        raise NotThereError
    return shown_answers(session, [found], now=now)[0]


def weigh(session: Session, viewer: Viewer, answer_id: int, text: str, *, now: datetime) -> _Weighed | None:
    """Judge an answer without keeping it; ``None`` where it was answered before, or the card is gone.

    Raises:
        NotThereError: it is not theirs.
        EmptyAnswerError, LongAnswerError: it cannot be one.
    """
    found = store.answer_of(session, answer_id, viewer.user_id)
    if found is None:
        raise NotThereError
    situation = situation_of(found.card)
    if situation is None or found.answered_at is not None or found.passed is not None:
        return None
    text = answer_text(text)
    seconds = max(0, round((now - found.shown_at).total_seconds()))
    pasted = _pieces(situation.good) if store.was_answered(session, found.card.id) else ()
    marker = marker_now(session, situation, now=now)
    judged = marker.mark(situation, text, seconds=seconds, references=pasted)
    return _Weighed(situation.criterion, text, judged, seconds, _is_over(found, now), now)


def keep(session: Session, viewer: Viewer, answer_id: int, weighed: _Weighed) -> None:
    """Keep an answer that was judged; one that was kept meanwhile stands."""
    found = store.answer_of(session, answer_id, viewer.user_id)
    if found is None:
        raise NotThereError
    result = {
        "judged": msgspec.to_builtins(weighed.judged), "seconds": weighed.seconds, "late": weighed.is_late,
        **keep_asked(session, found.card, now=weighed.at),
    }  # fmt: skip
    kept = store.settle(
        session, answer_id, text=weighed.text, passed=weighed.passed, result=result, answered_at=weighed.at
    )
    if kept and weighed.passed is not None:
        _review(session, found, passed=weighed.passed, seconds=weighed.seconds, now=weighed.at)
        store.add_mark(
            session, user_id=viewer.user_id, criterion=weighed.criterion, answer_id=answer_id, passed=weighed.passed,
            at=weighed.at,
        )  # fmt: skip


def answer(session: Session, viewer: Viewer, answer_id: int, text: str, *, now: datetime) -> Shown:
    """Judge and keep an answer, and see what came of it. A page does the two in transactions of their own.

    Raises:
        NotThereError, EmptyAnswerError, LongAnswerError: as :func:`weigh`.
    """
    weighed = weigh(session, viewer, answer_id, text, now=now)
    if weighed is not None:
        keep(session, viewer, answer_id, weighed)
    return shown(session, viewer, answer_id, now=now)


def history(
    session: Session, user_id: int, *, page: int, page_size: int, now: datetime
) -> tuple[list[Shown], Sequence[datetime], int]:
    """What somebody answered, the newest first, with when; the caller has asked whether they may see it."""
    found, total = store.answers(session, user_id, limit=page_size, offset=(page - 1) * page_size)
    moments = [one.answered_at or one.shown_at for one in found]
    return shown_answers(session, found, now=now), moments, total


# ----------------------------------------------------------------------------------------------------- pieces


def _ago(now: datetime, days: int) -> datetime:
    return now - timedelta(days=days)


def _in_a_row(per_day: dict[date, int], today: date) -> int:
    day = today if per_day.get(today) else today - timedelta(days=1)
    count = 0
    while per_day.get(day):
        count, day = count + 1, day - timedelta(days=1)
    return count


def _new_left(session: Session, viewer: Viewer, settings: TrainingSettings, now: datetime) -> int:
    midnight = now.astimezone(settings.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(0, NEW_A_DAY - store.new_since(session, viewer.user_id, midnight))


def _fresh(session: Session, viewer: Viewer, criteria: Collection[str]) -> Drill | None:
    """A drill one has not had: of the criterion, among those named if any are, of which one has had the fewest."""
    known = drills_now(session)
    had = store.codes_of(session, viewer.user_id)
    left = [one for one in known.by_id.values() if one.id not in had and (not criteria or one.criterion in criteria)]
    taken = {name: sum(one.id in had for one in known.of(name)) for name in known.criteria}
    order = {name: place for place, name in enumerate(known.criteria)}
    return min(left, key=lambda one: (taken[one.criterion], order[one.criterion], one.id), default=None)


def _renew(session: Session, viewer: Viewer, card: Card) -> None:
    """Show a shipped drill as it is written now, in its reader's language."""
    drill = drills_now(session).by_id.get(card.code) if card.origin == "shipped" else None
    if drill is None:
        return
    language: Language = "en" if viewer.language == "en" else "zh"
    situation = msgspec.to_builtins(drill.situation(language))
    if situation != card.situation:
        store.keep_situation(session, card.id, situation)


def _is_over(one: Answer, now: datetime) -> bool:
    return now > one.deadline_at + timedelta(seconds=GRACE_SECONDS)


def _let_go(session: Session, one: Answer, *, now: datetime) -> None:
    """Nobody answered in time. It says nothing of the criterion, so it leaves no mark."""
    result: dict[str, Any] = {"judged": None, "seconds": None, "late": True, **keep_asked(session, one.card, now=now)}
    if store.settle(session, one.id, text="", passed=False, result=result, answered_at=None):
        _review(session, one, passed=False, seconds=0, now=now)


def _review(session: Session, one: Answer, *, passed: bool, seconds: float, now: datetime) -> None:
    allowed = (one.deadline_at - one.shown_at).total_seconds()
    rating = drill_scheduling.rated(passed=passed, seconds=seconds, allowed_seconds=allowed)
    scheduled, due_at = drill_scheduling.reviewed(one.card.id, one.card.scheduled, rating, now=now)
    store.schedule(session, one.card.id, scheduled, due_at, now=now)


def _pieces(example: str) -> tuple[str, ...]:
    """The sentences of an example and all of it: whoever has seen it must not paste it."""
    parts = [part.strip() for part in example.replace("！", "。").replace("？", "。").split("。")]
    return tuple(part for part in (*parts, example) if part)
