"""What people add to conversations: a note beside one, the wish to have one or a whole list audited anew."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response
from wtforms import IntegerField, SubmitField, TextAreaField
from wtforms.validators import Optional

from qaplatform import clock
from qaplatform.services.browsing import NotThereError
from qaplatform.services.conversation_pages import reaudit
from qaplatform.services.notes import MOST_CHARS, WRITE, NoSuchMessageError, write_note
from qaplatform.services.reauditing import REAUDIT, ask_for_list
from qaplatform.web.access import permitted
from qaplatform.web.conversations import ID, conversations
from qaplatform.web.conversations.filters import Given
from qaplatform.web.conversations.listing import list_url
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.formatting import zone
from qaplatform.web.forms import Form, at_most, required, stripped
from qaplatform.web.i18n import _, lazy
from qaplatform.web.reauditing import to_job
from qaplatform.web.sentences import sentence_of


class NoteForm(Form):
    """A note, beside the whole or one of its messages."""

    text = TextAreaField(lazy("备注"), [required(), at_most(MOST_CHARS)], filters=[stripped], render_kw={"rows": 3})
    message = IntegerField(lazy("消息序号"), [Optional()])
    submit = SubmitField(lazy("添加备注"))


@conversations.post(f"/<{ID}:id>/notes")
@permitted(WRITE)
def note(id: int) -> ResponseReturnValue:
    """Write a note."""
    from qaplatform.web.conversations.showing import page_of  # noqa: PLC0415 - it shows this form

    form = NoteForm()
    if not form.validate():
        return page_of(id, form), 400
    number = form.message.data
    try:
        with current_store().writing() as session:
            write_note(session, current_viewer(), id, form.text.data, message_number=number, now=clock.now())
    except NotThereError:
        abort(404)
    except NoSuchMessageError as error:
        flash(sentence_of(error), "error")
    else:
        flash(_("已添加备注。"), "success")
    return redirect(url_for(".show", id=id, list=request.args.get("list"), _anchor="notes"), 303)


@conversations.post(f"/<{ID}:id>/reaudit")
@permitted(REAUDIT)
def audit_anew(id: int) -> Response:
    """Ask for the job that audits it anew."""
    with current_store().writing() as session:
        reaudit(session, current_viewer(), id, now=clock.now())
    flash(_("已提交重新质检，完成后刷新页面可见新结果；原结果会保留。"), "success")
    return redirect(url_for(".show", id=id, list=request.args.get("list")), 303)


@conversations.post("/reaudit")
@permitted(REAUDIT)
def audit_list_anew() -> Response:
    """Ask for the job that audits the conversations of the filters in the address anew."""
    given = Given.read(request.query_string.decode(errors="replace"), zone())
    with current_store().writing() as session:
        asked = ask_for_list(session, current_viewer(), given.wanted, now=clock.now())
    return to_job(asked, list_url(given.arguments()))
