"""All blueprints of the workplace. A new page's blueprint is added here, and nowhere else."""

from __future__ import annotations

from flask import Flask

from qaplatform.web import (
    accounts,
    activity,
    admin,
    agents,
    calendar_days,
    checks,
    clock_bands,
    dashboard,
    departments,
    erasing,
    grader,
    grader_settings,
    grader_trust,
    grading_runs,
    health,
    home,
    imports,
    jobs,
    language,
    llm_endpoints,
    llm_spending,
    me,
    push_tokens,
    results,
    return_addresses,
    risk,
    shops,
    signing_in,
    starting,
    styleguide,
    teams,
    users,
)
from qaplatform.web.conversations import conversations
from qaplatform.web.desk import desk
from qaplatform.web.rubrics import rubrics
from qaplatform.web.sampling import samples
from qaplatform.web.training.scenarios import scenarios

ADMIN = (
    admin.admin,
    users.users,
    shops.shops,
    clock_bands.clock_bands,
    calendar_days.calendar_days,
    return_addresses.return_addresses,
    push_tokens.push_tokens,
    departments.departments,
    teams.teams,
    agents.agents,
    accounts.accounts,
    activity.activity,
)
BLUEPRINTS = (
    health.health,
    home.home,
    conversations,
    desk,
    results.results,
    dashboard.dashboard,
    samples,
    rubrics,
    checks.checks,
    imports.imports,
    jobs.jobs,
    risk.risk,
    grader_trust.grader_trust,
    grader.grader,
    grading_runs.grader_runs,
    llm_spending.llm_spending,
    llm_endpoints.llm_endpoints,
    grader_settings.grader_settings,
    erasing.erasing,
    scenarios,
    language.language,
    me.me,
    signing_in.signing_in,
    starting.starting,
    *ADMIN,
)
FOR_DEVELOPERS = (styleguide.styleguide,)


def register(app: Flask, *, developing: bool) -> None:
    """Register them."""
    for blueprint in (*BLUEPRINTS, *(FOR_DEVELOPERS if developing else ())):
        app.register_blueprint(blueprint)
