"""Users: who can sign in, with which roles, as which agent; their one-time passwords."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField, StringField, SubmitField
from wtforms.fields.choices import SelectChoice

from qaplatform import clock
from qaplatform.services import users as service
from qaplatform.services.access import ROLES, Role
from qaplatform.services.agents import agent_choices
from qaplatform.services.users import NewUser, OneTimePassword
from qaplatform.store.users import UserFilter, UserLine
from qaplatform.web.access import permitted
from qaplatform.web.current import current_passwords, current_store, current_viewer
from qaplatform.web.forms import Form, at_most, choices, required, saved, stripped
from qaplatform.web.grants import (
    GrantsForm,
    Places,
    choices_of_agents,
    grant_text,
    prepare,
    role_text,
    what_roles_may,
)
from qaplatform.web.i18n import LANGUAGES, _, lazy
from qaplatform.web.paging import page_number, page_of
from qaplatform.web.submitting import Session, done, missing_is_404, submitted

users = Blueprint("users", __name__, url_prefix="/admin/users")
PAGE_SIZE = 50
_PLACES = {
    "users.login_form": "login",
    "users.login_taken": "login",
    "users.name_form": "name",
    "users.agent_taken": "agent",
    "users.roles_form": "grants",
    "users.last_admin": "grants",
}


class UserForm(Form):
    """A user's name and agent."""

    name = StringField(lazy("姓名"), [required(), at_most(200)], [stripped])
    agent = SelectField(lazy("对应的客服"))
    submit = SubmitField(lazy("保存"))


class NewUserForm(GrantsForm):
    """A user who is not there yet."""

    login = StringField(lazy("账号"), [required(), at_most(100)], [stripped], render_kw={"autocomplete": "off"})
    name = StringField(lazy("姓名"), [required(), at_most(200)], [stripped], render_kw={"autocomplete": "off"})
    user_language = SelectField(lazy("界面语言"), choices=choices(*LANGUAGES.items()))
    agent = SelectField(lazy("对应的客服"))
    submit = SubmitField(lazy("创建"))


class RolesForm(GrantsForm):
    """A user's roles."""

    submit = SubmitField(lazy("保存角色"), id="submit-roles")


@users.get("")
@permitted("users.manage")
def index() -> str:
    """The list."""
    asked = request.args
    role: Role | None = next((one for one in ROLES if one == asked.get("role")), None)
    wanted = UserFilter(
        text=asked.get("q", "").strip() or None,
        role=role,
        active={"active": True, "inactive": False}.get(asked.get("state", "")),
    )
    viewer = current_viewer()
    with current_store().reading() as session:
        lines, total = service.users_page(session, viewer, wanted, page=page_number(), page_size=PAGE_SIZE)
        places = Places.load(session, viewer)
    page = page_of(lines, PAGE_SIZE, total)
    return render_template(
        "users/index.html",
        page=page,
        is_filtered=wanted != UserFilter(),
        names=places.names,
        grant_text=grant_text,
        roles=[(one, role_text(one)) for one in ROLES],
    )


@users.get("/new")
@permitted("users.manage")
def new() -> str:
    """A form for somebody new."""
    return _new_page(_new_form(sent=False))


@users.post("/new")
@permitted("users.manage")
def create() -> ResponseReturnValue:
    """Make a user; the answer itself shows the password.

    A redirect would have to keep the password somewhere for the page after it. Sent again, the form says that the
    login is taken.
    """
    form = _new_form(sent=True)
    if form.wants_more_rows:
        return _new_page(form)
    made = submitted(
        form,
        lambda session: service.create_user(
            session,
            NewUser(
                login=form.login.data or "",
                name=form.name.data or "",
                grants=form.grants_given(),
                language=form.user_language.data,
                agent_id=int(form.agent.data) if form.agent.data else None,
            ),
            by=current_viewer(),
            now=clock.now(),
            passwords=current_passwords(),
        ),
        _PLACES,
    )
    return (_password_page(made.value, is_new=True), 201) if made else (_new_page(form), 400)


@users.get("/<int:id>")
@permitted("users.manage")
def show(id: int) -> str:
    """One user."""
    return _page(_line(id))


@users.post("/<int:id>")
@permitted("users.manage")
def change(id: int) -> ResponseReturnValue:
    """Name and agent."""
    line = _line(id)
    form = UserForm()
    form.agent.choices = _agents()

    def act(session: Session) -> None:
        by, now = current_viewer(), clock.now()
        agent_id = int(form.agent.data) if form.agent.data else None
        if form.name.data != line.name:
            service.rename(session, id, form.name.data or "", by=by, now=now)
        if agent_id != line.agent_id:
            service.link_agent(session, id, agent_id, by=by, now=now)

    if submitted(form, act, _PLACES) is None:
        return _page(line, form=form), 400
    flash(saved(), "success")
    return redirect(url_for(".show", id=id), 303)


