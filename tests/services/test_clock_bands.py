"""Clock bands cover the day without gap or overlap."""

from __future__ import annotations

import threading
from typing import Any

import msgspec
import pytest

from qaplatform.audit.context import DEFAULT_BANDS
from qaplatform.services import clock_bands
from qaplatform.services.access import AccessError, Viewer
from qaplatform.services.clock_bands import BandProblem, BandsError, TooManyBandsError, problems_of
from qaplatform.services.shops import UnknownShopError
from qaplatform.store.clock_bands import Band
from qaplatform.store.engine import Store
from tests.people import NOW
from tests.services.admins import OUTSIDER, log_of


def band(start: int, end: int, **more: Any) -> Band:
    return msgspec.structs.replace(Band(start, end, True, 60.0, None), **more)


DAY = (band(0, 540, on_duty=False), band(540, 1200), band(1200, 1440, promotion_limit_seconds=30.0))


def put(store: Store, admin: Viewer, shop_id: int | None, *bands: Band) -> None:
    with store.writing() as session:
        clock_bands.set_bands(session, shop_id, bands, by=admin, now=NOW)


def seen(store: Store, admin: Viewer, shop_id: int | None) -> tuple[str, list[tuple[int, int]]]:
    with store.reading() as session:
        found = clock_bands.bands_for(session, admin, shop_id)
    return found.origin, [(one.start_minute, one.end_minute) for one in found.bands]


@pytest.mark.parametrize(
    ("bands", "problems"),
    [
        (DAY, []),
        (DAY[::-1], []),
        ([band(0, 1440)], []),
        ([], [("gap", None, 0, 1440)]),
        ([band(0, 600), band(660, 1440)], [("gap", 1, 600, 660)]),
        ([band(60, 1440)], [("gap", 0, 0, 60)]),
        ([band(0, 1380)], [("gap", None, 1380, 1440)]),
        ([band(0, 700), band(600, 1440)], [("overlap", 1, 600, 700)]),
        ([band(0, 1440), band(600, 700)], [("overlap", 1, 600, 700)]),
        ([band(0, 720), band(0, 1440)], [("overlap", 1, 0, 720)]),
        ([band(720, 1440), band(0, 800)], [("overlap", 0, 720, 800)]),
        ([band(0, 600), band(600, 600), band(600, 1440)], [("empty", 1, 600, 600)]),
        ([band(0, 1440), band(1300, 1300)], [("empty", 1, 1300, 1300)]),
        ([band(0, 600), band(700, 650), band(600, 1440)], [("empty", 1, 700, 650)]),
        ([band(0, 1440, limit_seconds=0.0)], [("limit", 0, 0, 0)]),
        ([band(0, 1440, limit_seconds=86_401.0)], [("limit", 0, 0, 0)]),
        ([band(0, 1440, limit_seconds=float("nan"))], [("limit", 0, 0, 0)]),
        ([band(0, 1440, limit_seconds=0.0, on_duty=False)], []),
        ([band(0, 1440, promotion_limit_seconds=0.5)], [("promotion_limit", 0, 0, 0)]),
        ([band(0, 300), band(200, 400), band(500, 1440)], [("overlap", 1, 200, 300), ("gap", 2, 400, 500)]),
    ],
)
def test_gaps_and_overlaps_are_found_where_they_are(bands: list[Band], problems: list[tuple[Any, ...]]) -> None:
    assert problems_of(bands) == [BandProblem(*one) for one in problems]


def test_a_shop_takes_its_own_bands_else_the_shared_else_the_defaults(company: Store, admin: Viewer) -> None:
    default = [(one.start_minute, one.end_minute) for one in DEFAULT_BANDS]
    assert seen(company, admin, 1) == ("default", default)
    put(company, admin, None, band(0, 720), band(720, 1440))
    assert seen(company, admin, 1) == ("shared", [(0, 720), (720, 1440)])
    assert seen(company, admin, None) == ("own", [(0, 720), (720, 1440)])
    put(company, admin, 1, *DAY[::-1])
    assert seen(company, admin, 1) == ("own", [(0, 540), (540, 1200), (1200, 1440)])
    assert seen(company, admin, 2)[0] == "shared"
    with company.writing() as session:
        clock_bands.drop_bands(session, 1, by=admin, now=NOW)
        clock_bands.drop_bands(session, None, by=admin, now=NOW)
    assert seen(company, admin, 1) == ("default", default)
    assert log_of(company, "shop.") == [
        ("shop.bands_set", None, None, {"count": 2}),
        ("shop.bands_set", 1, 1, {"count": 3}),
        ("shop.bands_dropped", 1, 1, {}),
        ("shop.bands_dropped", None, None, {}),
    ]


def test_bands_that_do_not_cover_the_day_change_nothing(company: Store, admin: Viewer) -> None:
    put(company, admin, 1, *DAY)
    with pytest.raises(BandsError) as refused:
        put(company, admin, 1, band(0, 600), band(660, 1440))
    assert [one.code for one in refused.value.problems] == ["gap"]
    with pytest.raises(TooManyBandsError):
        put(company, admin, 1, *(band(n, n + 1) for n in range(49)))
    assert seen(company, admin, 1)[1] == [(0, 540), (540, 1200), (1200, 1440)]


def test_the_same_again_is_no_change(company: Store, admin: Viewer) -> None:
    put(company, admin, 1, *DAY)
    put(company, admin, 1, *DAY)
    assert len(log_of(company, "shop.")) == 1


def test_where_nobody_is_on_duty_a_limit_means_nothing(company: Store, admin: Viewer) -> None:
    put(company, admin, 1, band(0, 1440, on_duty=False, limit_seconds=7.0, promotion_limit_seconds=5.0))
    with company.reading() as session:
        [one] = clock_bands.bands_for(session, admin, 1).bands
    assert (one.limit_seconds, one.promotion_limit_seconds) == (60.0, None)


@pytest.mark.both_databases
@pytest.mark.parametrize("shop_id", [1, None])
def test_two_who_save_at_once_leave_one_set_of_bands(company: Store, admin: Viewer, shop_id: int | None) -> None:
    start = threading.Barrier(2)

    def save(middle: int) -> None:
        start.wait()
        put(company, admin, shop_id, band(0, middle), band(middle, 1440))

    threads = [threading.Thread(target=save, args=(middle,)) for middle in (500, 700)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = seen(company, admin, shop_id)[1]
    assert found in ([(0, 500), (500, 1440)], [(0, 700), (700, 1440)])


def test_only_who_may_manage_shops_does(company: Store, admin: Viewer) -> None:
    with company.writing() as session:
        for act in (
            lambda: clock_bands.set_bands(session, 1, DAY, by=OUTSIDER, now=NOW),
            lambda: clock_bands.drop_bands(session, 1, by=OUTSIDER, now=NOW),
            lambda: clock_bands.bands_for(session, OUTSIDER, 1),
        ):
            with pytest.raises(AccessError):
                act()
        with pytest.raises(UnknownShopError):
            clock_bands.set_bands(session, 99, DAY, by=admin, now=NOW)
        with pytest.raises(UnknownShopError):
            clock_bands.drop_bands(session, 99, by=admin, now=NOW)
