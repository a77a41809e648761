"""Searches that somebody keeps: saved under a name, and dropped."""

from __future__ import annotations

from flask import flash, redirect, request
from werkzeug.wrappers import Response
from wtforms import HiddenField, StringField

from qaplatform import clock
from qaplatform.services.browsing import (
    BadFilterError,
    NotThereError,
    SearchNameError,
    TooManySearchesError,
    drop_search,
    keep_search,
)
from qaplatform.services.conversation_lines import SEE
from qaplatform.web.access import permitted
from qaplatform.web.conversations import ID, conversations
from qaplatform.web.conversations.filters import Given
from qaplatform.web.conversations.listing import list_url
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.formatting import zone
from qaplatform.web.forms import Form, stripped
from qaplatform.web.i18n import _, lazy
from qaplatform.web.sentences import sentence_of


class KeepForm(Form):
    """A name for the search whose query string comes along."""

    name = StringField(lazy("名称"), filters=[stripped])
    query = HiddenField()


@conversations.post("/searches")
@permitted(SEE)
def keep() -> Response:
    """Keep the filters of the list under a name."""
    form = KeepForm()
    query = form.query.data or ""
    try:
        with current_store().writing() as session:
            keep_search(session, current_viewer().user_id, form.name.data or "", query, zone=zone(), now=clock.now())
    except (SearchNameError, TooManySearchesError, BadFilterError) as error:
        flash(sentence_of(error), "error")
    else:
        flash(_("已保存搜索“%(name)s”。", name=form.name.data), "success")
    return redirect(list_url(Given.read(query, zone()).arguments()), 303)


@conversations.post(f"/searches/<{ID}:id>/drop")
@permitted(SEE)
def drop(id: int) -> Response:
    """Drop a kept search; the list stays as it is."""
    try:
        with current_store().writing() as session:
            drop_search(session, current_viewer().user_id, id)
    except NotThereError as error:
        flash(sentence_of(error), "error")
    else:
        flash(_("已删除搜索。"), "success")
    return redirect(list_url(Given.read(request.form.get("query", ""), zone()).arguments()), 303)
