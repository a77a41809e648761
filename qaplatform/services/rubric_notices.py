"""What agents are told of a published rubric: from which day it judges, in the lead's words and as a list of changes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from qaplatform.audit.rubric import Applies, Rubric
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
_LOOKED_BACK = 20
"""So many of the newest unread releases are looked at for those that concern somebody."""
_SERVED_DAYS = 30
"""What somebody serves is told by their conversations of so many days."""


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
    """The newest releases that concern an agent and that they have not read yet; others see them at the desk.

    A rubric concerns those who lately served a channel and queue to which it applies, or did before the change. Whoever
    has served nothing lately is told of all.
    """
    if viewer.agent_id is None or not viewer.may(SEE):
        return []
    unread = store.unread_releases(session, viewer.user_id, limit=_LOOKED_BACK)
    if not unread:
        return []
    lines = release_lines(session)
    found = (_notice(session, one, lines, now) for id in unread for one in lines if one.id == id)
    served: Collection[tuple[str, str | None]] | None = None
    shown: list[RubricNotice] = []
    for one in found:
        if one is None:
            continue
        asked = (one.old.applies, one.new.applies)
        if served is None and all(it.channel or it.queue for it in asked):
            served = store.served(session, viewer.agent_id, now - timedelta(days=_SERVED_DAYS))
        if not served or any(_may_judge(it, *place) for it in asked for place in served):
            shown.append(one)
        if len(shown) == _MOST_SHOWN:
            break
    return shown


def _may_judge(applies: Applies, channel: str, queue: str | None) -> bool:
    """Whether a rubric applies to conversations of a channel and queue; their topics and tags may be any."""
    return (not applies.channel or channel in applies.channel) and (not applies.queue or queue in applies.queue)


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
