"""``/scenarios``: the scenarios of the mock-dialogue exam, one as a person reads it, its versions and what they changed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request

from qaplatform import clock
from qaplatform.exam.act_words import act_words
from qaplatform.exam.references import BAD_AT_MOST, GOOD_AT_LEAST
from qaplatform.formats.writing.wording import Wording
from qaplatform.services.rubric_diffs import file_diffs
from qaplatform.services.training import scenario_drafts as service
from qaplatform.services.training.scenario_checking import live_auditor, live_references
from qaplatform.services.training.scenario_drafts import EDIT, PUBLISH, ScenarioFilter, ScenarioSeen, shipped_text
from qaplatform.services.training.scenario_guide import scenario_guide
from qaplatform.services.training.scenario_trials import panel_of
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.i18n import _, language
from qaplatform.web.paging import page_number, page_of
from qaplatform.web.submitting import missing_is_404
from qaplatform.web.training import exam_words
from qaplatform.web.training import scenario_story as story

scenarios = Blueprint("scenarios", __name__, url_prefix="/scenarios")
PAGE_SIZE = 50


@scenarios.get("")
@permitted(EDIT)
def index() -> str:
    """The list."""
    names = ("text", "kind", "level", "language", "origin", "state")
    wanted = ScenarioFilter(**{name: request.args.get("q" if name == "text" else name, "") for name in names})
    with current_store().reading() as session:
        lines, kinds = service.scenario_lines(session, current_viewer(), wanted)
    first = (page_number() - 1) * PAGE_SIZE
    page = page_of(lines[first : first + PAGE_SIZE], PAGE_SIZE, len(lines))
    return render_template(
        "training/scenarios/index.html",
        page=page,
        wanted=wanted,
        kinds=[("", _("全部")), *((one, exam_words.kind(one)) for one in kinds)],
        told=story,
        kind_word=exam_words.kind,
        language_code=language(),
    )


@scenarios.get("/guide")
@permitted(EDIT)
def guide() -> str:
    """How a scenario is written."""
    return render_template("training/scenarios/guide.html", guide=scenario_guide(language()), words=act_words())


@scenarios.get("/<code>")
@permitted(EDIT)
def show(code: str) -> str:
    """One of them, with its references played under the rubric of today."""
    with missing_is_404(), current_store().reading() as session:
        seen = service.scenario_seen(session, current_viewer(), code)
        scenario, now = seen.checked.scenario, clock.now()
        played = None if scenario is None else live_references(session, scenario, now)
        auditor = None if scenario is None else live_auditor(session, scenario, now)
    wording = None if auditor is None else Wording(auditor.rubric, auditor.context, language())
    return scenario_page(
        "show",
        seen,
        story=None if scenario is None else story.story_of(scenario),
        shown_panel=None if scenario is None else panel_of(scenario, 1),
        played=played,
        wording=wording,
        marks=(GOOD_AT_LEAST, BAD_AT_MOST),
    )


@scenarios.get("/<code>/versions")
@permitted(EDIT)
def versions(code: str) -> str:
    """Its versions; ``version`` in the address shows what that one changed."""
    seen = seen_or_404(code)
    number = request.args.get("version", type=int)
    chosen, before = None, shipped_text(code)
    if number is not None:
        at = next((place for place, one in enumerate(seen.versions) if one.id == number), None)
        if at is None:
            abort(404)
        chosen = seen.versions[at]
        # A draft is compared with what it goes on from, what was published with what was published before.
        older = (
            one for one in seen.versions[at + 1 :] if one.text and (chosen.state == "draft" or one.state != "draft")
        )
        before = next((one.text for one in older), before)
    diffs = [] if chosen is None else file_diffs({f"{code}.yaml": before}, {f"{code}.yaml": chosen.text})
    return scenario_page("versions", seen, chosen=chosen, diffs=diffs, is_shipped=bool(shipped_text(code)))


def seen_or_404(code: str) -> ScenarioSeen:
    """A scenario as its author sees it."""
    with missing_is_404(), current_store().reading() as session:
        return service.scenario_seen(session, current_viewer(), code)


def scenario_page(template: str, seen: ScenarioSeen, **values: Any) -> str:
    """A page of a scenario, under the head that all of them share."""
    return render_template(
        f"training/scenarios/{template}.html",
        seen=seen,
        told=story,
        kind_word=exam_words.kind,
        may_publish=current_viewer().may(PUBLISH),
        language_code=language(),
        **values,
    )


def version_seen() -> int:
    """Which version the form was made from."""
    return request.form.get("version", -1, type=int)


from qaplatform.web.training import (  # noqa: E402 - they add routes
    scenario_editing,
    scenario_publishing,
    scenario_trying,
)

__all__ = ["scenario_editing", "scenario_publishing", "scenario_trying", "scenarios"]
