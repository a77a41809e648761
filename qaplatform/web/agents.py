"""Agents: who writes to customers, in which team, on which line and level, since when."""

from __future__ import annotations

from typing import Literal

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import DateField, SelectField, StringField, SubmitField
from wtforms.validators import Optional

from qaplatform import clock
from qaplatform.services import accounts, teams
from qaplatform.services import agents as service
from qaplatform.services.agents import LEVELS, LINES, AgentFields
from qaplatform.store.accounts import AccountFilter
from qaplatform.store.agents import NO_TEAM, AgentFilter, AgentLine
from qaplatform.store.teams import TeamChoice
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.forms import Form, at_most, choices, required, saved, stripped
from qaplatform.web.i18n import LazyText, _, lazy
from qaplatform.web.paging import page_number, page_of
from qaplatform.web.submitting import missing_is_404, submitted
from qaplatform.web.today import today

agents = Blueprint("agents", __name__, url_prefix="/admin/agents")
PAGE_SIZE = 50
_ACCOUNTS = 100
LINE_NAMES: dict[str, LazyText] = dict(zip(LINES, (lazy("一线"), lazy("二线"), lazy("三线")), strict=True))
LEVEL_NAMES: dict[str, LazyText] = dict(zip(LEVELS, (lazy("初级"), lazy("中级"), lazy("高级")), strict=True))
_PLACES = {
    "agents.code_form": "code",
    "agents.code_taken": "code",
    "agents.name_form": "name",
    "agents.grade": "level",
    "agents.days": "left_on",
    "users.place_unknown": "team",
}


class AgentForm(Form):
    """All that can be said of an agent."""

    name = StringField(lazy("姓名"), [required(), at_most(200)], [stripped])
    code = StringField(lazy("客服编号"), [required(), at_most(100)], [stripped])
    team = SelectField(lazy("团队"))
    line = SelectField(lazy("线别"))
    level = SelectField(lazy("级别"))
    hired_on = DateField(lazy("入职日期"), [Optional()])
    left_on = DateField(lazy("离职日期"), [Optional()])
    submit = SubmitField(lazy("保存"))

    def fields(self) -> AgentFields:
        """What was written, for the service."""
        return AgentFields(
            code=self.code.data or "",
            name=self.name.data or "",
            team_id=int(self.team.data) if self.team.data else None,
            line=self.line.data,
            level=self.level.data,
            hired_on=self.hired_on.data,
            left_on=self.left_on.data,
        )


@agents.app_template_global("grade_name")
def grade_name(kind: Literal["line", "level"], code: str | None) -> str:
    """A line or level in words; what a context file called otherwise stands as it is."""
    names = LINE_NAMES if kind == "line" else LEVEL_NAMES
    return "—" if not code else str(names.get(code, code))


@agents.get("")
@permitted("people.manage")
def index() -> str:
    """The list."""
    state = request.args.get("state", "here")
    wanted = AgentFilter(
        text=request.args.get("q", "").strip() or None,
        team=_team_asked(),
        here_on=today() if state == "here" else None,
        gone_on=today() if state == "gone" else None,
    )
    viewer = current_viewer()
    with current_store().reading() as session:
        lines, total = service.agents_page(session, viewer, wanted, page=page_number(), page_size=PAGE_SIZE)
        all_teams = teams.team_choices(session, viewer, "people.manage")
    return render_template(
        "agents/index.html",
        page=page_of(lines, PAGE_SIZE, total),
        teams=all_teams,
        state=state,
        is_filtered=any(request.args.get(name) for name in ("q", "team", "state")),
    )


@agents.get("/new")
@permitted("people.manage")
def new() -> str:
    """A form for somebody new."""
    team = request.args.get("team", "")
    return _page(None, _ready(AgentForm(team=team), None))


@agents.post("/new")
@permitted("people.manage")
def create() -> ResponseReturnValue:
    """Make an agent."""
    form = _ready(AgentForm(), None)
    by, now = current_viewer(), clock.now()
    made = submitted(form, lambda session: service.create_agent(session, form.fields(), by=by, now=now), _PLACES)
    if made is None:
        return _page(None, form), 400
    flash(_("客服已登记。"), "success")
    return redirect(url_for(".show", id=made.value), 303)


@agents.get("/<int:id>")
@permitted("people.manage")
def show(id: int) -> str:
    """One agent."""
    line = _line(id)
    form = AgentForm(
        name=line.name,
        code=line.code,
        team=str(line.team_id or ""),
        line=line.line or "",
        level=line.level or "",
        hired_on=line.hired_on,
        left_on=line.left_on,
    )
    return _page(line, _ready(form, line))


@agents.post("/<int:id>")
@permitted("people.manage")
def change(id: int) -> ResponseReturnValue:
    """Change an agent."""
    line = _line(id)
    form = _ready(AgentForm(), line)
    by, now = current_viewer(), clock.now()
    changed = submitted(form, lambda session: service.change_agent(session, id, form.fields(), by=by, now=now), _PLACES)
    if changed is None:
        return _page(line, form), 400
    flash(saved(), "success")
    return redirect(url_for(".show", id=id), 303)


def _team_asked() -> int | Literal["none"] | None:
    asked = request.args.get("team", "")
    return NO_TEAM if asked == NO_TEAM else int(asked) if asked.isdecimal() and len(asked) < 18 else None


def _teams() -> list[TeamChoice]:
    with current_store().reading() as session:
        return list(teams.team_choices(session, current_viewer(), "people.manage"))


def _ready(form: AgentForm, line: AgentLine | None) -> AgentForm:
    """The form with its choices; what the agent has already is one of them, whatever it is called."""
    form.team.choices = choices(("", _("没有团队")), *((str(one.id), one.name) for one in _teams()))
    for field, names, had in (
        (form.line, LINE_NAMES, line.line if line else None),
        (form.level, LEVEL_NAMES, line.level if line else None),
    ):
        other = [(had, had)] if had and had not in names else []
        field.choices = choices(("", "—"), *names.items(), *other)
    return form


def _line(id: int) -> AgentLine:
    with missing_is_404(), current_store().reading() as session:
        return service.agent_line(session, current_viewer(), id)


def _page(line: AgentLine | None, form: AgentForm) -> str:
    held: list[object] = []
    if line is not None:
        with current_store().reading() as session:
            found, _total = accounts.accounts_page(
                session, current_viewer(), AccountFilter(agent_id=line.id), page_size=_ACCOUNTS
            )
        held = [(one, holder) for one in found for holder in one.holders if holder.agent_id == line.id]
    return render_template("agents/edit.html", line=line, form=form, held=held, today=today())
