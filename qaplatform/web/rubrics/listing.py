"""The rubrics, which version of each holds, their history, and what differs between two versions."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.services import rubric_drafts as service
from qaplatform.services import rubric_releases as releases
from qaplatform.services.rubric_drafts import EDIT
from qaplatform.services.rubric_releases import PUBLISH, SEE
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.i18n import language
from qaplatform.web.rubrics import rubrics
from qaplatform.web.rubrics import words as rubric_words
from qaplatform.web.submitting import done, missing_is_404


@rubrics.get("")
@permitted(SEE)
def index() -> str:
    """The list."""
    viewer = current_viewer()
    with current_store().reading() as session:
        lines = service.rubric_lines(session, viewer, now=clock.now())
    return render_template("rubrics/index.html", lines=lines, may_edit=viewer.may(EDIT), language_code=language())


@rubrics.get("/<code>")
@permitted(SEE)
def show(code: str) -> str:
    """A rubric: what holds, and its history."""
    viewer, now = current_viewer(), clock.now()
    with missing_is_404(), current_store().reading() as session:
        line = service.rubric_line(session, viewer, code, now=now)
        history = releases.history(session, viewer, code)
    return render_template(
        "rubrics/show.html",
        line=line,
        history=history,
        shipped=releases.shipped(code),
        now=now,
        may_edit=viewer.may(EDIT),
        may_publish=viewer.may(PUBLISH),
        language_code=language(),
    )


@rubrics.get("/<code>/compare")
@permitted(SEE)
def compare(code: str) -> str:
    """What differs between two versions, ``old`` and ``new`` in the address; without them, the last two."""
    viewer, now = current_viewer(), clock.now()
    with missing_is_404(), current_store().reading() as session:
        line = service.rubric_line(session, viewer, code, now=now)
        old_hash = request.args.get("old") or line.current.rubric.content_hash
        new_hash = request.args.get("new") or line.current.rubric.content_hash
        old, new = (releases.version(session, viewer, code, one) for one in (old_hash, new_hash))
    return render_template(
        "rubrics/compare.html",
        line=line,
        old=old,
        new=new,
        comparison=rubric_words.comparison(old, new.rubric, new.files),
        words_of=rubric_words,
        language_code=language(),
    )


@rubrics.post("/<code>/drafts")
@permitted(EDIT)
def open_draft(code: str) -> ResponseReturnValue:
    """Begin a draft."""
    viewer, now = current_viewer(), clock.now()
    if len(code) > 100:
        abort(404)
    made = done(lambda session: service.open_draft(session, viewer, code, now=now))
    return redirect(url_for(".edit", draft_id=made.value.id), 303)
