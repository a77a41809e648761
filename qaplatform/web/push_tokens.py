"""Tokens that a shop pushes conversations with: made, shown once, revoked."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField, SubmitField

from qaplatform import clock
from qaplatform.services import push_tokens as service
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.forms import Form, at_most, required, stripped
from qaplatform.web.i18n import _, lazy
from qaplatform.web.shops import shop_or_404
from qaplatform.web.submitting import done, missing_is_404, submitted

push_tokens = Blueprint("push_tokens", __name__, url_prefix="/admin/shops/<int:shop_id>/tokens")
_PLACES = {"push_tokens.name_form": "name", "push_tokens.name_taken": "name"}


class TokenForm(Form):
    """A token that is not there yet."""

    name = StringField(lazy("名称"), [required(), at_most(100)], [stripped], render_kw={"autocomplete": "off"})
    submit = SubmitField(lazy("创建令牌"))


@push_tokens.get("")
@permitted("tokens.manage")
def index(shop_id: int) -> str:
    """A shop's tokens."""
    return _page(shop_id, TokenForm(formdata=None))


@push_tokens.post("")
@permitted("tokens.manage")
def create(shop_id: int) -> ResponseReturnValue:
    """Make a token; the answer itself shows it.

    A redirect would have to keep the token somewhere for the page after it. Sent again, the form says that the name is
    taken.
    """
    form = TokenForm()
    by, now = current_viewer(), clock.now()
    made = submitted(
        form, lambda session: service.create_token(session, shop_id, form.name.data or "", by=by, now=now), _PLACES
    )
    if made is None:
        return _page(shop_id, form), 400
    return render_template("push_tokens/made.html", line=shop_or_404(shop_id, "tokens.manage"), made=made.value), 201


@push_tokens.get("/<int:id>/revoke")
@permitted("tokens.manage")
def ask_revoke(shop_id: int, id: int) -> str:
    """Whether one is sure."""
    with missing_is_404(), current_store().reading() as session:
        token = service.token_line(session, current_viewer(), shop_id, id)
    return render_template(
        "parts/confirm.html",
        title=_("撤销令牌"),
        question=_("要撤销令牌“%(name)s”（以 %(hint)s 结尾）吗？", name=token.name, hint=token.hint),
        details=[_("使用它的系统立即无法推送会话。"), _("撤销后不能恢复，需要时请创建新的令牌。")],
        action=url_for(".revoke", shop_id=shop_id, id=id),
        label=_("撤销"),
        back=url_for(".index", shop_id=shop_id),
    )


@push_tokens.post("/<int:id>/revoke")
@permitted("tokens.manage")
def revoke(shop_id: int, id: int) -> ResponseReturnValue:
    """Take a token out of use."""
    by, now = current_viewer(), clock.now()
    done(lambda session: service.revoke_token(session, shop_id, id, by=by, now=now))
    flash(_("令牌已撤销。"), "success")
    return redirect(url_for(".index", shop_id=shop_id), 303)


def _page(shop_id: int, form: TokenForm) -> str:
    line = shop_or_404(shop_id, "tokens.manage")
    with current_store().reading() as session:
        tokens = service.tokens_of(session, current_viewer(), shop_id)
    return render_template("push_tokens/index.html", line=line, tokens=tokens, form=form)
