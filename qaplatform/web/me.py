"""One's own account: name, roles, language, password."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import PasswordField, SubmitField

from qaplatform.web import identity
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.forms import Form, at_most, required, same_as, set_error
from qaplatform.web.i18n import _, lazy
from qaplatform.web.security import session_token
from qaplatform.web.sentences import sentence

me = Blueprint("me", __name__, url_prefix="/me")
_NEW = {"autocomplete": "new-password"}


class PasswordForm(Form):
    """The old password, and the new one twice."""

    old = PasswordField(lazy("当前密码"), [required(), at_most(1000)], render_kw={"autocomplete": "current-password"})
    new = PasswordField(lazy("新密码"), [required(), at_most(1000)], render_kw=_NEW)
    again = PasswordField(
        lazy("再输一次新密码"), [required(), same_as("new", lazy("两次输入的新密码不一致。"))], render_kw=_NEW
    )
    submit = SubmitField(lazy("修改密码"))


@me.get("")
@permitted("self.manage")
def show() -> str:
    """The page."""
    return _page(PasswordForm())


@me.post("")
@permitted("self.manage")
def change_password() -> ResponseReturnValue:
    """Set a new password; all other sessions of this person end."""
    form = PasswordForm()
    if not form.validate_on_submit():
        return _page(form), 400
    code = identity.change_password(
        current_store(), current_viewer(), session_token() or "", form.old.data or "", form.new.data or ""
    )
    if code is not None:
        set_error(form.old if code == "wrong" else form.new, sentence(f"password.{code}"))
        return _page(form), 400
    flash(_("密码已修改，其他设备上的登录已退出。"), "success")
    return redirect(url_for("me.show"), 303)


def _page(form: PasswordForm) -> str:
    return render_template("me/show.html", form=form, least_chars=identity.LEAST_PASSWORD_CHARS)
