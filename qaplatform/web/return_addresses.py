"""Return addresses of a shop, one a line."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import SubmitField, TextAreaField

from qaplatform import clock
from qaplatform.services import return_addresses as service
from qaplatform.services.return_addresses import AddressFormError
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.forms import Form, at_most, saved, set_error
from qaplatform.web.i18n import _, lazy
from qaplatform.web.shops import shop_or_404
from qaplatform.web.submitting import submitted

return_addresses = Blueprint("return_addresses", __name__, url_prefix="/admin/shops/<int:shop_id>/addresses")
_MOST_CHARS = service.MOST_ADDRESSES * service.MOST_CHARS


class AddressesForm(Form):
    """All addresses of a shop."""

    addresses = TextAreaField(lazy("退货地址"), [at_most(_MOST_CHARS)], render_kw={"rows": 8})
    submit = SubmitField(lazy("保存"))


@return_addresses.get("")
@permitted("shops.manage")
def show(shop_id: int) -> str:
    """The addresses."""
    with current_store().reading() as session:
        addresses = service.addresses_of(session, current_viewer(), shop_id)
    return _page(shop_id, AddressesForm(addresses="\n".join(addresses)))


@return_addresses.post("")
@permitted("shops.manage")
def change(shop_id: int) -> ResponseReturnValue:
    """Give the shop these and no others."""
    form = AddressesForm()
    by, now = current_viewer(), clock.now()
    try:
        changed = submitted(
            form,
            lambda session: service.set_addresses(session, shop_id, form.addresses.data or "", by=by, now=now),
            {"addresses.too_many": "addresses"},
            but=AddressFormError,
        )
    except AddressFormError as error:
        lines = _("、").join(map(str, error.lines[:10]))
        set_error(form.addresses, _("第 %(lines)s 行不像地址：每个地址为 5 到 500 个字符。", lines=lines))
        changed = None
    if changed is None:
        return _page(shop_id, form), 400
    flash(saved(), "success")
    return redirect(url_for(".show", shop_id=shop_id), 303)


def _page(shop_id: int, form: AddressesForm) -> str:
    return render_template("return_addresses/show.html", line=shop_or_404(shop_id), form=form)
