"""``/results``: an agent's own results, to be seen, acknowledged and answered."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.services import results as service
from qaplatform.services import rubric_notices
from qaplatform.services.browsing import NotThereError
from qaplatform.services.notes import EmptyNoteError
from qaplatform.web.access import permitted
from qaplatform.web.conversations import ID
from qaplatform.web.conversations.vocabulary import Vocabulary
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.i18n import _, language
from qaplatform.web.numbers import number_in
from qaplatform.web.rubrics import words
from qaplatform.web.sentences import sentence_of

results = Blueprint("results", __name__, url_prefix="/results")


@results.get("")
@permitted(service.SEE)
def index() -> str:
    """What people decided on one's own chats."""
    viewer = current_viewer()
    with current_store().reading() as session:
        shown = service.results_of(session, viewer, before=number_in(request.args, "before"))
        notices = rubric_notices.notices_of(session, viewer, now=clock.now())
    return render_template(
        "results/index.html",
        results=shown,
        vocabulary=Vocabulary(language()),
        notices=notices,
        words_of=words,
        language_code=language(),
    )


@results.post(f"/rubrics/<{ID}:release_id>/read")
@permitted(service.SEE)
def acknowledge_release(release_id: int) -> ResponseReturnValue:
    """Say that one has read what a published rubric changes."""
    with current_store().writing() as session:
        try:
            rubric_notices.acknowledge_release(session, current_viewer(), release_id, now=clock.now())
        except NotThereError:
            abort(404)
    flash(_("已确认。"), "success")
    return redirect(url_for("home.show" if request.form.get("back") == "home" else ".index"), 303)


@results.post(f"/<{ID}:review_id>/acknowledge")
@permitted(service.SEE)
def acknowledge(review_id: int) -> ResponseReturnValue:
    """Take a result as it is."""
    with current_store().writing() as session:
        try:
            service.acknowledge(session, current_viewer(), review_id, now=clock.now())
        except NotThereError:
            abort(404)
    flash(_("已确认。"), "success")
    return _back()


@results.post(f"/<{ID}:review_id>/reply")
@permitted(service.SEE)
def reply(review_id: int) -> ResponseReturnValue:
    """Answer the inspector."""
    try:
        with current_store().writing() as session:
            service.reply(session, current_viewer(), review_id, request.form.get("text", ""), now=clock.now())
    except NotThereError:
        abort(404)
    except EmptyNoteError as error:
        flash(sentence_of(error), "error")
    else:
        flash(_("已回复。"), "success")
    return _back()


def _back() -> ResponseReturnValue:
    id = number_in(request.form, "conversation")
    address = url_for("results.index") if id is None else url_for("conversations.show", id=id, _anchor="reviews-title")
    return redirect(address, 303)
