"""``/desk/<item>``: a conversation to review, with what is answered so far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.audit.masking import Masked
from qaplatform.errors import QAPlatformError
from qaplatform.formats.writing.wording import Wording
from qaplatform.services.browsing import NotThereError
from qaplatform.services.conversation_pages import ConversationPage
from qaplatform.services.grading_runs import run_about
from qaplatform.services.review_answers import UnansweredError
from qaplatform.services.review_drafts import Answer
from qaplatform.services.reviewing import (
    GIVE,
    Work,
    grades_of,
    note_opened,
    rubric_for,
    score_now,
    work_with_page,
)
from qaplatform.services.rubric_books import published_rubrics
from qaplatform.services.training.problem_points import may_coach
from qaplatform.services.work_lists import WorkList, work_list
from qaplatform.store.grading_runs import LIVE
from qaplatform.store.reviews import GivenReview
from qaplatform.web.access import permitted
from qaplatform.web.conversations import ID
from qaplatform.web.conversations import vocabulary as words
from qaplatform.web.conversations.asking import ended_words
from qaplatform.web.conversations.chat import Line, Said, lines_of
from qaplatform.web.conversations.graded import AnswerShown, GradedShown, chat_words, graded_of
from qaplatform.web.conversations.scorecard import CriterionShown, ScorecardShown, kind_of, scorecard_of
from qaplatform.web.conversations.vocabulary import Vocabulary
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.desk import desk
from qaplatform.web.desk.answers import Fields, answers_in, choice_of
from qaplatform.web.desk_words import CAUSES, COMMENTS, DRAWS, SUMMARIES
from qaplatform.web.formatting import zone
from qaplatform.web.i18n import language
from qaplatform.web.sentences import sentence_of

_BESIDE = 30
"""So many items stand beside the conversation."""


@dataclass(frozen=True, slots=True)
class ToRule:
    """A criterion with what is answered of it so far."""

    number: int
    shown: CriterionShown
    is_required: bool
    is_missing: bool
    lacks_reason: bool
    choice: str
    wrong: frozenset[int]
    cause: str
    agent_id: int | None
    reason: str
    is_question: bool
    suggestion: AnswerShown | None
    """What a model answered; nothing in a blind review."""


@dataclass(frozen=True, slots=True)
class AddedShown:
    """A finding that the inspector added."""

    title: str
    message: int
    words: str
    comment: str


@dataclass(frozen=True, slots=True)
class Tried:
    """A form that could not be taken, and why."""

    fields: Fields | None = None
    unanswered: UnansweredError | None = None
    newer_review_id: int | None = None


@dataclass(frozen=True, slots=True)
class DeskShown:
    """What the desk shows."""

    work: Work
    beside: WorkList | None
    """Nothing for a part of the page."""
    page: ConversationPage
    lines: Sequence[Line]
    to_rule: Sequence[ToRule]
    added: Sequence[AddedShown]
    earlier: Sequence[GivenReview]
    """Reviews of the conversation before this one."""
    people: Sequence[str]
    several: Mapping[int, str]
    """Those who wrote in it by id, where it was several."""
    score: float | None
    verdict: str
    pass_mark: float
    summary: str
    newer_review_id: int | None
    graded: GradedShown | None
    """What a model said; nothing in a blind review."""
    may_ask: bool
    is_asking: bool
    may_coach: bool
    """Whether findings may be made problem points."""
    spots: Sequence[tuple[int, str, float]]
    """Number, kind and place of each finding from 0 to 100, for the small map."""

    @property
    def required(self) -> Sequence[ToRule]:
        """What the machine failed."""
        return [one for one in self.to_rule if one.is_required]

    @property
    def questions(self) -> Sequence[ToRule]:
        """What a model has answered or is being asked, and a person may."""
        if self.graded is None and not self.is_asking:
            return []
        return [one for one in self.to_rule if one.is_question and not one.is_required]

    @property
    def others(self) -> Sequence[ToRule]:
        """All else, which may be answered."""
        apart = {one.number for one in (*self.required, *self.questions)}
        return [one for one in self.to_rule if one.number not in apart]


@desk.get(f"/<{ID}:id>")
@permitted(GIVE)
def show(id: int) -> ResponseReturnValue:
    """The desk with one conversation; what is done leads to its conversation instead."""
    try:
        with current_store().reading() as session:
            work, page = work_with_page(session, current_viewer(), id, language=language())
            if not work.is_open:
                return redirect(url_for("conversations.show", id=work.item.conversation_id), 303)
            shown = _rendered(session, work, page)
    except NotThereError:
        abort(404)
    except QAPlatformError as error:
        flash(sentence_of(error), "error")
        return redirect(url_for("desk.index"), 303)
    if work.item.opened_at is None:
        with current_store().writing() as session:
            note_opened(session, current_viewer(), id, now=clock.now())
    return shown


@desk.get(f"/<{ID}:id>/asked")
@permitted(GIVE)
def asked(id: int) -> ResponseReturnValue:
    """How far the asking of a model is, then its answers, each for its place on the desk; asked for in the background."""
    with current_store().reading() as session:
        work, page = work_with_page(session, current_viewer(), id, language=language())
        if "HX-Request" not in request.headers:
            return redirect(url_for(".show", id=id), 303)
        if work.item.is_blind or not work.is_open or not page.may_see_model:
            abort(404)
        run = run_about(session, current_viewer(), work.item.conversation_id)
        if run is not None and run.state in LIVE:
            at, back = url_for(".asked", id=id), url_for(".show", id=id)
            return render_template("conversations/_asking.html", run=run, at=at, back=back)
        shown = _shown(session, work, None, page, Tried())
    return render_template("desk/_asked.html", shown=shown, run=run, ended=ended_words(run), is_part=True)


def page_of(
    id: int,
    *,
    given: Fields,
    unanswered: UnansweredError | None = None,
    newer_review_id: int | None = None,
) -> str:
    """The page with a form that could not be taken, whose answers are shown instead of the draft's."""
    with current_store().reading() as session:
        work, page = work_with_page(session, current_viewer(), id, language=language())
        return _rendered(session, work, page, Tried(given, unanswered, newer_review_id))


