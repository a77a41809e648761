"""The state of the house, for those who look after it."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from qaplatform.services.access import Viewer
from qaplatform.store import admin_overview
from qaplatform.store.admin_overview import Overview

NEEDS = ("users.manage", "shops.manage", "people.manage")


def overview(session: Session, viewer: Viewer, *, today: date) -> Overview:
    """How much there is of everything.

    Raises:
        AccessError: the viewer looks after something less than all of it.
    """
    for permission in NEEDS:
        viewer.demand(permission)
    return admin_overview.overview(session, today)
