"""``/conversations/<id>``: a conversation with its scorecard, masked; and the same once without the mask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.audit.rubric import Rubric
from qaplatform.formats.writing.sightings import Sighting, sightings
from qaplatform.formats.writing.wording import Wording
from qaplatform.services.browsing import beside
from qaplatform.services.conversation_pages import (
    SEE,
    Asked,
    ConversationPage,
    conversation_page,
    lift_mask,
)
from qaplatform.services.erasing import ERASE_CUSTOMER
from qaplatform.services.first_steps import note_findings_seen
from qaplatform.services.masking import UNMASK
from qaplatform.services.notes import WRITE
from qaplatform.services.reauditing import REAUDIT
from qaplatform.services.results import is_unseen, note_seen
from qaplatform.services.reviewing import GIVE
from qaplatform.services.rubric_versions import in_force
from qaplatform.services.training.problem_points import may_coach
from qaplatform.services.training.scenario_drafts import EDIT as WRITE_SCENARIOS
from qaplatform.web.access import permitted
from qaplatform.web.conversations import GREATEST_ID, ID, conversations
from qaplatform.web.conversations import vocabulary as words
from qaplatform.web.conversations.chat import Line, ModelMarks, Said, lines_of
from qaplatform.web.conversations.filters import Given
from qaplatform.web.conversations.graded import GradedShown, chat_words, graded_of, standing_words
from qaplatform.web.conversations.reviewed import ReviewedShown, reviewed_of
from qaplatform.web.conversations.scorecard import ScorecardShown, scorecard_of
from qaplatform.web.conversations.vocabulary import Vocabulary
from qaplatform.web.conversations.writing import NoteForm
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.desk_words import DRAWS
from qaplatform.web.formatting import zone
from qaplatform.web.i18n import _, language

_LOOKED = "qaplatform_findings_seen"


@dataclass(frozen=True, slots=True)
class PlaceShown:
    """The list one came from, and the ways to what stands before and behind in it."""

    query: str
    previous_id: int | None
    next_id: int | None


@dataclass(frozen=True, slots=True)
class ConversationShown:
    """What the page shows."""

    page: ConversationPage
    lines: Sequence[Line]
    card: ScorecardShown | None
    reasons: Sequence[str]
    sightings: Sequence[Sighting]
    topic: str
    closed: str
    people: Sequence[str]
    may_unmask: bool
    may_note: bool
    graded: GradedShown | None
    reviewed: ReviewedShown | None
    is_ones_own: bool
    """Whether the newest review is of the viewer's own chat, who may acknowledge and answer it."""
    may_reaudit: bool
    may_review: bool
    may_coach: bool
    """Whether findings may be made problem points: those of the newest audit."""
    may_erase: bool
    may_make_scenario: bool
    place: PlaceShown | None


@conversations.get(f"/<{ID}:id>")
@permitted(SEE)
def show(id: int) -> str:
    """The conversation, masked; ``revision`` or ``audit`` in the address ask for an earlier state of it."""
    shown = page_of(id, NoteForm(formdata=None))
    _note_look()
    _note_result_seen(id)
    return shown


@conversations.post(f"/<{ID}:id>/unmask")
@permitted(UNMASK)
def unmask(id: int) -> str:
    """The same page once with personal data; the next look at it is masked again."""
    return page_of(id, NoteForm(formdata=None), unmasked=True)


def page_of(id: int, form: NoteForm, *, unmasked: bool = False) -> str:
    """The page as HTML."""
    asked = Asked(request.args.get("audit", type=_number), request.args.get("revision", type=_number))
    viewer, store, place = current_viewer(), current_store(), None
    came_from = _list_given()
    # Lifting the mask is written down in the transaction that reads.
    with store.writing() if unmasked else store.reading() as session:
        if unmasked:
            lift_mask(session, viewer, id, now=clock.now())
        page = conversation_page(session, viewer, id, asked=asked, language=language(), unmasked=unmasked)
        if came_from is not None:
            place = _place(session, came_from, page)
    work = page.read.open_work
    if work is not None and work.is_blind:
        # This page tells what the machine said.
        flash(_("这通会话正由您盲评，提交后才能查看会话全页。"), "info")
        abort(redirect(url_for("desk.show", id=work.id), 303))
    g.zone = page.read.listed.timezone
    return render_template(
        "conversations/show.html",
        shown=_shown(page, place),
        form=form,
        words_of=words,
        draws=DRAWS,
        vocabulary=Vocabulary(language()),
        standing_words=standing_words(),
    )


