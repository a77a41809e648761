"""The activity log: who did what to which thing, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from flask import Blueprint, render_template, request, url_for

from qaplatform.services import activity as service
from qaplatform.services.shops import shop_choices
from qaplatform.services.signing_in import folded_login
from qaplatform.store.activity import ActivityFilter, ActivityLine
from qaplatform.web.access import permitted
from qaplatform.web.activity_words import (
    KINDS_OF_SUBJECT,
    action_text,
    group_of,
    group_text,
    kind_before_name,
    kind_text,
    particulars,
    subject_text,
)
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.formatting import zone
from qaplatform.web.i18n import _
from qaplatform.web.navigation import exists, url_with

activity = Blueprint("activity", __name__, url_prefix="/admin/activity")
PAGE_SIZE = 50
_MOST_ID = 2**62
_PAGES = {
    "user": "users.show",
    "shop": "shops.show",
    "team": "teams.show",
    "agent": "agents.show",
    "account": "accounts.show",
    "department": "departments.show",
    "conversation": "conversations.show",
}
_OTHER_IDS = {"import": ("imports.show", "import_id"), "job": ("jobs.show", "job_id")}


@activity.get("")
@permitted("activity.see")
def index() -> str:
    """The log, as far as the viewer may see it; each page begins where the one before ended, whatever came in meanwhile."""
    wanted, viewer = _asked(), current_viewer()
    before = _before(request.args.get("before", ""))
    with current_store().reading() as session:
        page = service.activity_page(session, viewer, wanted, before=before, limit=PAGE_SIZE)
        names = service.subject_names(session, viewer, page)
        actions = service.actions(session, viewer)
        shops = shop_choices(session, viewer, "activity.see")
    return render_template(
        "activity/index.html",
        page=page,
        names=names,
        actions=_choices_of(actions),
        action=request.args.get("action", ""),
        kinds=[("", _("全部")), *((kind, kind_text(kind)) for kind in KINDS_OF_SUBJECT)],
        shops=[("", _("全部")), *((str(one.id), one.name) for one in shops)],
        is_filtered=wanted != ActivityFilter(),
        newest_url=url_with(before=None) if before else None,
        older_url=url_with(before=_mark(*page.next_before)) if page.next_before else None,
        action_text=action_text,
        kind_before_name=kind_before_name,
        subject_text=subject_text,
        subject_url=_subject_url,
        particulars=particulars,
    )


def _asked() -> ActivityFilter:
    args = request.args
    since, until = _day(args.get("since", "")), _day(args.get("until", ""))
    login = folded_login(args.get("login", "").replace("\0", ""))
    return ActivityFilter(
        since=_begin(since) if since else None,
        until=_begin(until + timedelta(days=1)) if until else None,
        login=login or None,
        action=args.get("action", "").replace("\0", "") or None,
        subject_kind=args.get("kind", "").replace("\0", "") or None,
        subject_id=_number(args.get("id", "")),
        shop_id=_number(args.get("shop", "")),
    )


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    # Beyond these no moment can be made of it in every zone.
    return day if 1900 < day.year < 9999 else None


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), zone())


def _number(text: str) -> int | None:
    number = int(text) if text.isdecimal() and len(text) < 20 else None
    return number if number is None or number <= _MOST_ID else None


def _mark(at: datetime, id: int) -> str:
    return f"{at.isoformat()}_{id}"


def _before(text: str) -> tuple[datetime, int] | None:
    """Where the page before ended; what is no such place is the beginning."""
    at, _underline, id = text.rpartition("_")
    number = _number(id)
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (moment, number) if number is not None and moment.tzinfo is not None else None


def _choices_of(actions: Sequence[str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The actions of the log, by group; the first of a group stands for all of it."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for action in actions:
        groups.setdefault(group_of(action), []).append((action, action_text(action)))
    return [(group_text(group), found) for group, found in groups.items()]


def _subject_url(line: ActivityLine) -> str | None:
    """The page of the thing, if there is one; whether it may be opened is its own matter."""
    endpoint = _PAGES.get(line.subject_kind)
    if line.subject_kind == "push_token" and line.shop_id is not None:
        return url_for("push_tokens.index", shop_id=line.shop_id)
    if line.subject_kind in _OTHER_IDS and line.subject_id is not None:
        endpoint, name = _OTHER_IDS[line.subject_kind]
        return url_for(endpoint, **{name: line.subject_id}) if exists(endpoint) else None  # type: ignore[arg-type]
    if endpoint is None or line.subject_id is None or not exists(endpoint):
        return None
    return url_for(endpoint, id=line.subject_id)
