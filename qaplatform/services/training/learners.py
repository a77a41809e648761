"""Who learns, as far as somebody may see them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from qaplatform.services.access import Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.store.training import learners as stored
from qaplatform.store.training.learners import Learner

__all__ = ["Learner", "learner_of_agent", "learner_of_user", "learners", "oneself"]


def oneself(session: Session, viewer: Viewer) -> Learner:
    """Whoever asks, as a learner.

    Raises:
        NotThereError: the user is gone.
    """
    found = stored.learner_of_user(session, viewer.user_id)
    if found is None:
        raise NotThereError
    return found


def learner_of_agent(session: Session, viewer: Viewer, agent_id: int, permission: str = "training.see") -> Learner:
    """An agent somebody may do this with.

    Raises:
        NotThereError: there is none, or not for them.
    """
    found = stored.learner_of_agent(session, agent_id)
    if found is None or not stored.lies_in(session, agent_id, viewer.scope(permission)):
        raise NotThereError
    return found


def learner_of_user(session: Session, viewer: Viewer, user_id: int, permission: str = "training.see") -> Learner:
    """A user somebody may do this with: themselves, agents within their reach; others only who reaches everything.

    Raises:
        NotThereError: there is none, or not for them.
    """
    found = stored.learner_of_user(session, user_id)
    if found is None:
        raise NotThereError
    scope = viewer.scope(permission)
    if scope.everything or (user_id == viewer.user_id and permission == "training.see"):
        return found
    if found.agent_id is None or not stored.lies_in(session, found.agent_id, scope):
        raise NotThereError
    return found


def learners(
    session: Session, viewer: Viewer, permission: str = "training.see", *, only_mine: bool = False
) -> list[Learner]:
    """The agents somebody may do this with, by team and code; ``only_mine``: whom they accompany themselves."""
    mentor_id = viewer.user_id if only_mine else None
    return stored.learners(session, viewer.scope(permission), mentor_id=mentor_id)
