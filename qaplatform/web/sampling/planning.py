"""Plans are made, previewed, changed, drawn, paused and ended."""

from __future__ import annotations

import secrets
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.errors import QAPlatformError
from qaplatform.services import sampling as service
from qaplatform.services.drawing import Outlook
from qaplatform.services.plan_forms import draft_of
from qaplatform.services.sampling import DrawnAlreadyError, NoReachError, PlanEndedError
from qaplatform.services.sampling_pages import inspectors, plan_choices
from qaplatform.web.access import permitted
from qaplatform.web.current import current_settings, current_store, current_viewer
from qaplatform.web.forms import saved
from qaplatform.web.i18n import _
from qaplatform.web.sampling import plan_form
from qaplatform.web.sampling.plan_form import PlanForm
from qaplatform.web.sampling.showing import samples
from qaplatform.web.sentences import sentence_of
from qaplatform.web.submitting import done, missing_is_404, submitted, tell

_PLACES = {
    "samples.name_form": "name",
    "samples.count": "count",
    "samples.percent": "percent",
    "samples.shares": "share_random",
}
_STATES = ("active", "paused", "ended")


@samples.get("/new")
@permitted("samples.plan")
def new() -> str:
    """The form of a new plan; a filter of the conversation list may come with the address."""
    zone = current_settings().timezone
    draft = service.PlanDraft(
        "", service.Method("random"), query=_query_of_list() or "days=7", timezone=zone, seed=secrets.randbelow(10**6)
    )
    return _page(PlanForm(formdata=None, data=plan_form.values_of(draft)), draft=draft)


@samples.post("/new")
@permitted("samples.plan")
def create() -> ResponseReturnValue:
    """Make a plan, and draw at once where that is asked for."""
    form = _form()
    by, now = current_viewer(), clock.now()

    def act(session: Any) -> tuple[int, int | None]:
        plan_id = service.create_plan(session, form.draft(), by=by, now=now)
        return plan_id, service.draw_now(session, plan_id, by=by, now=now) if "draw" in request.form else None

    made = submitted(form, act, _PLACES)
    if made is None:
        return _page(form), 400
    plan_id, sample_id = made.value
    flash(_("计划已保存，会话已抽取。") if sample_id else _("计划已保存。"), "success")
    return redirect(url_for(".sample", id=sample_id) if sample_id else url_for(".plan", id=plan_id), 303)


@samples.post("/preview")
@permitted("samples.plan")
def preview() -> ResponseReturnValue:
    """What a plan would draw now: the form again with it below, or only that for htmx. Nothing is written."""
    plan_id = request.form.get("plan_id", type=int)
    form = _form()
    outlook: Outlook | None = None
    if form.validate_on_submit():
        try:
            with missing_is_404(), current_store().reading() as session:
                outlook = service.preview(session, form.draft(), by=current_viewer(), now=clock.now(), plan_id=plan_id)
        except QAPlatformError as error:
            tell(form, error, _PLACES)
    if "HX-Request" in request.headers:
        return _preview(form, outlook)
    return _page(form, plan_id=plan_id, outlook=outlook), 200 if outlook else 400


@samples.get("/plans/<int:id>/edit")
@permitted("samples.plan")
def edit(id: int) -> str:
    """The form of a plan that is there."""
    with missing_is_404(), current_store().reading() as session:
        draft = draft_of(service.visible_plan(session, current_viewer(), id, "samples.plan"))
    return _page(PlanForm(formdata=None, data=plan_form.values_of(draft)), plan_id=id, draft=draft)


@samples.post("/plans/<int:id>/edit")
@permitted("samples.plan")
def change(id: int) -> ResponseReturnValue:
    """Change a plan."""
    with missing_is_404(), current_store().reading() as session:
        service.visible_plan(session, current_viewer(), id, "samples.plan")
    form = _form()
    by, now = current_viewer(), clock.now()
    if submitted(form, lambda session: service.change_plan(session, id, form.draft(), by=by, now=now), _PLACES):
        flash(saved(), "success")
        return redirect(url_for(".plan", id=id), 303)
    return _page(form, plan_id=id), 400


