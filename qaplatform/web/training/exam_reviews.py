"""``/exam-reviews``: what waits for a mentor, all results, one result with rulings, and how scenarios went."""

from __future__ import annotations

from typing import cast, get_args

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.errors import QAPlatformError
from qaplatform.services.browsing import NotThereError
from qaplatform.services.training import exam_grading, exam_statistics, llm_customer
from qaplatform.services.training import exam_reviews as service
from qaplatform.services.training.catalogue import lessons_now
from qaplatform.services.training.exam_lists import SEE, ExamFilter, review_list
from qaplatform.services.training.exam_standing import AS_BEFORE, NOTHING
from qaplatform.store.training.exam_results import RulingKind
from qaplatform.training.lessons import Lessons
from qaplatform.web.access import permitted
from qaplatform.web.conversations import ID
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.i18n import _, language
from qaplatform.web.numbers import number_in
from qaplatform.web.paging import page_number, page_of
from qaplatform.web.sentences import sentence_of
from qaplatform.web.training import exam_words
from qaplatform.web.training.exam_shown import shown_of

exam_reviews = Blueprint("exam_reviews", __name__, url_prefix="/exam-reviews")
COACH = "training.coach"
PAGE_SIZE = 30


@exam_reviews.get("")
@permitted(SEE)
def index() -> str:
    """The list."""
    viewer, given = current_viewer(), request.args
    wanted = ExamFilter(
        shelf="all" if given.get("shelf") == "all" else "waiting",
        user_id=number_in(given, "person"),
        scenario=given.get("scenario", "")[:100],
        verdict=given.get("verdict", "") if given.get("verdict") in exam_words.VERDICTS else "",
        purposes=("practice",) if given.get("purpose") == "practice" else ("exam",),
    )
    if wanted.shelf == "waiting":
        wanted = ExamFilter(shelf="waiting")
    with current_store().reading() as session:
        found = review_list(session, viewer, wanted, page=page_number(), size=PAGE_SIZE)
    named = [(id, title.in_language(language())) for id, title in found.scenarios]
    may_rule = viewer.may(COACH)
    return render_template(
        "training/exam_reviews/index.html", list=found, wanted=wanted, page=page_of(found.rows, PAGE_SIZE),
        words_of=exam_words, scenarios=[("", _("全部")), *named], verdicts=list(exam_words.VERDICTS.items()),
        is_narrowed=wanted != ExamFilter(shelf=wanted.shelf), viewer_coaches=may_rule,
        endpoint="exam_reviews.show" if may_rule else "exams.result",
    )  # fmt: skip


@exam_reviews.get("/scenarios")
@permitted(COACH)
def statistics() -> str:
    """How scenarios went."""
    with current_store().reading() as session:
        some = exam_statistics.statistics(session, current_viewer())
    return render_template("training/exam_reviews/statistics.html", some=some, words_of=exam_words)


@exam_reviews.get("/scenarios/<scenario>")
@permitted(COACH)
def scenario(scenario: str) -> str:
    """What is missed in one of them."""
    with current_store().reading() as session:
        one, items = exam_statistics.item_statistics(session, current_viewer(), scenario)
    return render_template("training/exam_reviews/scenario.html", one=one, items=items, words_of=exam_words)


@exam_reviews.get(f"/<{ID}:dialogue_id>")
@permitted(COACH)
def show(dialogue_id: int) -> ResponseReturnValue:
    """A result to be looked at and ruled on; one's own is only shown."""
    viewer = current_viewer()
    found, lessons = _found(dialogue_id)
    if found.user_id == viewer.user_id:
        return redirect(url_for("exams.result", dialogue_id=dialogue_id), 303)
    return render_template(
        "training/exam_reviews/show.html", result=found, shown=shown_of(found, lessons, language(), is_leading=True),
        words_of=exam_words, nothing_met=NOTHING, as_before=AS_BEFORE, most_chars=service.MOST_REASON_CHARS,
    )  # fmt: skip


@exam_reviews.get(f"/<{ID}:dialogue_id>/calls")
@permitted(COACH)
def calls(dialogue_id: int) -> str:
    """What a model that played the customer was sent, and what it said."""
    found, _lessons = _found(dialogue_id)
    with current_store().reading() as session:
        some = llm_customer.calls_seen(session, current_viewer(), dialogue_id)
    return render_template(
        "training/exam_reviews/calls.html", result=found, calls=some, words_of=exam_words,
        title=found.title.in_language(language()),
    )  # fmt: skip


@exam_reviews.post(f"/<{ID}:dialogue_id>")
@permitted(COACH)
def rule(dialogue_id: int) -> ResponseReturnValue:
    """Append a ruling."""
    given = request.form
    kind = given.get("kind", "")
    if kind not in get_args(RulingKind):
        _found(dialogue_id)
        flash(sentence_of(service.BadRulingError()), "error")
        return redirect(url_for(".show", dialogue_id=dialogue_id), 303)
    try:
        ruling = service.NewRuling(
            kind=cast("RulingKind", kind),
            subject=given.get("subject", ""),
            decision=given.get("decision", ""),
            reason=given.get("reason", ""),
        )
        with current_store().writing() as session:
            service.rule(session, current_viewer(), dialogue_id, ruling, now=clock.now())
    except NotThereError:
        abort(404)
    except QAPlatformError as error:
        flash(sentence_of(error), "error")
    else:
        flash(_("已保存，结果按您的意见重新计算。") if kind != "comment" else _("评语已保存。"), "success")
    subject = given.get("subject", "")
    anchor = {"criterion": f"criterion-{subject}", "task": f"item-{subject}", "unread": f"m{subject}"}.get(kind)
    return redirect(url_for(".show", dialogue_id=dialogue_id, _anchor=anchor), 303)


def _found(dialogue_id: int) -> tuple[exam_grading.ExamResult, Lessons]:
    with current_store().reading() as session:
        return exam_grading.result(session, current_viewer(), dialogue_id), lessons_now(session)
