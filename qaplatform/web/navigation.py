"""The main navigation: what stands in it, in which order, and for whom. A page that is not built yet is left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Flask, current_app, request, url_for

from qaplatform.services.access import ROLES, Grant, Role
from qaplatform.services.results import unseen_results
from qaplatform.web import sentences
from qaplatform.web.current import current_settings, current_store, signed_in, visit
from qaplatform.web.i18n import LazyText, _, language, lazy


@dataclass(frozen=True, slots=True)
class Entry:
    """A way from every page to a part of the workplace; any one of the permissions opens it."""

    label: LazyText
    icon: str
    endpoint: str
    permissions: tuple[str, ...]
    for_agents: bool = False
    """Only for those who are an agent themselves, …"""
    or_roles: frozenset[Role] = frozenset()
    """… or have one of these roles."""
    is_seldom: bool = False
    """Opened now and then: it goes into a menu where the bar would get too long."""
    also: frozenset[str] = frozenset()
    """Blueprints whose pages belong to it too."""

    @property
    def count(self) -> int:
        """What is new there for whoever asks; asked of the database only where it can be any."""
        viewer = signed_in()
        if self.endpoint != "results.index" or viewer is None:
            return 0
        with current_store().reading() as session:
            return unseen_results(session, viewer)

    @property
    def url(self) -> str:
        """Where it leads."""
        return url_for(self.endpoint)

    @property
    def current(self) -> bool:
        """Whether this page belongs to it: all views of the blueprint do, and those beside it under its address."""
        here = (request.endpoint or "").partition(".")[0]
        if here == self.endpoint.partition(".")[0] or here in self.also:
            return True
        return self.url != "/" and request.path.startswith(self.url.rstrip("/") + "/")


ADMIN_PERMISSIONS = (
    "users.manage",
    "shops.manage",
    "people.manage",
    "tokens.manage",
    "activity.see",
    "customers.erase",
)
_NO_ARGUMENTS = frozenset({"endpoint", "_anchor", "_method", "_scheme", "_external"})
"""What Flask takes for something else than an argument of an address."""
_MOST_IN_THE_BAR = 8
_LEARNT = frozenset({"lessons", "weekly_focus", "papers", "daily_logs", "drills", "exams", "skills", "certificates"})
_LED = frozenset(
    {
        "drill_library",
        "exam_reviews",
        "learning_paths",
        "lesson_drafts",
        "questions",
        "scenarios",
        "training_criteria",
        "training_settings",
    }
)
ENTRIES = (
    Entry(lazy("工作台"), "home", "home.show", ("home.see",)),
    Entry(lazy("待办"), "clipboard-check", "desk.index", ("reviews.give",)),
    Entry(lazy("会话"), "messages", "conversations.index", ("conversations.see",)),
    Entry(lazy("我的结果"), "star", "results.index", ("results.see",), for_agents=True),
    Entry(
        lazy("学习"),
        "school",
        "learning.show",
        ("training.learn",),
        for_agents=True,
        # New inspectors learn the rubric there.
        or_roles=frozenset({"inspector"}),
        also=_LEARNT,
    ),
    Entry(lazy("培训"), "users-group", "training.index", ("training.coach", "training.lead"), also=_LEARNT | _LED),
    Entry(lazy("看板"), "report-analytics", "dashboard.show", ("dashboard.see",)),
    Entry(lazy("抽检"), "inbox", "samples.index", ("samples.see",)),
    Entry(lazy("质检标准"), "file-text", "rubrics.index", ("rubrics.see",)),
    Entry(lazy("规则表现"), "circle-check", "checks.index", ("checks.see",), is_seldom=True),
    Entry(lazy("导入"), "file-import", "imports.index", ("imports.see",), is_seldom=True),
    Entry(lazy("风险模型"), "shield-check", "risk.index", ("risk.see",), is_seldom=True),
    Entry(lazy("语言模型"), "robot", "grader.index", ("grader.open",), is_seldom=True),
    Entry(lazy("任务"), "list-check", "jobs.index", ("jobs.see",), is_seldom=True),
    Entry(lazy("管理"), "settings", "admin.index", ADMIN_PERMISSIONS, is_seldom=True),
)


def set_up(app: Flask) -> None:
    """Give templates what the frame around every page shows."""
    app.jinja_env.globals.update(
        navigation=ways,
        signed_in=signed_in,
        visit=visit,
        is_demo=is_demo,
        can_start_own=can_start_own,
        exists=exists,
        here=here,
        url_with=url_with,
        role_names=role_names,
        words=sentences,
    )


@dataclass(frozen=True, slots=True)
class Ways:
    """The entries of whoever asks: those in the bar, and those in the menu beside it."""

    often: list[Entry]
    seldom: list[Entry]


def ways() -> Ways:
    """The entries of whoever asks; a menu is only made where they are too many for the bar."""
    mine = entries()
    if len(mine) <= _MOST_IN_THE_BAR:
        return Ways(mine, [])
    return Ways([one for one in mine if not one.is_seldom], [one for one in mine if one.is_seldom])


def entries() -> list[Entry]:
    """The entries of whoever asks."""
    viewer = signed_in()
    if viewer is None:
        return []
    roles = {one.role for one in viewer.grants}
    mine = [one for one in ENTRIES if viewer.agent_id is not None or not one.for_agents or one.or_roles & roles]
    return [entry for entry in mine if exists(entry.endpoint) and any(map(viewer.may, entry.permissions))]


def exists(endpoint: str) -> bool:
    """Whether a view is there to be linked to."""
    return endpoint in current_app.view_functions


def here() -> str:
    """The address to come back to: this page's, or the home page's where it is no page that can be opened."""
    rule = request.url_rule
    return request.full_path.rstrip("?") if rule is not None and "GET" in (rule.methods or ()) else "/"


def role_names(roles: Iterable[Grant | Role]) -> str:
    """Names of roles, each once."""
    names = dict.fromkeys(ROLES[one.role if isinstance(one, Grant) else one] for one in roles)
    return _("、").join(text.zh if language() == "zh" else text.en for text in names)


def is_demo() -> bool:
    """Whether this is the demo workplace, which every page says."""
    return current_settings().demo


def can_start_own() -> bool:
    """Whether one's own workplace can be made from here."""
    return current_settings().own_folder is not None


def url_with(**changes: object) -> str:
    """The address of this page with some of its query arguments changed, ``None`` to drop one: for sorting and paging."""
    asked = {name: values for name, values in request.args.to_dict(flat=False).items() if name not in _NO_ARGUMENTS}
    arguments: dict[str, object] = {**asked, **(request.view_args or {}), **changes}
    return url_for(request.endpoint or "", **{name: value for name, value in arguments.items() if value is not None})  # type: ignore[arg-type]
