"""One's own account: name, roles, language, password."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Field, PasswordField, SubmitField

from qaplatform import clock
from qaplatform.errors import QAPlatformError
from qaplatform.services.passwords import FEWEST_CHARS, WeakPasswordError
from qaplatform.services.signing_in import DemoUserError, TooManyFailuresError, WrongPasswordError
from qaplatform.services.signing_in import change_password as change
from qaplatform.web.access import permitted
from qaplatform.web.current import current_passwords, current_store, current_visit
from qaplatform.web.forms import Form, required, same_as, set_error
from qaplatform.web.i18n import _, lazy
from qaplatform.web.sentences import sentence_of

me = Blueprint("me", __name__, url_prefix="/me")
_NEW = {"autocomplete": "new-password"}


class PasswordForm(Form):
    """The old password, and the new one twice."""

    old = PasswordField(lazy("当前密码"), [required()], render_kw={"autocomplete": "current-password"})
    new = PasswordField(lazy("新密码"), [required()], render_kw=_NEW)
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
    was_forced = current_visit().viewer.must_change_password
    if not form.validate_on_submit():
        return _page(form), 400
    try:
        change(
            current_store(),
            current_visit(),
            old=form.old.data,
            new=form.new.data,
            address=request.remote_addr or "",
            now=clock.now(),
            passwords=current_passwords(),
        )
    except WeakPasswordError as error:
        return _refused(form, form.new, error)
    except (WrongPasswordError, TooManyFailuresError, DemoUserError) as error:
        return _refused(form, form.old, error)
    flash(_("密码已修改，其他设备上的登录已退出。"), "success")
    return redirect(url_for("home.show" if was_forced else "me.show"), 303)


def _refused(form: PasswordForm, field: Field, error: QAPlatformError) -> ResponseReturnValue:
    set_error(field, sentence_of(error))
    return _page(form), 400


def _page(form: PasswordForm) -> str:
    return render_template("me/show.html", form=form, fewest_chars=FEWEST_CHARS)