def graded_part(id: int, *, ended: str = "") -> ResponseReturnValue:
    """What a model said, as a part of the page; ``ended``: why the asking came to an early end."""
    viewer = current_viewer()
    if "HX-Request" not in request.headers:
        return redirect(url_for(".show", id=id, _anchor="graded"), 303)
    with current_store().reading() as session:
        page = conversation_page(session, viewer, id, language=language())
    if page.read.open_work is not None and page.read.open_work.is_blind:
        abort(404)
    g.zone = page.read.listed.timezone
    wording = Wording(page.rubric or _any_rubric(), page.context, language())
    part = render_template(
        "conversations/_graded.html", graded=graded_of(page, wording), page=page, row=page.read.listed, ended=ended,
        standing_words=standing_words(), is_part=True,
    )  # fmt: skip
    # What asks again and again is a line in this part, and goes with it.
    return part, {"HX-Retarget": "#graded", "HX-Reswap": "outerHTML"}


def _note_look() -> None:
    """Note, once for all, that somebody who may set the workplace up has got as far as the findings."""
    if current_viewer().may("users.manage") and not current_app.extensions.get(_LOOKED):
        with current_store().writing() as session:
            note_findings_seen(session)
        current_app.extensions[_LOOKED] = True


def _note_result_seen(id: int) -> None:
    viewer = current_viewer()
    with current_store().reading() as session:
        is_new = is_unseen(session, viewer, id)
    if is_new:
        with current_store().writing() as session:
            note_seen(session, viewer, id, now=clock.now())


def _list_given() -> Given | None:
    """The list that ``list`` in the address names, filters and order and page."""
    query = request.args.get("list")
    return None if query is None else Given.read(query, zone())


def _place(session: Any, came_from: Given, page: ConversationPage) -> PlaceShown:
    scope, row = current_viewer().scope(SEE), page.read.listed
    found = beside(session, scope, came_from.wanted, row, order=came_from.order)
    return PlaceShown(came_from.place, found.previous_id, found.next_id)


def _number(text: str) -> int:
    """A number that a database takes; what is beyond belongs to nothing."""
    return min(max(int(text), -1), GREATEST_ID)


def _shown(page: ConversationPage, place: PlaceShown | None) -> ConversationShown:
    read, viewer = page.read, current_viewer()
    listed, audit = read.listed, read.audit
    wording = Wording(page.rubric or _any_rubric(), page.context, language())
    card = None
    if audit is not None:
        card = scorecard_of(audit.results, audit.findings, page.masked, page.fact_texts, wording)
    graded = graded_of(page, wording)
    said = Said(
        messages=read.messages,
        masked=page.masked,
        moments=page.moments,
        spots=card.spots if card else (),
        observations=page.observations,
        waits=page.waits,
        zone=zone(),
        models=graded.marks if graded else ModelMarks(),
    )
    seen = page.observations
    lies_in = {"shop_id": listed.shop_id, "team_id": listed.team_id, "agent_id": listed.agent_id}
    return ConversationShown(
        page=page,
        lines=list(lines_of(said, wording, chat_words())),
        card=card,
        reasons=[wording.reason(one) for one in audit.reasons] if audit else (),
        sightings=sorted(sightings(seen, wording), key=lambda one: one.message) if seen else (),
        topic=wording.topic_path(seen.topic) if seen and seen.topic else "",
        closed=wording.chrome["closed_" + seen.closed] if seen else "",
        people=list(dict.fromkeys(one.agent or one.account or "" for one in read.messages if one.role == "agent")),
        may_unmask=viewer.may_see(UNMASK, **lies_in),
        may_note=viewer.may_see(WRITE, **lies_in),
        graded=graded,
        reviewed=reviewed_of(page, wording),
        is_ones_own=bool(page.reviews) and viewer.agent_id is not None and page.reviews[0].agent_id == viewer.agent_id,
        may_reaudit=viewer.may_see(REAUDIT, **lies_in),
        may_review=viewer.may_see(GIVE, **lies_in),
        may_coach=may_coach(viewer, page),
        may_erase=viewer.may_see(ERASE_CUSTOMER, shop_id=listed.shop_id, team_id=None, agent_id=None),
        may_make_scenario=viewer.may(WRITE_SCENARIOS),
        place=place,
    )


def _any_rubric() -> Rubric:
    """The words of a rubric in force, where the one that judged cannot be read or nothing was judged."""
    return in_force()[0]
