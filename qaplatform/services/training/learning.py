"""What somebody who learns finds on their own page: today, next, how far, what is missing, and what waits for them."""

from __future__ import annotations

from datetime import date, datetime

import msgspec
from sqlalchemy.orm import Session

from qaplatform.services.access import Viewer
from qaplatform.services.training.learners import Learner, oneself
from qaplatform.services.training.progress import PersonProgress, person_progress
from qaplatform.services.training.settings import training_settings
from qaplatform.store.training.progress import News, news_of


class LearningPage(msgspec.Struct, frozen=True):
    """All of it."""

    learner: Learner
    person: PersonProgress | None
    """``None`` without a path."""
    news: News
    today: date


def learning_page(session: Session, viewer: Viewer, *, now: datetime, with_news: bool = True) -> LearningPage:
    """The page of whoever asks; ``with_news``: look what waits, too.

    Raises:
        NotThereError: the user is gone.
    """
    learner, settings = oneself(session, viewer), training_settings(session)
    return LearningPage(
        learner=learner,
        person=person_progress(session, learner, now=now, settings=settings),
        news=news_of(session, viewer.user_id, learner.agent_id, now=now) if with_news else News(),
        today=settings.day_of(now),
    )
