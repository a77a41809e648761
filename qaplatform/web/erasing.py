"""``/admin/customers``: customers who ask for the erasure of their words are found and, after what that means was read, erased."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField, SubmitField

from qaplatform import clock
from qaplatform.services.erasing import (
    ERASE_CUSTOMER,
    CustomerNotFoundError,
    ErasureView,
    NotConfirmedError,
    ask_erasure,
    erasure,
    find_customers,
)
from qaplatform.web.access import permitted
from qaplatform.web.conversations import ID
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.forms import Form, at_most, required, stripped
from qaplatform.web.i18n import _, lazy
from qaplatform.web.numbers import number_in
from qaplatform.web.submitting import submitted

erasing = Blueprint("erasing", __name__, url_prefix="/admin/customers")
_LONGEST_SAID = 300


class EraseForm(Form):
    """Somebody who means it types whom they mean."""

    typed = StringField(
        lazy("输入这位客户的代号，确认删除"),
        [required(), at_most(100)],
        filters=[stripped],
        render_kw={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"},
    )
    submit = SubmitField(lazy("永久删除"))


@erasing.get("")
@permitted(ERASE_CUSTOMER)
def index() -> str:
    """Find who asks for it: they name themselves or an order, not our pseudonym."""
    said = request.args.get("said", "").replace("\0", "").strip()[:_LONGEST_SAID]
    with current_store().reading() as session:
        found = find_customers(session, current_viewer(), said)
    return render_template("erasing/index.html", said=said, found=found)


@erasing.get(f"/<{ID}:customer_id>/erase")
@permitted(ERASE_CUSTOMER)
def show(customer_id: int) -> str:
    """What goes, what stays, and how it stands."""
    return _page(_erasure(customer_id), EraseForm(formdata=None))


@erasing.post(f"/<{ID}:customer_id>/erase")
@permitted(ERASE_CUSTOMER)
def erase(customer_id: int) -> ResponseReturnValue:
    """Announce the job that erases them."""
    form, viewer, now = EraseForm(), current_viewer(), clock.now()
    _erasure(customer_id)
    asked = submitted(
        form,
        lambda session: ask_erasure(session, viewer, customer_id, now=now, typed=form.typed.data),
        {NotConfirmedError.code: "typed"},
    )
    if asked is None:
        return _page(_erasure(customer_id), form), 400
    flash(_("已开始删除。这项任务不能撤销，完成后会显示在这里。"), "success")
    if viewer.may("jobs.see"):
        return redirect(url_for("jobs.show", job_id=asked.value), 303)
    return redirect(url_for(".show", customer_id=customer_id, conversation=_conversation()), 303)


def _erasure(customer_id: int) -> ErasureView:
    try:
        with current_store().reading() as session:
            return erasure(session, current_viewer(), customer_id)
    except CustomerNotFoundError:
        abort(404)


def _page(one: ErasureView, form: EraseForm) -> str:
    viewer, conversation = current_viewer(), _conversation()
    back = url_for(".index")
    if viewer.may("conversations.see"):
        back = url_for("conversations.index", customer=one.customer_id)
        if conversation is not None:
            back = url_for("conversations.show", id=conversation)
    return render_template(
        "erasing/show.html",
        one=one,
        form=form,
        back=back,
        conversation=conversation,
        may_see_jobs=viewer.may("jobs.see"),
        is_one_file=current_store().is_sqlite,
    )


def _conversation() -> int | None:
    """The conversation one came from."""
    id = number_in(request.args, "conversation")
    return id if id is not None and id > 0 else None
