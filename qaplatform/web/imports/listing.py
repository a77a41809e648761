"""The list of imports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast, get_args

from flask import render_template, request

from qaplatform import clock
from qaplatform.services import imports as service
from qaplatform.services.imports import COUNTED
from qaplatform.services.shops import shop_choices
from qaplatform.store.import_list import ImportFilter, count_by_state
from qaplatform.store.imports import LIVE, ImportState, Origin
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.imports import imports
from qaplatform.web.paging import page_number, page_of

PAGE_SIZE = 25
TABS: Mapping[str, frozenset[ImportState]] = {
    "": frozenset(),
    "draft": frozenset({"draft"}),
    "running": LIVE,
    "failed": frozenset({"failed"}),
    "done": frozenset({"done"}),
    "cancelled": frozenset({"cancelled"}),
}
"""The tabs above the list, by what they are called in its address."""


@imports.get("")
@permitted("imports.see")
def index() -> str:
    """The list; the part of it that changes renews itself while something is going on."""
    viewer, tab = current_viewer(), request.args.get("state", "")
    tab = tab if tab in TABS else ""
    origin = request.args.get("origin", "")
    wanted = ImportFilter(
        states=TABS[tab],
        origin=cast("Origin", origin) if origin in get_args(Origin) else None,
        shop_id=request.args.get("shop", type=int),
    )
    with current_store().reading() as session:
        rows = service.listed(session, viewer, wanted, now=clock.now(), page=page_number(), page_size=PAGE_SIZE)
        counts = count_by_state(session, service.reach_of(viewer), COUNTED)
        shops = shop_choices(session, viewer, "imports.see")
    page = page_of(rows, PAGE_SIZE)
    template = "imports/_list.html" if request.headers.get("HX-Request") else "imports/index.html"
    return render_template(
        template,
        page=page,
        tab=tab,
        tabs={
            name: (sum(counts.get(state, 0) for state in states) or None) if states <= COUNTED else None
            for name, states in TABS.items()
        },
        wanted=wanted,
        origin=origin,
        shops=shops,
        is_live=any(one.state in LIVE for one in page.rows),
        is_filtered=bool(tab or wanted.origin or wanted.shop_id),
        may_make=viewer.may("imports.make"),
    )
