"""Reviews: getting the next conversation, keeping drafts, ruling on what the machine found, submitting.

Rulings append: nothing the machine found is ever changed. What an inspector leaves unanswered stays as the machine said,
but where it failed a criterion: that must be answered, so that nobody loses points that no person has looked at. In a blind
review nothing of the machine is known: what the inspector does not fail has passed for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.graded import GradedScore
from qaplatform.audit.masking import Language
from qaplatform.audit.rubric import Rubric
from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.conversation_pages import Asked, ConversationPage, conversation_page, reached
from qaplatform.services.graded_scores import answers_of, outcomes_of, still_asked
from qaplatform.services.noting import note
from qaplatform.services.review_answers import (
    finding_rulings_of,
    refuse_unanswered,
    rulings_of,
    score_of,
    whole_answers,
)
from qaplatform.services.review_drafts import Answer, Draft, draft_of, stored
from qaplatform.services.rubric_versions import rubric_of
from qaplatform.store import conversation_words as words
from qaplatform.store import graded_scores, reviews, work_items
from qaplatform.store.grades import ReadGrade, ReadGrading, grading_in_force
from qaplatform.store.listed_rows import ListedConversation
from qaplatform.store.reading_conversations import ReadAudit
from qaplatform.store.reviews import JudgedAudit, NewAdded, NewComment, NewReview
from qaplatform.store.work_items import Item

GIVE = "reviews.give"


class OwnChatError(QAPlatformError):
    """This is your own conversation; somebody else reviews it."""

    code: ClassVar[str] = "review.own"


class NotAuditedError(QAPlatformError):
    """The conversation has no audit yet that could be reviewed; wait for it, or ask for one."""

    code: ClassVar[str] = "review.no_audit"


class RubricGoneError(QAPlatformError):
    """This release cannot read the rubric of this audit; have the conversation audited again."""

    code: ClassVar[str] = "review.rubric"


class ItemChangedError(QAPlatformError):
    """The work was changed elsewhere meanwhile: in another window, by a lead, or it is done."""

    code: ClassVar[str] = "review.changed"


class ReviewedMeanwhileError(QAPlatformError):
    """Somebody else has reviewed this conversation meanwhile; look at their rulings, then decide."""

    code: ClassVar[str] = "review.meanwhile"

    def __init__(self, review_id: int) -> None:
        super().__init__(f"review {review_id} is newer than what was seen")
        self.review_id = review_id


class Work(msgspec.Struct, frozen=True):
    """An item in hand."""

    item: Item
    row: ListedConversation
    draft: Draft
    audit: JudgedAudit
    grading: ReadGrading | None = None
    """What a model said of the revision, the newest time."""

    @property
    def is_open(self) -> bool:
        """Whether there is still something to do."""
        return self.item.state in ("open", "draft")

    @property
    def outcomes(self) -> Mapping[str, str]:
        """The machine's outcomes by criterion."""
        return {criterion: outcome for criterion, outcome, _, _ in self.audit.results}


def take(session: Session, viewer: Viewer, conversation_id: int, *, now: datetime) -> int:
    """The viewer's open item of a conversation; a new one, of their own choice, if there is none.

    Raises:
        NotThereError: there is no such conversation, or they may not review it.
        OwnChatError: they wrote in it.
        NotAuditedError: it was not audited yet.
    """
    row = reached(session, viewer, conversation_id, GIVE)
    _refuse_own(session, viewer, row)
    known = work_items.open_item_of(session, viewer.user_id, conversation_id)
    if known is not None:
        return known
    if row.audit_id is None:
        raise NotAuditedError
    id = work_items.add_item(
        session,
        conversation_id=conversation_id,
        revision=row.revision,
        audit_id=row.audit_id,
        user_id=viewer.user_id,
        why={"method": "chosen"},
        now=now,
    )
    note(session, viewer, now, "review.taken", ("conversation", conversation_id), shop_id=row.shop_id, item=id)
    return id


def next_item(session: Session, viewer: Viewer, *, now: datetime, but: int | None = None) -> int | None:
    """What the viewer should review next: of their own work, else the next that nobody has yet, which becomes theirs.

    Raises:
        AccessError: they review nothing at all.
    """
    viewer.demand(GIVE)
    own = work_items.next_of(session, viewer.user_id, but=but)
    return own or work_items.claim_next(session, viewer.user_id, viewer.scope(GIVE), viewer.agent_id, now=now)


def work_of(session: Session, viewer: Viewer, item_id: int) -> Work:
    """An item of the viewer's with its conversation and draft.

    Raises:
        NotThereError: there is none, it is somebody else's, or they may not review it any more.
        OwnChatError: they wrote in it.
        NotAuditedError: what it was drawn with was not audited.
    """
    item = _own_item(session, viewer, item_id)
    row = reached(session, viewer, item.conversation_id, GIVE)
    _refuse_own(session, viewer, row)
    audit = None if item.audit_id is None else reviews.judged_audit(session, item.audit_id)
    if audit is None:
        raise NotAuditedError
    grading = grading_in_force(session, item.conversation_id, item.revision)
    return Work(item, row, draft_of(item.draft), audit, grading)


def work_with_page(
    session: Session, viewer: Viewer, item_id: int, *, language: Language
) -> tuple[Work, ConversationPage]:
    """The same as :func:`work_of`, and the page of its conversation as it was drawn."""
    item = _own_item(session, viewer, item_id)
    asked = Asked(item.audit_id, item.revision)
    page = conversation_page(
        session, viewer, item.conversation_id, asked=asked, language=language, permission=GIVE
    )  # fmt: skip
    _refuse_own(session, viewer, page.read.listed)
    if item.audit_id is None or page.read.audit is None:
        raise NotAuditedError
    work = Work(item, page.read.listed, draft_of(item.draft), _judged(page.read.audit), page.grading)
    return work, page