def _rendered(session: Any, work: Work, page: ConversationPage, tried: Tried | None = None) -> str:
    viewer = current_viewer()
    words.know(published_rubrics(session))
    beside = work_list(session, viewer, "open", now=clock.now(), zone=zone(), limit=_BESIDE)
    g.zone = page.read.listed.timezone
    return render_template(
        "desk/show.html", shown=_shown(session, work, beside, page, tried or Tried()), causes=CAUSES, draws=DRAWS,
        comments=COMMENTS, summaries=SUMMARIES, words_of=words, vocabulary=Vocabulary(language()),
    )  # fmt: skip


def _shown(
    session: Any,
    work: Work,
    beside: WorkList | None,
    page: ConversationPage,
    tried: Tried,
) -> DeskShown:
    rubric, is_blind = rubric_for(session, work.audit), work.item.is_blind
    wording = Wording(rubric, page.context, language())
    read = page.read
    card = ScorecardShown((), (), (), (), (), ())
    if read.audit is not None and not is_blind:
        card = scorecard_of(read.audit.results, read.audit.findings, page.masked, page.fact_texts, wording)
    said = Said(
        messages=read.messages,
        masked=page.masked,
        moments=page.moments,
        spots=card.spots,
        observations=None if is_blind else page.observations,
        waits={} if is_blind else page.waits,
        zone=zone(),
    )
    graded = None if is_blind else graded_of(page, wording, grades_of(rubric, work))
    if graded is not None:
        said = replace(said, models=graded.marks)
    answers, summary = work.draft.by_criterion, work.draft.summary
    if tried.fields is not None:
        outcomes = {one.id: work.outcomes.get(one.id, "not_applicable") for one in rubric.criteria}
        answers = {one.criterion: one for one in answers_in(tried.fields, outcomes, is_blind=is_blind)}
        summary = tried.fields.get("summary", summary)
    score = score_now(rubric, work, answers)
    people = {one.agent_id: one.agent or "" for one in read.messages if one.agent_id is not None}
    last = max(len(read.messages) - 1, 1)
    return DeskShown(
        work=work,
        beside=beside,
        page=page,
        lines=tuple(lines_of(said, wording, chat_words())),
        to_rule=tuple(_to_rule(card, wording, answers, tried.unanswered, graded, is_blind=is_blind)),
        added=[
            _added(one.criterion, one.message, (one.start, one.end), one.comment, page.masked, wording)
            for one in work.draft.added
        ],
        earlier=page.reviews,
        people=list(dict.fromkeys(one.agent or one.account or "" for one in read.messages if one.role == "agent")),
        several=people if len(people) > 1 else {},
        score=score.score,
        verdict=score.verdict,
        pass_mark=rubric.pass_mark,
        summary=summary,
        newer_review_id=tried.newer_review_id,
        graded=graded,
        may_ask=page.may_ask_model and not is_blind,
        is_asking=page.is_asking and not is_blind,
        may_coach=not is_blind and may_coach(current_viewer(), page),
        spots=[(one.number, one.kind, 100 * one.message / last) for one in card.spots],
    )


def _to_rule(
    card: ScorecardShown,
    wording: Wording,
    answers: Mapping[str, Answer],
    unanswered: UnansweredError | None,
    graded: GradedShown | None,
    *,
    is_blind: bool,
) -> Iterator[ToRule]:
    """The criteria in the order in which they are answered: what failed, what nobody judged, all else as the rubric has it."""
    missing = unanswered.missing if unanswered else ()
    unreasoned = unanswered.unreasoned if unanswered else ()
    passed = [one for section in card.passed for one in section.criteria]
    seen = {one.id: one for one in (*card.failed, *card.hints, *card.unasked, *card.unscored, *passed)}
    suggestions = graded.by_criterion if graded else {}
    in_order = [*seen, *(one.id for one in wording.rubric.criteria if one.id not in seen)]
    for number, id in enumerate(in_order, start=1):
        shown, answer = seen.get(id) or _unjudged(id, wording), answers.get(id)
        yield ToRule(
            number=number,
            shown=shown,
            is_required=is_blind or shown.outcome == "fail",
            is_missing=id in missing,
            lacks_reason=id in unreasoned,
            choice=choice_of(answer),
            wrong=frozenset(answer.wrong if answer else ()),
            cause=(answer.cause if answer else None) or "",
            agent_id=answer.agent_id if answer else None,
            reason=answer.reason if answer else "",
            is_question=shown.outcome == "unscored" and wording.criteria[id].kind == "question",
            suggestion=suggestions.get(id),
        )


def _unjudged(id: str, wording: Wording) -> CriterionShown:
    return CriterionShown(
        id=id,
        title=wording.title(id),
        outcome="not_applicable",
        kind=kind_of(id, wording),
        points=0.0,
        max_points=wording.criteria[id].weight,
        reason="",
        policy=wording.policy(id),
        better=wording.better(id),
        spots=(),
    )


def _added(
    criterion: str, message: int, place: tuple[int, int], comment: str, masked: Sequence[Masked], wording: Wording
) -> AddedShown:
    text = ""
    if message < len(masked):
        start, end = masked[message].to_masked(*place)
        text = masked[message].text[start:end]
    return AddedShown(wording.title(criterion), message, text, comment)
