"""A problem point with its chat, to be written or changed; and "coach this", which makes one of any finding."""

from __future__ import annotations

from datetime import date

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.errors import QAPlatformError
from qaplatform.services.browsing import NotThereError
from qaplatform.services.training import problem_points as service
from qaplatform.services.training.problem_points import CoachedFinding, PointPage, ReadPoint
from qaplatform.services.training.suggestions import COACH
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.i18n import _
from qaplatform.web.local_paths import local_path
from qaplatform.web.numbers import number_in
from qaplatform.web.sentences import sentence_of
from qaplatform.web.training import log_words
from qaplatform.web.training.daily_logs import daily_logs, reach
from qaplatform.web.training.point_forms import PointForm, say

__all__ = ["daily_logs"]

_NEW = "/training/people/<int:agent_id>/logs/<day:day>/points/new"
_POINT = "/training/points/<int:point_id>"


@daily_logs.get(_NEW)
@permitted(COACH)
def new_point(agent_id: int, day: date) -> str:
    """The form for a point about a chat of the day."""
    return _new_html(agent_id, day, number_in(request.args, "conversation"), None)


@daily_logs.post(_NEW)
@permitted(COACH)
def add_point(agent_id: int, day: date) -> ResponseReturnValue:
    """Write it."""
    reach(agent_id)
    form = PointForm()
    chat = form.place.conversation_id
    if not form.validate():
        return _new_html(agent_id, day, chat, form), 400
    try:
        with current_store().writing() as session:
            id = service.write_point(
                session, current_viewer(), agent_id, day, form.content, form.place, now=clock.now()
            )
    except (NotThereError, service.LogDayError):
        abort(404)
    except QAPlatformError as error:
        say(form, error)
        return _new_html(agent_id, day, chat, form), 400
    flash(_("已保存。"), "success")
    return _to_point(agent_id, day, id)


@daily_logs.get(_POINT)
@permitted(COACH)
def edit_point(point_id: int) -> ResponseReturnValue:
    """The form with a point; one that changes no more is shown in its day."""
    page = _page(point_id)
    point = page.point
    if point is None or not page.may_change:
        flash(_("这条问题点不能再修改：新人已回复、已撤回，或由别人记录。"), "info")
        return _to_point(page.learner.agent_id or 0, page.day, point_id)
    return _html(page, PointForm.of(point, page.next_working_day))


@daily_logs.post(_POINT)
@permitted(COACH)
def change_point(point_id: int) -> ResponseReturnValue:
    """Write it anew."""
    page, form = _page(point_id), PointForm()
    if page.may_change and not form.validate():
        return _html(page, form), 400
    try:
        with current_store().writing() as session:
            service.change_point(session, current_viewer(), point_id, form.content, form.place, now=clock.now())
    except NotThereError:
        abort(404)
    except QAPlatformError as error:
        if page.may_change:
            say(form, error)
            return _html(page, form), 400
        flash(sentence_of(error), "error")
    else:
        flash(_("已保存。"), "success")
    return _to_point(page.learner.agent_id or 0, page.day, point_id)


@daily_logs.post(f"{_POINT}/withdraw")
@permitted(COACH)
def withdraw_point(point_id: int) -> ResponseReturnValue:
    """Take a point back."""
    try:
        with current_store().writing() as session:
            point = service.withdraw_point(session, current_viewer(), point_id, now=clock.now())
    except NotThereError:
        abort(404)
    except QAPlatformError as error:
        flash(sentence_of(error), "error")
        page = _page(point_id)
        return _to_point(page.learner.agent_id or 0, page.day, point_id)
    flash(_("已撤回，原文仍可查看，不再计入统计。"), "success")
    return _to(point)


@daily_logs.post(f"{_POINT}/next")
@permitted(COACH)
def set_next_done(point_id: int) -> ResponseReturnValue:
    """Say that a next step is done, or is not."""
    is_done = request.form.get("is_done") == "1"
    with current_store().writing() as session:
        point = service.set_next_done(session, current_viewer(), point_id, is_done=is_done, now=clock.now())
    back = request.form.get("back")
    return redirect(local_path(back), 303) if back else _to(point)


@daily_logs.post("/training/coach/<int:id>")
@permitted(COACH)
def coach(id: int) -> ResponseReturnValue:
    """Make a problem point of a finding of a conversation, in today's log of the agent, and open it to be completed."""
    try:
        with current_store().writing() as session:
            point_id = service.coach_this(session, current_viewer(), id, _named(), now=clock.now())
    except NotThereError:
        abort(404)
    except QAPlatformError as error:
        flash(sentence_of(error), "error")
        return redirect(url_for("conversations.show", id=id), 303)
    return redirect(url_for(".edit_point", point_id=point_id), 303)


def _named() -> CoachedFinding:
    """The finding that a button names: ``criterion|message|start|end``."""
    criterion, *places = request.form.get("finding", "").split("|")
    numbers = [int(one) if one.isascii() and one.isdigit() else -1 for one in places]
    message, start, end = numbers if len(numbers) == 3 else (-1, -1, -1)
    return CoachedFinding(criterion, message, start, end)


def _page(point_id: int) -> PointPage:
    with current_store().reading() as session:
        return service.point_page(session, current_viewer(), point_id, now=clock.now())


def _new_html(agent_id: int, day: date, conversation_id: int | None, form: PointForm | None) -> str:
    with current_store().reading() as session:
        page = service.new_point_page(session, current_viewer(), agent_id, day, conversation_id, now=clock.now())
    if form is None:
        form = PointForm(formdata=None, conversation=conversation_id, next_due_on=page.next_working_day)
    return _html(page, form)


def _html(page: PointPage, form: PointForm) -> str:
    return render_template("training/daily_logs/point.html", page=page, form=form, log_words=log_words)


def _to(point: ReadPoint) -> ResponseReturnValue:
    return _to_point(point.agent_id, point.day, point.id)


def _to_point(agent_id: int, day: date, point_id: int) -> ResponseReturnValue:
    return redirect(url_for(".show", agent_id=agent_id, day=day, _anchor=f"point-{point_id}"), 303)
