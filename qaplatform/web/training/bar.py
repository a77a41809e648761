"""The ways between the pages of training, for whoever asks; a page that is not built is left out."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, request, url_for

from qaplatform.web.current import signed_in
from qaplatform.web.i18n import LazyText, lazy
from qaplatform.web.navigation import exists


@dataclass(frozen=True, slots=True)
class _Way:
    label: LazyText
    endpoint: str
    permissions: tuple[str, ...]
    for_agents: bool = False
    """Only for those who are an agent themselves."""


LEARNING = (
    _Way(lazy("我的学习"), "learning.show", ("training.learn",)),
    _Way(lazy("课程"), "lessons.index", ("training.learn",)),
    _Way(lazy("理论测验"), "papers.index", ("training.learn",)),
    _Way(lazy("带教日志"), "daily_logs.own", ("training.learn",), for_agents=True),
    _Way(lazy("单句练习"), "drills.index", ("training.learn",)),
    _Way(lazy("模拟考核"), "exams.index", ("training.learn",)),
    _Way(lazy("我的能力"), "skills.own", ("training.learn",)),
    _Way(lazy("证书"), "certificates.index", ("training.learn",)),
)
LEADING = (
    _Way(lazy("学员"), "training.index", ("training.coach", "training.lead")),
    _Way(lazy("带教日志"), "daily_logs.index", ("training.coach", "training.lead")),
    _Way(lazy("考核复核"), "exam_reviews.index", ("training.coach", "training.lead")),
    _Way(lazy("各项能力"), "training_criteria.index", ("training.coach", "training.lead")),
    _Way(lazy("路径"), "learning_paths.index", ("training.edit", "training.lead")),
    _Way(lazy("课程"), "lessons.index", ("training.coach", "training.lead", "training.edit")),
    _Way(lazy("简答批阅"), "papers.waiting", ("training.coach",)),
    _Way(lazy("题库"), "questions.index", ("training.edit",)),
    _Way(lazy("试卷"), "papers.authored", ("training.edit",)),
    _Way(lazy("练习题"), "drill_library.index", ("training.edit",)),
    _Way(lazy("场景"), "scenarios.index", ("training.edit",)),
    _Way(lazy("证书"), "certificates.index", ("training.coach", "training.lead")),
    _Way(lazy("考核规则"), "training_settings.show", ("training.publish",)),
)


def set_up(app: Flask) -> None:
    """Give templates the two bars as ``tabs`` takes them."""
    app.jinja_env.globals.update(
        learning_tabs=lambda: _ways(LEARNING), leading_tabs=lambda: _ways(LEADING), tab_here=_tab_here
    )


def _tab_here(tabs: list[tuple[str, LazyText, None]]) -> str:
    """The address of the tab that this page lies under: the longest that its address begins with."""
    return max((url for url, *_ in tabs if f"{request.path}/".startswith(f"{url}/")), key=len, default="")


def _ways(ways: tuple[_Way, ...]) -> list[tuple[str, LazyText, None]]:
    viewer = signed_in()
    return [
        (url_for(one.endpoint), one.label, None)
        for one in ways
        if viewer is not None
        and exists(one.endpoint)
        and any(map(viewer.may, one.permissions))
        and (viewer.agent_id is not None or not one.for_agents)
    ]
