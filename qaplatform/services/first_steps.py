"""The first steps in a new workplace: a shop, an import, a look at the findings, colleagues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
from sqlalchemy.orm import Session

from qaplatform.services.access import Viewer
from qaplatform.store import first_steps as store
from qaplatform.store.first_steps import Reached

Name = Literal["shop", "import", "findings", "colleagues"]
_NEEDS: dict[Name, str] = {
    "shop": "shops.manage",
    "import": "imports.make",
    "findings": "conversations.see",
    "colleagues": "users.manage",
}
"""Whoever may not take a step is not shown it."""


class Step(msgspec.Struct, frozen=True):
    """One of them."""

    name: Name
    is_done: bool


def steps_of(reached: Reached, viewer: Viewer) -> Sequence[Step]:
    """What somebody is to do, and has done; nothing where all is done, or where it is not theirs to do.

    Until the first conversations are in, that is everybody who may import; from then on those who set the workplace up.
    """
    sets_up = viewer.may("users.manage")
    if not viewer.may("imports.make") or (reached.has_conversation and (not sets_up or reached.is_put_aside)):
        return ()
    done: dict[Name, bool] = {
        "shop": reached.has_shop,
        "import": reached.has_conversation,
        "findings": reached.findings_seen,
        "colleagues": reached.has_colleague,
    }
    steps = [Step(name, done[name]) for name, permission in _NEEDS.items() if viewer.may(permission)]
    return () if all(one.is_done for one in steps) else steps


def note_findings_seen(session: Session) -> None:
    """Somebody has looked at a conversation's findings."""
    store.note(session, store.FINDINGS_SEEN)


def put_aside(session: Session, viewer: Viewer) -> None:
    """Show the steps no more.

    Raises:
        AccessError: they are not the viewer's to put aside.
    """
    viewer.demand("users.manage")
    store.note(session, store.PUT_ASIDE)
