"""The manner of the grader: caps, bar and zone, changed by who may, and never at the cost of what stands beside them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from qaplatform.audit.trust import Bar
from qaplatform.errors import QAPlatformError
from qaplatform.services import grader_settings as services
from qaplatform.services.access import AccessError, Viewer
from qaplatform.services.grader_settings import GraderSettings, change_settings, grader_settings, keep_settings
from qaplatform.store.engine import Store
from tests.people import NOW
from tests.services.admins import boss, log_of


def change(store: Store, admin: Viewer, **about: Any) -> GraderSettings:
    with store.writing() as session:
        change_settings(session, msgspec.structs.replace(grader_settings(session), **about), by=admin, now=NOW)
        return grader_settings(session)


def test_a_change_is_kept_and_logged_and_leaves_the_endpoint_alone(store: Store) -> None:
    admin = boss(store)
    with store.writing() as session:
        keep_settings(session, GraderSettings(endpoint_id=7))
    after = change(
        store, admin, endpoint_id=None, day_tokens=1_000_000, run_money_micros=2_500_000, currency="USD", at_once=2,
        bar=Bar(300, 40, 0.95, 0.8), timezone=" Europe/Berlin ",
    )  # fmt: skip
    assert after == GraderSettings(
        endpoint_id=7, day_tokens=1_000_000, run_money_micros=2_500_000, currency="USD", at_once=2,
        bar=Bar(300, 40, 0.95, 0.8), timezone="Europe/Berlin",
    )  # fmt: skip
    change(store, admin)
    fields = ["at_once", "bar", "currency", "day_tokens", "run_money_micros", "timezone"]
    assert log_of(store, "grader.") == [("grader.changed", None, None, {"fields": fields})]


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("about", "error"),
    [
        ({"day_tokens": 0}, services.GraderCapError),
        ({"run_money_micros": 10**16}, services.GraderCapError),
        ({"conversation_tokens": -1}, services.GraderCapError),
        ({"at_once": 17}, services.GraderMannerError),
        ({"questions_a_call": 0}, services.GraderMannerError),
        ({"bar": Bar(least_n=19)}, services.GraderBarError),
        ({"bar": Bar(least_rare=0)}, services.GraderBarError),
        ({"bar": Bar(least_agreement=0.49)}, services.GraderBarError),
        ({"bar": Bar(least_kappa=float("nan"))}, services.GraderBarError),
        ({"timezone": "Mars/Base"}, services.GraderZoneError),
        ({"timezone": "../etc"}, services.GraderZoneError),
    ],
)
def test_what_cannot_be_is_refused(store: Store, about: dict[str, Any], error: type[QAPlatformError]) -> None:
    admin = boss(store)
    with pytest.raises(error):
        change(store, admin, **about)
    with pytest.raises(AccessError):
        change(store, Viewer(user_id=0, name=""), **about)
