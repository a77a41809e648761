"""Where a step of a path is done: pages of other parts, each named here and nowhere else; one that is not built is left out."""

from __future__ import annotations

from flask import Flask, current_app, url_for

from qaplatform.training.paths import Path, Step
from qaplatform.web.navigation import exists


def set_up(app: Flask) -> None:
    """Give templates the ways."""
    app.jinja_env.globals.update(step_url=step_url, thing_url=thing_url)


def step_url(path: Path, step: Step) -> str | None:
    """The page on which whoever learns does a step; ``None`` where a mentor does it with them."""
    if step.kind == "lesson":
        return thing_url("lessons.show", step.lesson)
    if step.kind == "theory_test":
        paper = f"{path.id}/{step.id}"
        return thing_url("papers.show", paper) or thing_url("papers.index", paper=paper)
    if step.kind == "drill":
        return thing_url("drills.index", criterion=list(step.criteria))
    if step.kind == "mock_exam":
        return thing_url("exams.index", step=f"{path.id}/{step.id}")
    if step.kind == "accompanied_chats":
        return thing_url("daily_logs.own")
    return None


def thing_url(endpoint: str, value: str | int | None = None, **query: object) -> str | None:
    """The address of a page about one thing, whatever its view calls the argument; ``None`` where there is no such page."""
    if not exists(endpoint):
        return None
    wanted = set() if value is None else {1}
    for rule in current_app.url_map.iter_rules(endpoint):
        if "GET" in (rule.methods or ()) and len(rule.arguments) == len(wanted):
            named = {next(iter(rule.arguments)): value} if wanted else {}
            return url_for(endpoint, **named, **query)  # type: ignore[arg-type]
    return None
