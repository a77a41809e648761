"""The way into the pages of those who look after the workplace: what is set up, and what is missing."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform.services import admin_overview
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.i18n import lazy
from qaplatform.web.navigation import Entry, exists
from qaplatform.web.today import today

admin = Blueprint("admin", __name__, url_prefix="/admin")

SECTIONS = (
    Entry(lazy("概况"), "settings", "admin.index", admin_overview.NEEDS),
    Entry(lazy("用户管理"), "user", "users.index", ("users.manage",)),
    Entry(lazy("店铺管理"), "building-store", "shops.index", ("shops.manage",)),
    Entry(lazy("团队管理"), "users", "teams.index", ("people.manage",)),
    Entry(lazy("客服管理"), "message", "agents.index", ("people.manage",)),
    Entry(lazy("子账号管理"), "login", "accounts.index", ("people.manage",)),
    Entry(lazy("部门管理"), "building", "departments.index", ("shops.manage",)),
    Entry(lazy("操作日志"), "history", "activity.index", ("activity.see",)),
    Entry(lazy("删除客户资料"), "eraser", "erasing.index", ("customers.erase",)),
)


@admin.app_template_global("admin_sections")
def sections() -> list[Entry]:
    """The sections whoever asks may open; of the overview all of it or nothing."""
    may = current_viewer().may
    return [
        entry
        for entry in SECTIONS
        if exists(entry.endpoint) and (all if entry.endpoint == "admin.index" else any)(map(may, entry.permissions))
    ]


@admin.app_template_global("is_section")
def is_section(entry: Entry) -> bool:
    """Whether this page belongs to a section: it lies under its address."""
    here, top = request.path, entry.url
    return here == top or (entry.endpoint != "admin.index" and here.startswith(f"{top}/"))


@admin.get("")
@permitted("activity.see")
def index() -> ResponseReturnValue:
    """The overview; who may open less than all of it comes to the first section they may open.

    Everybody with anything to do here sees the activity log (a test sees to it): that is the permission.
    """
    first = sections()[0]
    if first.endpoint != "admin.index":
        return redirect(url_for(first.endpoint), 303)
    with current_store().reading() as session:
        counts = admin_overview.overview(session, current_viewer(), today=today())
    return render_template("admin/index.html", counts=counts)
