"""``/training/logs`` and the days behind it: the mentors' daily log; ``/learn/logs``: the new hire's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.errors import QAPlatformError
from qaplatform.services.browsing import NotThereError
from qaplatform.services.training import daily_logs as service
from qaplatform.services.training import log_weeks, mentor_days, problem_points, suggestions
from qaplatform.services.training.learners import learner_of_agent
from qaplatform.services.training.settings import training_settings
from qaplatform.services.training.suggestions import COACH
from qaplatform.web.access import permitted
from qaplatform.web.conversations.vocabulary import Vocabulary
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.i18n import _, language
from qaplatform.web.numbers import number_in
from qaplatform.web.paging import page_number, page_of
from qaplatform.web.sentences import sentence_of
from qaplatform.web.training import log_days, log_words
from qaplatform.web.training.point_forms import DayForm, say

LEARN = "training.learn"
_PAGE_SIZE = 30

daily_logs = Blueprint("daily_logs", __name__)
daily_logs.record_once(lambda state: log_days.set_up(state.app))
_DAY = "/training/people/<int:agent_id>/logs/<day:day>"


@daily_logs.get("/training/logs")
@permitted(mentor_days.SEE)
def index() -> ResponseReturnValue:
    """A mentor's day; whoever sees nobody but themselves is led to their own logs."""
    viewer, who = current_viewer(), request.args.get("who")
    scope = viewer.scope(mentor_days.SEE)
    if scope.is_empty or scope.is_one_agents:
        return redirect(url_for(".own"), 303)
    only_mine = {"mine": True, "all": False}.get(who or "")
    offset = (page_number() - 1) * _PAGE_SIZE
    with current_store().reading() as session:
        shown = mentor_days.overview(
            session, viewer, only_mine=only_mine, offset=offset, limit=_PAGE_SIZE, now=clock.now()
        )
    g.zone = shown.timezone
    page = page_of(shown.rows, _PAGE_SIZE, shown.total)
    return render_template("training/daily_logs/index.html", shown=shown, page=page, may_coach=viewer.may(COACH))


@daily_logs.get("/training/people/<int:agent_id>/logs")
@permitted(mentor_days.SEE)
def person(agent_id: int) -> ResponseReturnValue:
    """All logs of one new hire."""
    if agent_id == current_viewer().agent_id:
        return redirect(url_for(".own"), 303)
    offset, now = (page_number() - 1) * _PAGE_SIZE, clock.now()
    with current_store().reading() as session:
        learner, rows, total = service.logs_of_person(
            session, current_viewer(), agent_id, offset=offset, limit=_PAGE_SIZE
        )
        settings = training_settings(session)
    g.zone = settings.timezone
    page = page_of(rows, _PAGE_SIZE, total)
    return render_template("training/daily_logs/person.html", learner=learner, page=page, today=settings.day_of(now))


@daily_logs.get(_DAY)
@permitted(mentor_days.SEE)
def show(agent_id: int, day: date) -> ResponseReturnValue:
    """One day of one new hire."""
    if agent_id == current_viewer().agent_id:
        return redirect(url_for(".own_day", day=day), 303)
    return day_html(agent_id, day)


@daily_logs.post(_DAY)
@permitted(COACH)
def save(agent_id: int, day: date) -> ResponseReturnValue:
    """Write the summary, and one more point if there is any."""
    form = DayForm()
    if not form.validate():
        reach(agent_id)
        return day_html(agent_id, day, form), 400
    now, viewer, has_point = clock.now(), current_viewer(), form.has_point
    place = form.place
    try:
        with current_store().writing() as session:
            if has_point:
                problem_points.write_point(session, viewer, agent_id, day, form.content, place, now=now)
            service.write_summary(session, viewer, agent_id, day, form.summary.data or "", now=now)
    except NotThereError:
        abort(404)
    except problem_points.LogDayError:
        abort(404)
    except QAPlatformError as error:
        say(form, error)
        return day_html(agent_id, day, form), 400
    flash(_("已保存。"), "success")
    return redirect(url_for(".show", agent_id=agent_id, day=day, _anchor="points" if has_point else "write"), 303)


@daily_logs.post(f"{_DAY}/chats")
@permitted(COACH)
def pick(agent_id: int, day: date) -> ResponseReturnValue:
    """Take a chat into the log or out of it."""
    chat = number_in(request.form, "conversation") or 0
    is_in = request.form.get("is_in") == "1"
    viewer = current_viewer()
    done = _do(lambda session: service.pick_chat(session, viewer, agent_id, day, chat, is_in=is_in, now=clock.now()))
    return part_or_page(agent_id, day, "chats", done)


@daily_logs.post(f"{_DAY}/suggestions")
@permitted(COACH)
def decide(agent_id: int, day: date) -> ResponseReturnValue:
    """Make a problem point of a finding, or put it aside."""
    chat, key = number_in(request.form, "conversation") or 0, request.form.get("key", "")
    viewer, now = current_viewer(), clock.now()
    if request.form.get("what") == "dismiss":
        done = _do(lambda session: suggestions.dismiss(session, viewer, agent_id, chat, key, now=now))
    else:
        done = _do(lambda session: problem_points.accept(session, viewer, agent_id, day, chat, key, now=now))
    return part_or_page(agent_id, day, "suggestions", done)


