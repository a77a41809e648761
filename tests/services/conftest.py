"""The company that most tests of services happen in, and the admin who looks after it."""

from __future__ import annotations

import pytest

from qaplatform.services.access import Viewer
from qaplatform.store.engine import Store
from tests.people import open_company
from tests.services.admins import boss


@pytest.fixture
def company(store: Store) -> Store:
    """A database with two shops, two teams and three agents."""
    open_company(store)
    return store


@pytest.fixture
def admin(company: Store) -> Viewer:
    """Who may do everything there, and stands in the activity log."""
    return boss(company)
