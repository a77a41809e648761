"""Replaying a draft on past conversations: asking for it, how far it is, and what came of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import DateField, SelectField, SubmitField

from qaplatform import clock
from qaplatform.audit.rubric import Criterion, Rubric
from qaplatform.services import jobs as job_service
from qaplatform.services import replaying as service
from qaplatform.services.jobs import JobNotFoundError, JobView
from qaplatform.services.replay_figures import flip_is_better
from qaplatform.services.replaying import Period
from qaplatform.services.rubric_drafts import EDIT, DraftSeen
from qaplatform.services.rubric_faults import DraftClosedError
from qaplatform.services.rubric_releases import SEE
from qaplatform.services.shops import shop_choices
from qaplatform.store.jobs import ENDED
from qaplatform.store.rubric_replays import names_of
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.formatting import zone
from qaplatform.web.forms import Form, choices, required
from qaplatform.web.i18n import _, language, lazy
from qaplatform.web.rubrics import rubrics
from qaplatform.web.rubrics.drafts import draft_page, seen_or_404, told
from qaplatform.web.submitting import Session, missing_is_404, submitted

_SHOWN_PEOPLE = 40


class ReplayForm(Form):
    """Which conversations."""

    since = DateField(lazy("从"), [required()])
    until = DateField(lazy("到"), [required()])
    shop = SelectField(lazy("店铺"))
    submit = SubmitField(lazy("开始回放"))

    def period(self) -> Period:
        """What was written; the last day counts."""
        first: date = self.since.data
        last: date = self.until.data
        begin, end = (datetime.combine(day, time(), zone()) for day in (first, last + timedelta(days=1)))
        return Period(begin.astimezone(UTC), end.astimezone(UTC), int(self.shop.data) if self.shop.data else None)


@rubrics.get("/drafts/<int:draft_id>/replays")
@permitted(SEE)
def replays(draft_id: int) -> str:
    """The replays of a draft, and the form for another."""
    return _page(seen_or_404(draft_id), None)


@rubrics.post("/drafts/<int:draft_id>/replays")
@permitted(EDIT)
def ask_replay(draft_id: int) -> ResponseReturnValue:
    """Have a draft replayed."""
    form, viewer, now = _form(), current_viewer(), clock.now()
    try:
        made = submitted(
            form,
            lambda session: service.ask_replay(session, viewer, draft_id, form.period(), now=now),
            {"rubric_replays.empty": "since"},
            but=DraftClosedError,
        )
    except DraftClosedError as error:
        return told(error, url_for(".draft", draft_id=draft_id))
    if made is None:
        return _page(seen_or_404(draft_id), form), 400
    flash(_("回放已开始，可以离开这个页面。"), "success")
    return redirect(url_for(".show_replay", replay_id=made.value), 303)


@rubrics.get("/replays/<int:replay_id>")
@permitted(SEE)
def show_replay(replay_id: int) -> str:
    """A replay: how far it is, or what came of it."""
    viewer, now = current_viewer(), clock.now()
    with missing_is_404(), current_store().reading() as session:
        replay = service.replay_seen(session, viewer, replay_id)
        job = _job(session, replay.job_id, now)
        result = replay.result or {}
        people = [result.get(name, [])[:_SHOWN_PEOPLE] for name in ("agents", "teams")]
        names = names_of(session, *[[one["id"] for one in some] for some in people]) if result else ({}, {})
    seen = seen_or_404(replay.draft_id)
    titles = {one.id: one.title.in_language(language()) for one in _criteria(seen.newest.rubric, seen.rubric)}
    return draft_page(
        "replay",
        seen,
        replay=replay,
        result=replay.result,
        job=job,
        is_live=job is not None and job.state not in ENDED and replay.result is None,
        agents=people[0],
        teams=people[1],
        agent_names=names[0],
        team_names=names[1],
        titles=titles,
        is_better=flip_is_better,
        is_of_now=seen.rubric is not None and seen.rubric.content_hash == replay.content_hash,
        may_see_chats=viewer.may("conversations.see"),
    )


def _criteria(*some: Rubric | None) -> list[Criterion]:
    return [one for rubric in some if rubric is not None for one in rubric.criteria]


def _job(session: Session, job_id: int | None, now: datetime) -> JobView | None:
    try:
        return None if job_id is None else job_service.one(session, job_id, now=now)
    except JobNotFoundError:
        return None


def _form() -> ReplayForm:
    form = ReplayForm()
    with current_store().reading() as session:
        shops = shop_choices(session, current_viewer(), "conversations.see")
    form.shop.choices = choices(("", _("全部店铺")), *((str(one.id), one.name) for one in shops))
    return form


def _page(seen: DraftSeen, form: ReplayForm | None) -> str:
    viewer = current_viewer()
    with current_store().reading() as session:
        lines = service.replays_of(session, viewer, seen.draft.id)
        usual = service.usual_period(session)
    if form is None:
        form = _form()
        if usual is not None and request.method == "GET":
            form.since.data = usual.since.astimezone(zone()).date()
            form.until.data = usual.until.astimezone(zone()).date()
    return draft_page("replays", seen, form=form, lines=lines, has_conversations=usual is not None)
