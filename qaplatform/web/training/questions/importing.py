"""Taking questions in from a file: first what would happen, then all of it."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.services.training import question_imports as service
from qaplatform.services.training.question_bank import EDIT, PUBLISH
from qaplatform.services.training.question_imports import (
    ImportPlan,
    NothingToImportError,
    QuestionFileError,
    TooManyQuestionsError,
)
from qaplatform.web.access import permitted, refuse
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.i18n import _, plural
from qaplatform.web.security import takes_files
from qaplatform.web.sentences import sentence_of
from qaplatform.web.training.papers import words
from qaplatform.web.training.questions import questions


@questions.get("/import")
@permitted(EDIT)
def choose() -> str:
    """Which file."""
    return _page(None)


@questions.post("/import")
@takes_files
@permitted(EDIT)
def preview() -> ResponseReturnValue:
    """What the file would do; nothing is kept."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        flash(_("请先选择一个文件。"), "error")
        return _page(None), 400
    data, name = sent.stream.read(service.MOST_BYTES + 1), sent.filename
    try:
        with current_store().reading() as session:
            plan = service.plan_import(session, current_viewer(), name, data, now=clock.now())
    except (QuestionFileError, TooManyQuestionsError) as error:
        flash(sentence_of(error), "error")
        return _page(None), 400
    return _page(plan), 200


@questions.post("/import/take")
@permitted(EDIT)
def take() -> ResponseReturnValue:
    """Take in what was shown, as drafts, or published (``act``)."""
    publish, viewer = request.form.get("act") == "publish", current_viewer()
    if publish and not viewer.may(PUBLISH):
        refuse(PUBLISH)
    try:
        found = service.unpacked(request.form.get("parcel", ""))
        with current_store().writing() as session:
            count = service.import_questions(session, viewer, found, publish=publish, now=clock.now())
    except (QuestionFileError, TooManyQuestionsError, NothingToImportError) as error:
        flash(sentence_of(error), "error")
        return redirect(url_for(".choose"), 303)
    said = plural("已发布 %(num)s 道题。", count) if publish else plural("已存 %(num)s 道题为草稿。", count)
    flash(said, "success")
    return redirect(url_for(".index", origin=None if publish else "draft"), 303)


def _page(plan: ImportPlan | None) -> str:
    may_publish = current_viewer().may(PUBLISH)
    return render_template("training/questions/import.html", plan=plan, may_publish=may_publish, words_of=words)