@users.post("/<int:id>/roles")
@permitted("users.manage")
def change_roles(id: int) -> ResponseReturnValue:
    """Roles; they hold from the person's next request."""
    line, form = _line(id), RolesForm()
    prepare(form, _places(), sent=True)
    if form.wants_more_rows:
        return _page(line, roles=form)
    by, now = current_viewer(), clock.now()
    changed = submitted(
        form, lambda session: service.change_roles(session, id, form.grants_given(), by=by, now=now), _PLACES
    )
    if changed is None:
        return _page(line, roles=form), 400
    flash(_("角色已保存，立即生效。"), "success")
    return redirect(url_for(".show", id=id), 303)


@users.get("/<int:id>/deactivate")
@permitted("users.manage")
def ask_deactivate(id: int) -> str:
    """Whether one is sure."""
    line = _line(id)
    return render_template(
        "parts/confirm.html",
        title=_("停用 %(name)s", name=line.name),
        question=_("要停用 %(name)s（%(login)s）吗？", name=line.name, login=line.login),
        details=[_("此人会立即退出登录，且不能再登录。"), _("其记录和裁定都会保留；以后可以重新启用。")],
        action=url_for(".deactivate", id=id),
        label=_("停用"),
        back=url_for(".show", id=id),
    )


@users.post("/<int:id>/deactivate")
@permitted("users.manage")
def deactivate(id: int) -> ResponseReturnValue:
    """Let somebody in no more."""
    form, line = Form(), _line(id)
    by, now = current_viewer(), clock.now()
    if submitted(form, lambda session: service.deactivate(session, id, by=by, now=now)):
        flash(_("%(name)s 已停用。", name=line.name), "success")
    return redirect(url_for(".show", id=id), 303)


@users.post("/<int:id>/reactivate")
@permitted("users.manage")
def reactivate(id: int) -> ResponseReturnValue:
    """Let somebody in again."""
    by, now = current_viewer(), clock.now()
    done(lambda session: service.reactivate(session, id, by=by, now=now))
    flash(_("已重新启用，原来的角色和密码不变。"), "success")
    return redirect(url_for(".show", id=id), 303)


@users.get("/<int:id>/password")
@permitted("users.manage")
def ask_reset_password(id: int) -> str:
    """Whether one is sure."""
    line = _line(id)
    return render_template(
        "parts/confirm.html",
        title=_("重置 %(name)s 的密码", name=line.name),
        question=_("要给 %(name)s（%(login)s）一个新的一次性密码吗？", name=line.name, login=line.login),
        details=[_("原密码立即失效，此人在所有设备上退出登录。"), _("新密码只显示一次，首次登录时必须修改。")],
        action=url_for(".reset_password", id=id),
        label=_("重置密码"),
        back=url_for(".show", id=id),
    )


@users.post("/<int:id>/password")
@permitted("users.manage")
def reset_password(id: int) -> ResponseReturnValue:
    """A new one-time password, which the answer itself shows; sent again, it makes another one."""
    form = Form()
    by, now, passwords = current_viewer(), clock.now(), current_passwords()
    made = submitted(form, lambda session: service.reset_password(session, id, by=by, now=now, passwords=passwords))
    return _password_page(made.value, is_new=False) if made else redirect(url_for(".show", id=id), 303)


def _line(id: int) -> UserLine:
    with missing_is_404(), current_store().reading() as session:
        return service.user_line(session, current_viewer(), id)


def _places() -> Places:
    with current_store().reading() as session:
        return Places.load(session, current_viewer())


def _agents() -> list[SelectChoice]:
    with current_store().reading() as session:
        return choices_of_agents(agent_choices(session, current_viewer(), "users.manage"), _("不是客服"))


def _new_form(*, sent: bool) -> NewUserForm:
    form = NewUserForm()
    prepare(form, _places(), sent=sent)
    form.agent.choices = _agents()
    return form


def _new_page(form: NewUserForm) -> str:
    return render_template("users/new.html", form=form, what_roles_may=what_roles_may())


def _password_page(made: OneTimePassword, *, is_new: bool) -> str:
    return render_template("users/password.html", made=made, is_new=is_new)


def _page(line: UserLine, *, form: UserForm | None = None, roles: RolesForm | None = None) -> str:
    places = _places()
    if form is None:
        form = UserForm(formdata=None, name=line.name, agent=str(line.agent_id or ""))
        form.agent.choices = _agents()
    if roles is None:
        roles = RolesForm(formdata=None)
        prepare(roles, places, line.grants, sent=False)
    return render_template(
        "users/show.html",
        line=line,
        form=form,
        roles=roles,
        is_oneself=line.id == current_viewer().user_id,
        grants=[grant_text(grant, places.names) for grant in line.grants],
        what_roles_may=what_roles_may(),
    )