def _own_item(session: Session, viewer: Viewer, item_id: int) -> Item:
    item = work_items.item(session, item_id)
    if item is None or item.user_id != viewer.user_id:
        raise NotThereError
    return item


def _judged(audit: ReadAudit) -> JudgedAudit:
    """What of an audit a review needs to know."""
    line = audit.line
    results = tuple((one.criterion, one.outcome, one.points, one.max_points) for one in audit.results)
    findings = {(one.criterion, one.place): one.id for one in audit.findings}
    return JudgedAudit(
        line.score, line.verdict, line.rubric_version_id, line.rubric, line.rubric_hash, results, findings
    )


def note_opened(session: Session, viewer: Viewer, item_id: int, *, now: datetime) -> None:
    """Note when the viewer opened an item of theirs first."""
    work_items.note_opened(session, item_id, viewer.user_id, now=now)


def grades_of(rubric: Rubric, work: Work) -> tuple[ReadGrade, ...]:
    """What a model answered to the questions of the work's rubric."""
    return still_asked(rubric, work.item.audit_id, work.grading)


def score_now(rubric: Rubric, work: Work, answers: Mapping[str, Answer]) -> GradedScore:
    """The score as far as it is answered: a person's ruling before a trusted answer of a model, and that before nothing."""
    draft = msgspec.structs.replace(work.draft, answers=tuple(answers.values()))
    is_blind = work.item.is_blind
    whole = whole_answers(draft, work.audit, is_blind=is_blind)
    graded = answers_of(grades_of(rubric, work))
    return score_of(rubric, work.audit, whole, draft, is_blind=is_blind, graded=graded)


def save(session: Session, work: Work, draft: Draft, *, version: int, now: datetime) -> int:
    """Keep a draft of somebody's own work; the item's new version.

    Raises:
        ItemChangedError: it is another version by now, or done.
    """
    saved = work_items.save_draft(session, work.item.id, stored(draft), version=version, now=now)
    if saved is None:
        raise ItemChangedError
    return saved


def submit(
    session: Session,
    viewer: Viewer,
    work: Work,
    draft: Draft,
    *,
    version: int,
    seen_review_id: int | None,
    now: datetime,
) -> int:
    """Submit a review; its id. The item is done, and the review official if it is of the newest revision.

    Args:
        session: A writing transaction.
        viewer: Who reviews.
        work: Their work, read in the same transaction.
        draft: What they answered.
        version: The item's version that they saw.
        seen_review_id: The newest review by others that they saw.
        now: The moment.

    Raises:
        ItemChangedError: the item is another version by now, or done.
        ReviewedMeanwhileError: somebody else reviewed the conversation meanwhile.
        UnansweredError: something is left to answer.
        RubricGoneError: the rubric cannot be read any more.
    """
    item, row = work.item, work.row
    latest = reviews.latest_review_id(session, item.conversation_id)
    if latest != seen_review_id and latest is not None:
        raise ReviewedMeanwhileError(latest)
    if not work_items.finish(session, item.id, version=version, now=now):
        raise ItemChangedError
    rubric = rubric_for(session, work.audit)
    answers = whole_answers(draft, work.audit, is_blind=item.is_blind)
    refuse_unanswered(answers, work.audit, is_blind=item.is_blind)
    grades = grades_of(rubric, work)
    ruled = score_of(rubric, work.audit, answers, draft, is_blind=item.is_blind, graded=answers_of(grades))
    if work.grading is not None and row.revision == item.revision:
        graded_scores.count(session, row.id, work.grading.id, outcomes_of(ruled, grades))
    new = NewReview(
        conversation_id=item.conversation_id,
        revision=item.revision,
        audit_id=item.audit_id or 0,
        work_item_id=item.id,
        user_id=viewer.user_id,
        agent_id=row.agent_id,
        draw=item.draw,
        was_blind=item.is_blind,
        score=ruled.score,
        scored_share=ruled.scored_share,
        verdict=ruled.verdict,
        failed_count=ruled.failed_count,
        machine_score=work.audit.score,
        machine_verdict=work.audit.verdict,
        summary=draft.summary.strip(),
        seconds=None if item.opened_at is None else max(0, round((now - item.opened_at).total_seconds())),
        rulings=rulings_of(answers, work.audit, ruled),
        finding_rulings=finding_rulings_of(answers, work.audit),
        added=tuple(NewAdded(one.criterion, one.message, one.start, one.end, one.comment) for one in draft.added),
        comments=tuple(NewComment(one.kind, one.text, one.message) for one in draft.comments),
    )
    id = reviews.write_review(session, new, now=now)
    note(
        session, viewer, now, "review.submitted", ("conversation", item.conversation_id), shop_id=row.shop_id, review=id,
        item=item.id,
    )  # fmt: skip
    return id


def criteria_to_answer(session: Session, work: Work) -> dict[str, str]:
    """The machine's outcomes of all criteria that may be answered: those of the rubric, in its order."""
    return {one.id: work.outcomes.get(one.id, "not_applicable") for one in rubric_for(session, work.audit).criteria}


def rubric_for(session: Session, audit: JudgedAudit) -> Rubric:
    """The rubric of an audit.

    Raises:
        RubricGoneError: this release cannot read it.
    """
    rubric = rubric_of(audit.rubric_hash, audit.rubric, lambda: words.rubric_files(session, audit.rubric_version_id))
    if rubric is None:
        raise RubricGoneError
    return rubric


def _refuse_own(session: Session, viewer: Viewer, row: ListedConversation) -> None:
    if viewer.agent_id is not None and work_items.wrote_in(session, viewer.agent_id, row.id):
        raise OwnChatError
