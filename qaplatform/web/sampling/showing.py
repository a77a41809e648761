"""What was planned and drawn: lists and pages that change nothing."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from qaplatform import clock
from qaplatform.services.coverage import coverage
from qaplatform.services.drawing import COVERAGE_DAYS
from qaplatform.services.sampling_items import REASONS
from qaplatform.services.sampling_pages import COUNTED_DAYS, item_page, plan_page, plans_page, sample_page
from qaplatform.store.sampling_pool import MOST_IN_POOL
from qaplatform.web.access import permitted
from qaplatform.web.conversations.vocabulary import Vocabulary
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.formatting import zone
from qaplatform.web.grader_asking import may_be_asked
from qaplatform.web.i18n import language
from qaplatform.web.paging import page_number, page_of
from qaplatform.web.sampling import words
from qaplatform.web.sampling.conditions import conditions_of
from qaplatform.web.submitting import missing_is_404

samples = Blueprint("samples", __name__, url_prefix="/samples")
PLANS_ON_A_PAGE = 30
DRAWS_ON_A_PAGE = 30
ITEMS_ON_A_PAGE = 50
STATES = ("open", "overdue", "done", "replaced", "taken_back")


@samples.context_processor
def _words() -> dict[str, Any]:
    return {
        "said": words,
        "vocabulary": Vocabulary(language()),
        "most_in_pool": MOST_IN_POOL,
        "counted_days": COUNTED_DAYS,
        "reasons": REASONS,
    }


@samples.get("")
@permitted("samples.see")
def index() -> str:
    """The list of plans."""
    with current_store().reading() as session:
        lines, total = plans_page(
            session, current_viewer(), now=clock.now(), page=page_number(), page_size=PLANS_ON_A_PAGE
        )
    return render_template("sampling/index.html", page=page_of(lines, PLANS_ON_A_PAGE, total))


@samples.get("/plans/<int:id>")
@permitted("samples.see")
def plan(id: int) -> str:
    """A plan with its draws."""
    with missing_is_404(), current_store().reading() as session:
        shown = plan_page(session, current_viewer(), id, now=clock.now(), page=page_number(), page_size=DRAWS_ON_A_PAGE)
        conditions = conditions_of(session, current_viewer(), shown.plan.draft)
        may_grade = may_be_asked(session)
    page = page_of(shown.samples, DRAWS_ON_A_PAGE, shown.total)
    return render_template(
        "sampling/plan.html", shown=shown, plan=shown.plan, page=page, conditions=conditions, may_grade=may_grade
    )


@samples.get("/<int:id>")
@permitted("samples.see")
def sample(id: int) -> str:
    """A draw with its items."""
    asked = request.args.get("state")
    state = asked if asked in STATES else None
    with missing_is_404(), current_store().reading() as session:
        shown = sample_page(
            session, current_viewer(), id, state=state, now=clock.now(), page=page_number(), page_size=ITEMS_ON_A_PAGE
        )
        may_grade = may_be_asked(session)
    page = page_of(shown.lines, ITEMS_ON_A_PAGE, shown.total)
    return render_template(
        "sampling/sample.html", sample=shown.sample, page=page, state=state, now=clock.now(), is_newest=shown.is_newest,
        may_grade=may_grade,
    )  # fmt: skip


@samples.get("/items/<int:id>")
@permitted("samples.see")
def item(id: int) -> str:
    """An item: why it was drawn, whose it is, and what can be done about that."""
    with missing_is_404(), current_store().reading() as session:
        shown = item_page(session, current_viewer(), id, now=clock.now())
    return render_template("sampling/item.html", shown=shown, line=shown.line, now=clock.now())


@samples.get("/coverage")
@permitted("samples.see")
def covered() -> str:
    """How much of everybody's work was looked at."""
    with current_store().reading() as session:
        lines = coverage(session, current_viewer(), now=clock.now(), zone=zone())
    page = page_of(lines[(page_number() - 1) * ITEMS_ON_A_PAGE :][:ITEMS_ON_A_PAGE], ITEMS_ON_A_PAGE, len(lines))
    return render_template("sampling/coverage.html", lines=lines, page=page, days=COVERAGE_DAYS)
