"""Taking a theory test: what there is, one question at a time, handing it in."""

from __future__ import annotations

from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.services.training import paper_attempts as service
from qaplatform.services.training import paper_grading as grading
from qaplatform.services.training.paper_answers import AnswerTooLongError
from qaplatform.services.training.paper_attempts import (
    AnswerJudgedError,
    AttemptEndedError,
    NoAttemptLeftError,
    PassedAlreadyError,
    RunningPaper,
    TooEarlyError,
)
from qaplatform.services.training.paper_grading import NothingAnsweredError
from qaplatform.services.training.rubric_keys import criterion_titles
from qaplatform.services.training.step_locks import LockedStepError
from qaplatform.training.drawing import TooFewQuestionsError
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.i18n import _
from qaplatform.web.sentences import sentence_of
from qaplatform.web.training.papers import papers, showing, words
from qaplatform.web.training.papers.answers import given_in_form
from qaplatform.web.training.path_words import locked_in_words

LEARN = service.LEARN
_REFUSALS = (PassedAlreadyError, NoAttemptLeftError, TooEarlyError, TooFewQuestionsError)


@papers.get("")
@permitted(LEARN)
def index() -> str:
    """The tests there are."""
    now = clock.now()
    with current_store().reading() as session:
        lines = service.paper_lines(session, current_viewer(), now=now)
    return render_template("training/papers/index.html", lines=lines, words_of=words, now=now)


@papers.get("/<path:paper>")
@permitted(LEARN)
def show(paper: str) -> str:
    """One test: its rules and one's attempts."""
    now = clock.now()
    with current_store().reading() as session:
        line = service.paper_line(session, current_viewer(), paper, now=now)
    return render_template("training/papers/show.html", line=line, words_of=words, now=now)


@papers.post("/<path:paper>/begin")
@permitted(LEARN)
def begin(paper: str) -> ResponseReturnValue:
    """Begin an attempt."""
    try:
        with current_store().writing() as session:
            attempt_id = service.begin(session, current_viewer(), paper, now=clock.now())
    except LockedStepError as error:
        flash(locked_in_words(error.lock), "error")
        return redirect(url_for(".show", paper=paper), 303)
    except _REFUSALS as error:
        flash(sentence_of(error), "error")
        return redirect(url_for(".show", paper=paper), 303)
    return redirect(url_for(".sheet", attempt_id=attempt_id), 303)


@papers.get("/attempts/<int:attempt_id>")
@permitted(LEARN)
def sheet(attempt_id: int) -> ResponseReturnValue:
    """A question of a running attempt, ``q`` in the address."""
    running, titles = _running(attempt_id)
    if running is None:
        return redirect(url_for(".result", attempt_id=attempt_id), 303)
    number = request.args.get("q", 0, type=int)
    if not 1 <= number <= len(running.items):
        # The address names the question: whoever loads the page again stays at it.
        return redirect(url_for(".sheet", attempt_id=attempt_id, q=(running.unanswered or (1,))[0]), 303)
    return _sheet(running, number, titles)


def _sheet(running: RunningPaper, number: int, titles: Any, status: int = 200) -> ResponseReturnValue:
    one = running.items[number - 1]
    page = render_template(
        "training/papers/sheet.html",
        running=running,
        one=one,
        number=number,
        titles=titles,
        words_of=words,
        showing=showing,
    )
    return page, status


def _running(attempt_id: int) -> tuple[RunningPaper | None, Any]:
    """A running attempt and the titles of criteria; ``None`` where it has ended: at its deadline, if that is past."""
    viewer, now = current_viewer(), clock.now()
    with current_store().reading() as session:
        running = service.running_paper(session, viewer, attempt_id, now=now)
        titles = criterion_titles(session, now=now)
    if not running.is_over:
        return running, titles
    if running.attempt.ended_at is None:
        _prepare(attempt_id)
        with current_store().writing() as session:
            grading.end_if_over(session, attempt_id, now=now)
        flash(_("时间到，测验已自动结束，已保存的回答计入成绩。"), "info")
    return None, titles


def _prepare(attempt_id: int) -> None:
    with current_store().reading() as session:
        grading.prepare_judging(session, attempt_id, now=clock.now())


@papers.post("/attempts/<int:attempt_id>/questions/<int:number>")
@permitted(LEARN)
def answer(attempt_id: int, number: int) -> ResponseReturnValue:
    """Keep an answer and go on: ``go`` is a number, ``end``, or ``check`` in practice."""
    go = request.form.get("go", "")
    viewer, now = current_viewer(), clock.now()
    here = url_for(".sheet", attempt_id=attempt_id, q=number)
    if go == "check":
        _prepare(attempt_id)
    try:
        with current_store().writing() as session:
            service.save(
                session, viewer, attempt_id, number, given_in_form(), seen=request.form.get("seen", ""), now=now
            )
            if go == "check":
                grading.check_answer(session, viewer, attempt_id, number, now=now)
    except AttemptEndedError as error:
        flash(sentence_of(error), "warning")
        return redirect(url_for(".sheet", attempt_id=attempt_id), 303)
    except AnswerJudgedError:
        pass  # A practice question that was judged is only left.
    except (AnswerTooLongError, NothingAnsweredError) as error:
        flash(sentence_of(error), "error")
        return redirect(here, 303)
    if go == "end":
        return redirect(url_for(".ask_end", attempt_id=attempt_id), 303)
    target = int(go) if go.isascii() and go.isdecimal() and len(go) <= len("200") else number
    return redirect(url_for(".sheet", attempt_id=attempt_id, q=target), 303)


@papers.post("/attempts/<int:attempt_id>/questions/<int:number>/draft")
@permitted(LEARN)
def keep(attempt_id: int, number: int) -> ResponseReturnValue:
    """Keep an answer while somebody is at it; for the page's script."""
    viewer, now = current_viewer(), clock.now()
    try:
        with current_store().writing() as session:
            saved = service.save(
                session, viewer, attempt_id, number, given_in_form(), seen=request.form.get("seen", ""), now=now
            )
    except (AttemptEndedError, AnswerJudgedError, AnswerTooLongError) as error:
        return jsonify(message=str(sentence_of(error)), over=isinstance(error, AttemptEndedError)), 409
    return jsonify(seen=saved.mark, answered=saved.is_answered)


@papers.get("/attempts/<int:attempt_id>/end")
@permitted(LEARN)
def ask_end(attempt_id: int) -> ResponseReturnValue:
    """What is still unanswered, before it is handed in."""
    running, _titles = _running(attempt_id)
    if running is None:
        return redirect(url_for(".result", attempt_id=attempt_id), 303)
    return render_template("training/papers/end.html", running=running, words_of=words)


@papers.post("/attempts/<int:attempt_id>/end")
@permitted(LEARN)
def end(attempt_id: int) -> ResponseReturnValue:
    """Hand it in."""
    _prepare(attempt_id)
    with current_store().writing() as session:
        grading.hand_in(session, current_viewer(), attempt_id, now=clock.now())
    return redirect(url_for(".result", attempt_id=attempt_id), 303)
