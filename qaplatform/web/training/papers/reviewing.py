"""The result of a theory test, and ruling on free answers."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.services.training import paper_grading as grading
from qaplatform.services.training.paper_attempts import LEARN
from qaplatform.services.training.paper_grading import (
    COACH,
    NotYetEndedError,
    ReviewedPaper,
    RulingPointsError,
)
from qaplatform.services.training.rubric_keys import criterion_titles
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.forms import saved
from qaplatform.web.i18n import _
from qaplatform.web.paging import page_number, page_of
from qaplatform.web.sentences import sentence_of
from qaplatform.web.training.papers import papers, showing, words

PAGE_SIZE = 30
_PERCENT = 100


@papers.get("/attempts/<int:attempt_id>/result")
@permitted(LEARN)
def result(attempt_id: int) -> ResponseReturnValue:
    """How an attempt went: one's own, or a learner's."""
    viewer, now = current_viewer(), clock.now()
    try:
        with current_store().reading() as session:
            reviewed = grading.reviewed_paper(session, viewer, attempt_id)
            titles = criterion_titles(session, now=now)
    except NotYetEndedError as error:
        flash(sentence_of(error), "error")
        return redirect(url_for(".index"), 303)
    template = "result" if reviewed.is_own else "coached"
    return render_template(
        f"training/papers/{template}.html", reviewed=reviewed, titles=titles, words_of=words, showing=showing
    )


@papers.get("/waiting")
@permitted(COACH)
def waiting() -> str:
    """Attempts that wait for a person."""
    number = page_number()
    with current_store().reading() as session:
        found, total = grading.waiting(session, current_viewer(), page=number, page_size=PAGE_SIZE)
    return render_template("training/papers/waiting.html", page=page_of(found, PAGE_SIZE, total))


@papers.post("/attempts/<int:attempt_id>/rulings")
@permitted(COACH)
def rule(attempt_id: int) -> ResponseReturnValue:
    """Give points to free answers."""
    viewer, now = current_viewer(), clock.now()
    here = url_for(".result", attempt_id=attempt_id)
    try:
        with current_store().writing() as session:
            reviewed = grading.reviewed_paper(session, viewer, attempt_id)
            grading.rule(session, viewer, attempt_id, _points(reviewed), now=now)
            after = grading.reviewed_paper(session, viewer, attempt_id)
    except (RulingPointsError, NotYetEndedError) as error:
        flash(sentence_of(error), "error")
        return redirect(here, 303)
    if after.open_count:
        flash(saved(), "success")
        return redirect(here, 303)
    flash(
        _("已批阅：%(who)s，%(what)s。", who=after.user_name, what=words.STANDINGS[after.attempt.standing or ""]),
        "success",
    )
    return redirect(url_for(".waiting"), 303)


def _points(reviewed: ReviewedPaper) -> dict[int, tuple[float, str]]:
    """What was given, in percent in the form; answers whose points were left as they stand are left out.

    Raises:
        RulingPointsError: it is no number.
    """
    found: dict[int, tuple[float, str]] = {}
    for one in reviewed.items:
        number = one.asked.number
        text = request.form.get(f"points-{number}", "").strip()
        comment = request.form.get(f"comment-{number}", "").strip()
        if not text:
            continue
        try:
            points = float(text) / _PERCENT
        except ValueError:
            raise RulingPointsError from None
        last = one.rulings[-1].comment if one.rulings else ""
        if points != one.points or comment != last:
            found[number] = (points, comment)
    return found