@samples.post("/plans/<int:id>/draw")
@permitted("samples.plan")
def draw(id: int) -> ResponseReturnValue:
    """Draw now."""
    by, now = current_viewer(), clock.now()
    try:
        made = done(lambda session: service.draw_now(session, id, by=by, now=now))
    except (DrawnAlreadyError, NoReachError, PlanEndedError) as error:
        flash(sentence_of(error), "error")
        return redirect(url_for(".plan", id=id), 303)
    flash(_("会话已抽取。"), "success")
    return redirect(url_for(".sample", id=made.value), 303)


@samples.post("/plans/<int:id>/state")
@permitted("samples.plan")
def set_state(id: int) -> ResponseReturnValue:
    """Pause a plan, let it go on, or end it."""
    by, now = current_viewer(), clock.now()
    with missing_is_404(), current_store().reading() as session:
        service.visible_plan(session, by, id, "samples.plan")
    state = request.form.get("state", "")
    if state not in _STATES:
        return redirect(url_for(".plan", id=id), 303)
    try:
        done(lambda session: service.set_state(session, id, state, by=by, now=now))
    except PlanEndedError as error:
        flash(sentence_of(error), "error")
    else:
        flash(saved(), "success")
    return redirect(url_for(".plan", id=id), 303)


@samples.get("/plans/<int:id>/end")
@permitted("samples.plan")
def ask_end(id: int) -> str:
    """Whether one is sure."""
    with missing_is_404(), current_store().reading() as session:
        name = service.visible_plan(session, current_viewer(), id, "samples.plan").name
    return render_template(
        "parts/confirm.html",
        title=_("结束计划"),
        question=_("要结束计划“%(name)s”吗？", name=name),
        details=[_("不再抽取新的会话，也不能重新开始。"), _("已抽取的会话照常复核。")],
        action=url_for(".end", id=id),
        label=_("结束计划"),
        back=url_for(".plan", id=id),
    )


@samples.post("/plans/<int:id>/end")
@permitted("samples.plan")
def end(id: int) -> ResponseReturnValue:
    """End a plan for good."""
    by, now = current_viewer(), clock.now()
    try:
        done(lambda session: service.set_state(session, id, "ended", by=by, now=now))
    except PlanEndedError as error:
        flash(sentence_of(error), "error")
    else:
        flash(_("计划已结束。"), "success")
    return redirect(url_for(".plan", id=id), 303)


def _form() -> PlanForm:
    form = PlanForm()
    with current_store().reading() as session:
        form.prepare(plan_choices(session, current_viewer()))
    return form


def _query_of_list() -> str:
    return request.query_string.decode("utf-8", "replace")[:2000]


def _preview(form: PlanForm, outlook: Outlook | None) -> str:
    with current_store().reading() as session:
        known = plan_choices(session, current_viewer())
        names = {one.user_id: one.name for one in inspectors(session)}
    return render_template("sampling/_preview.html", outlook=outlook, form=form, known=_names(known), names=names)


def _names(known: Any) -> dict[str, dict[int, str]]:
    return {name: {one.id: one.name for one in some} for name, some in (("shop", known.shops), ("agent", known.agents))}


def _page(
    form: PlanForm,
    *,
    plan_id: int | None = None,
    draft: service.PlanDraft | None = None,
    outlook: Outlook | None = None,
) -> str:
    with current_store().reading() as session:
        known = plan_choices(session, current_viewer())
        people = inspectors(session)
    form.prepare(known)
    places = plan_form.places_of(draft.query) if draft is not None else plan_form.given_places()
    chosen = draft.inspectors if draft is not None else plan_form.given_inspectors()
    return render_template(
        "sampling/edit.html",
        form=form,
        plan_id=plan_id,
        shops=plan_form.offered(known.shops, places["shop"]),
        teams=plan_form.offered(known.teams, places["team"]),
        boxes=plan_form.boxes(people, chosen),
        outlook=outlook,
        is_previewed=request.endpoint == "samples.preview",
        known=_names(known),
        names={one.user_id: one.name for one in people},
    )
