"""The sign-in page and the way out."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import PasswordField, StringField, SubmitField

from qaplatform import clock
from qaplatform.services import signing_in as services
from qaplatform.services.demo_users import DEMO_USERS
from qaplatform.web.access import public
from qaplatform.web.current import current_passwords, current_settings, current_store, signed_in
from qaplatform.web.forms import Form, at_most, required, stripped
from qaplatform.web.i18n import _, lazy
from qaplatform.web.local_paths import local_path
from qaplatform.web.security import forget, remember, session_token
from qaplatform.web.sentences import sentence_of

signing_in = Blueprint("signing_in", __name__)


class SignInForm(Form):
    """Login and password."""

    login = StringField(
        lazy("账号"),
        [required(lazy("请输入账号。")), at_most(100)],
        filters=[stripped],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        lazy("密码"),
        [required(lazy("请输入密码。"))],
        render_kw={"autocomplete": "current-password"},
    )
    submit = SubmitField(lazy("登录"))


@signing_in.get("/login")
@public
def show() -> ResponseReturnValue:
    """The form; whoever is signed in goes on to where they wanted."""
    if signed_in() is not None:
        return redirect(_wanted(), 303)
    return _page(SignInForm())


@signing_in.post("/login")
@public
def enter() -> ResponseReturnValue:
    """Sign in, or say why not."""
    form = SignInForm()
    if not form.validate_on_submit():
        return _page(form), 400
    try:
        begun = services.sign_in(
            current_store(),
            login=form.login.data,
            password=form.password.data,
            address=request.remote_addr or "",
            now=clock.now(),
            old_token=session_token(),
            passwords=current_passwords(),
        )
    except services.TooManyFailuresError as error:
        return _page(form, sentence_of(error)), 429
    except services.SignInError as error:
        return _page(form, sentence_of(error)), 400
    response = redirect(_wanted(), 303)
    remember(response, begun.token)
    return response


@signing_in.post("/logout")
@public
def leave() -> ResponseReturnValue:
    """Sign out."""
    token = session_token()
    if token:
        with current_store().writing() as session:
            services.sign_out(session, token, now=clock.now())
    response = redirect(url_for("signing_in.show"), 303)
    forget(response)
    flash(_("您已退出登录。"), "success")
    return response


def _wanted() -> str:
    return local_path(request.args.get("next"))


def _page(form: SignInForm, refusal: str | None = None) -> str:
    demo = DEMO_USERS if current_settings().demo else ()
    return render_template("signing_in/show.html", form=form, refusal=refusal, demo=demo)