@daily_logs.post("/training/logs/<int:log_id>/answers")
@permitted(COACH)
def answer(log_id: int) -> ResponseReturnValue:
    """Answer the new hire."""
    return _answered(log_id)


@daily_logs.get("/training/people/<int:agent_id>/weeks/<day:monday>")
@permitted(mentor_days.SEE)
def week(agent_id: int, monday: date) -> ResponseReturnValue:
    """A week in figures and words; a day in the middle of it leads to its Monday."""
    if agent_id == current_viewer().agent_id:
        return redirect(url_for(".own"), 303)
    with current_store().reading() as session:
        first = monday - timedelta(days=monday.weekday())
        shown = log_weeks.week_of(session, current_viewer(), agent_id, first, now=clock.now())
    g.zone = shown.timezone
    if first != monday:
        return redirect(url_for(".week", agent_id=agent_id, monday=first), 303)
    return render_template("training/daily_logs/week.html", week=shown, log_words=log_words)


@daily_logs.get("/learn/logs")
@permitted(LEARN)
def own() -> str:
    """One's own logs."""
    with current_store().reading() as session:
        rows, total = service.own_logs(
            session, current_viewer(), offset=(page_number() - 1) * _PAGE_SIZE, limit=_PAGE_SIZE
        )
        g.zone = training_settings(session).timezone
    return render_template("training/daily_logs/own.html", page=page_of(rows, _PAGE_SIZE, total))


@daily_logs.get("/learn/logs/<day:day>")
@permitted(LEARN)
def own_day(day: date) -> str:
    """A day of one's own: that it was opened is noted."""
    shown = _own_html(day)
    with current_store().writing() as session:
        service.note_own_seen(session, current_viewer(), day, now=clock.now())
    return shown


@daily_logs.post("/learn/logs/<day:day>/answers")
@permitted(LEARN)
def own_answer(day: date) -> ResponseReturnValue:
    """Answer the mentor."""
    with current_store().reading() as session:
        shown = service.own_day(session, current_viewer(), day, now=clock.now())
    return _answered(shown.log.id if shown.log else 0, is_own=True)


def _answered(log_id: int, *, is_own: bool = False) -> ResponseReturnValue:
    text, point_id = request.form.get("text", ""), number_in(request.form, "point")
    try:
        with current_store().writing() as session:
            log = service.answer(session, current_viewer(), log_id, text, point_id=point_id, now=clock.now())
    except NotThereError:
        abort(404)
    except QAPlatformError as error:
        flash(sentence_of(error), "error")
        with current_store().reading() as session:
            found = service.log_to_answer(session, current_viewer(), log_id)
        typed = (point_id, text)
        if is_own:
            return _own_html(found.day, typed), 400
        return day_html(found.agent_id, found.day, typed=typed), 400
    flash(_("已回复。"), "success")
    anchor = "answers" if point_id is None else f"point-{point_id}"
    if is_own:
        return redirect(url_for(".own_day", day=log.day, _anchor=anchor), 303)
    return redirect(url_for(".show", agent_id=log.agent_id, day=log.day, _anchor=anchor), 303)


def day_html(
    agent_id: int, day: date, form: DayForm | None = None, *, typed: tuple[int | None, str] | None = None
) -> str:
    """The page of a day, with a form that could not be taken, or an answer."""
    return _day_html(agent_id, day, "training/daily_logs/day.html", form, typed)


def part_or_page(agent_id: int, day: date, anchor: str, complaint: str | None) -> ResponseReturnValue:
    """After something small was done: what changed of the page, or the way back to it."""
    if complaint is not None:
        flash(complaint, "error")
    if "HX-Request" in request.headers:
        return _day_html(agent_id, day, "training/daily_logs/_parts.html", None, None, is_part=True)
    return redirect(url_for(".show", agent_id=agent_id, day=day, _anchor=anchor), 303)


def reach(agent_id: int) -> None:
    """End with 404 where somebody may not coach this agent."""
    with current_store().reading() as session:
        learner_of_agent(session, current_viewer(), agent_id, COACH)


def _do(act: Callable[[Any], object]) -> str | None:
    """Do something in a transaction of its own; what stood in its way in words."""
    try:
        with current_store().writing() as session:
            act(session)
    except (NotThereError, problem_points.LogDayError):
        abort(404)
    except QAPlatformError as error:
        return str(sentence_of(error))
    return None


def _day_html(
    agent_id: int,
    day: date,
    template: str,
    form: DayForm | None,
    typed: tuple[int | None, str] | None,
    *,
    is_part: bool = False,
) -> str:
    with current_store().reading() as session:
        shown = service.day_page(session, current_viewer(), agent_id, day, now=clock.now())
    g.zone = shown.timezone
    if form is None:
        summary = shown.log.summary if shown.log else ""
        form = DayForm(formdata=None, summary=summary, next_due_on=shown.next_working_day)
    return render_template(
        template, shown=shown, form=form, typed=typed, is_part=is_part, vocabulary=Vocabulary(language()),
        log_words=log_words,
    )  # fmt: skip


def _own_html(day: date, typed: tuple[int | None, str] | None = None) -> str:
    with current_store().reading() as session:
        shown = service.own_day(session, current_viewer(), day, now=clock.now())
    g.zone = shown.timezone
    return render_template(
        "training/daily_logs/own_day.html",
        shown=shown,
        typed=typed,
        vocabulary=Vocabulary(language()),
        log_words=log_words,
    )
