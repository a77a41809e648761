"""Teams of agents."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField, SubmitField

from qaplatform import clock
from qaplatform.services import agents
from qaplatform.services import teams as service
from qaplatform.store.agents import AgentFilter
from qaplatform.store.teams import TeamInUseError, TeamLine
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.forms import Form, at_most, required, saved, stripped
from qaplatform.web.i18n import _, lazy
from qaplatform.web.paging import page_number, page_of
from qaplatform.web.sentences import sentence_of
from qaplatform.web.submitting import done, missing_is_404, submitted
from qaplatform.web.today import today

teams = Blueprint("teams", __name__, url_prefix="/admin/teams")
PAGE_SIZE = 50
_MEMBERS = 200
_PLACES = {"teams.name_form": "name", "teams.name_taken": "name"}


class TeamForm(Form):
    """A team's name."""

    name = StringField(lazy("团队名称"), [required(), at_most(200)], [stripped])
    submit = SubmitField(lazy("保存"))


@teams.get("")
@permitted("people.manage")
def index() -> str:
    """The list, with a form for a new one."""
    return _list(TeamForm(formdata=None))


@teams.post("")
@permitted("people.manage")
def create() -> ResponseReturnValue:
    """Make a team."""
    form = TeamForm()
    by, now = current_viewer(), clock.now()
    if submitted(form, lambda session: service.create_team(session, form.name.data or "", by=by, now=now), _PLACES):
        flash(_("团队已创建。"), "success")
        return redirect(url_for(".index"), 303)
    return _list(form), 400


@teams.get("/<int:id>")
@permitted("people.manage")
def show(id: int) -> str:
    """One team with its members."""
    line = _line(id)
    return _page(line, TeamForm(name=line.name))


@teams.post("/<int:id>")
@permitted("people.manage")
def rename(id: int) -> ResponseReturnValue:
    """Give a team another name."""
    line, form = _line(id), TeamForm()
    by, now = current_viewer(), clock.now()
    if submitted(form, lambda session: service.rename_team(session, id, form.name.data or "", by=by, now=now), _PLACES):
        flash(saved(), "success")
        return redirect(url_for(".show", id=id), 303)
    return _page(line, form), 400


@teams.get("/<int:id>/remove")
@permitted("people.manage")
def ask_remove(id: int) -> str:
    """Whether one is sure."""
    line = _line(id)
    return render_template(
        "parts/confirm.html",
        title=_("删除团队"),
        question=_("要删除团队“%(name)s”吗？", name=line.name),
        details=[_("只有没有任何客服、角色和会话的团队才能删除。"), _("删除后无法恢复。")],
        action=url_for(".remove", id=id),
        label=_("删除"),
        back=url_for(".show", id=id),
    )


@teams.post("/<int:id>/remove")
@permitted("people.manage")
def remove(id: int) -> ResponseReturnValue:
    """Remove a team that nothing belongs to."""
    by, now = current_viewer(), clock.now()
    try:
        done(lambda session: service.remove_team(session, id, by=by, now=now))
    except TeamInUseError as error:
        flash(sentence_of(error), "error")
        return redirect(url_for(".show", id=id), 303)
    flash(_("团队已删除。"), "success")
    return redirect(url_for(".index"), 303)


def _line(id: int) -> TeamLine:
    with missing_is_404(), current_store().reading() as session:
        return service.team_line(session, current_viewer(), id, today=today())


def _list(form: TeamForm) -> str:
    with current_store().reading() as session:
        lines, total = service.teams_page(
            session, current_viewer(), today=today(), page=page_number(), page_size=PAGE_SIZE
        )
    return render_template("teams/index.html", page=page_of(lines, PAGE_SIZE, total), form=form)


def _page(line: TeamLine, form: TeamForm) -> str:
    wanted = AgentFilter(team=line.id, here_on=today())
    with current_store().reading() as session:
        members, _total = agents.agents_page(session, current_viewer(), wanted, page_size=_MEMBERS)
    return render_template("teams/show.html", line=line, form=form, members=members)
