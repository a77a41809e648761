"""The language models in the browser: the first page, and the ways between all pages about them."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for

from qaplatform import clock
from qaplatform.services.access import Viewer
from qaplatform.services.grader_overview import grader_overview
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.grader_words import CURRENCIES, problem_words
from qaplatform.web.i18n import LazyText, lazy
from qaplatform.web.navigation import exists

grader = Blueprint("grader", __name__, url_prefix="/grader")

_PARTS: tuple[tuple[str, str, str, LazyText, LazyText], ...] = (
    ("grader_runs.index", "grader.see", "list-check", lazy("提问任务"), lazy("问过哪些会话，进度、结果和花费。")),
    ("grader_trust.index", "grader.see", "shield-check", lazy("可信度"), lazy("模型与人的裁定有多一致，哪些问题的回答可以计分。")),
    ("llm_spending.show", "grader.costs", "report-analytics", lazy("费用"), lazy("按模型、质检标准和问题统计的用量与花费。")),
    ("llm_endpoints.index", "grader.manage", "robot", lazy("模型接口"), lazy("用哪家的哪个模型，地址、密钥和价格。")),
    ("grader_settings.show", "grader.manage", "settings", lazy("设置"), lazy("用量与费用的上限、提问方式和信任线。")),
)  # fmt: skip
"""Pages, whom they are for, and what they are called; some are of other parts, and shown once they are there."""


@grader.get("")
@permitted("grader.open")
def index() -> str:
    """Which model is asked, and what was used today."""
    viewer = current_viewer()
    with current_store().reading() as session:
        seen = grader_overview(session, viewer, now=clock.now())
    return render_template(
        "grader/index.html",
        seen=seen,
        parts=grader_parts(),
        may_manage=viewer.may("grader.manage"),
        problem_words=problem_words,
        currencies=CURRENCIES,
    )


def grader_parts() -> list[tuple[str, str, LazyText, LazyText]]:
    """The pages the viewer may open: address, icon, name, what is to be found there."""
    viewer = current_viewer()
    return [
        (url_for(endpoint), icon, name, said)
        for endpoint, permission, icon, name, said in _PARTS
        if exists(endpoint) and viewer.may(permission) and (endpoint != "grader_runs.index" or _has_runs(viewer))
    ]


def _has_runs(viewer: Viewer) -> bool:
    """Whether the list of runs can hold any: who does not see everything sees their own, and those start none."""
    return viewer.may("grader.ask") or viewer.scope("grader.see").everything


@grader.app_template_global("grader_tabs")
def grader_tabs() -> list[tuple[str, LazyText, None]]:
    """The same as tabs, for the head of every page about language models."""
    return [
        (url_for("grader.index"), lazy("概况"), None),
        *((url, name, None) for url, _icon, name, _said in grader_parts()),
    ]
