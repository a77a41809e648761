"""What agents are told of a published rubric: from which day it judges, in the lead's words and as a list of changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from qaplatform.audit.rubric import Rubric
from qaplatform.services.access import Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.noting import note as note_activity
from qaplatform.services.results import SEE
from qaplatform.services.rubric_books import version_named
from qaplatform.services.rubric_diffs import Change, changes_between
from qaplatform.services.rubrics import rubrics_in_force
from qaplatform.store import rubric_notices as store
from qaplatform.store.rubric_releases import ReleaseLine, release_lines

_MOST_SHOWN = 5


@dataclass(frozen=True)
class RubricNotice:
    """A release that somebody has not said to have read."""

    release: ReleaseLine
    old: Rubric
    new: Rubric
    changes: Sequence[Change]
    """Without the rubric's own name of the version."""
    is_coming: bool
    """It does not judge yet."""


def notices_of(session: Session, viewer: Viewer, *, now: datetime) -> list[RubricNotice]:
    """The newest releases that an agent has not read yet; nothing for others, who see them at the desk."""
    if viewer.agent_id is None or not viewer.may(SEE):
        return []
    unread = store.unread_releases(session, viewer.user_id, limit=_MOST_SHOWN)
    if not unread:
        return []
    lines = release_lines(session)
    found = (_notice(session, one, lines, now) for id in unread for one in lines if one.id == id)
    return [one for one in found if one is not None]


def _notice(session: Session, one: ReleaseLine, lines: Sequence[ReleaseLine], now: datetime) -> RubricNotice | None:
    """``None`` where nothing that concerns agents has changed, or this release of the program cannot read it."""
    older = next((it for it in lines[lines.index(one) + 1 :] if it.code == one.code), None)
    new = version_named(session, one.content_hash, one.code)
    shipped = next((it for it in rubrics_in_force() if it.rubric.id == one.code), None)
    old = shipped if older is None else version_named(session, older.content_hash, one.code)
    if new is None or old is None:
        return None
    changes = [it for it in changes_between(old.rubric, new.rubric) if it.field != "version"]
    if not changes and not one.note:
        return None
    return RubricNotice(one, old.rubric, new.rubric, changes, one.effective_from > now)


def acknowledge_release(session: Session, viewer: Viewer, release_id: int, *, now: datetime) -> None:
    """An agent has read a release.

    Raises:
        AccessError: they are no agent.
        NotThereError: there is no such release.
    """
    viewer.demand(SEE)
    if not store.release_exists(session, release_id):
        raise NotThereError
    store.acknowledge(session, release_id, viewer.user_id, now=now)
    note_activity(session, viewer, now, "rubric.notice_read", ("rubric_release", release_id))
