"""Reviews: getting the next conversation, keeping drafts, ruling on what the machine found, submitting.

Rulings append: nothing the machine found is ever changed. What an inspector leaves unanswered stays as the machine said,
but where it failed a criterion: that must be answered, so that nobody loses points that no person has looked at. In a blind
review nothing of the machine is known: what the inspector does not fail has passed for them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar, Literal

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.masking import Language
from qaplatform.audit.rubric import Rubric
from qaplatform.audit.ruling import Decision, Judged, RuledScore, ruled_score
from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.conversation_pages import Asked, ConversationPage, conversation_page, reached
from qaplatform.services.noting import note
from qaplatform.services.review_drafts import Answer, Draft, draft_of, stored
from qaplatform.services.rubric_versions import rubric_of
from qaplatform.store import conversation_words as words
from qaplatform.store import reviews, work_items
from qaplatform.store.listed_rows import ListedConversation
from qaplatform.store.reading_conversations import ReadAudit
from qaplatform.store.reviews import JudgedAudit, NewAdded, NewComment, NewReview, NewRuling
from qaplatform.store.work_items import Item

GIVE = "reviews.give"
_NEEDS_REASON = frozenset({"overrule"})


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


class UnansweredError(QAPlatformError):
    """Some criteria still need an answer: what the machine failed, and what was overruled without a reason."""

    code: ClassVar[str] = "review.unanswered"

    def __init__(self, missing: Sequence[str], unreasoned: Sequence[str]) -> None:
        super().__init__(f"unanswered: {', '.join(missing)}; without a reason: {', '.join(unreasoned)}")
        self.missing = tuple(missing)
        self.unreasoned = tuple(unreasoned)


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
    return Work(item, row, draft_of(item.draft), audit)


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
    return Work(item, page.read.listed, draft_of(item.draft), _judged(page.read.audit)), page


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


def score_now(rubric: Rubric, work: Work, answers: Mapping[str, Answer]) -> RuledScore:
    """The score as far as it is answered."""
    draft = msgspec.structs.replace(work.draft, answers=tuple(answers.values()))
    return score_of(rubric, work.audit, _whole(draft, work.audit, is_blind=work.item.is_blind), draft)


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
    answers = _whole(draft, work.audit, is_blind=item.is_blind)
    _refuse_unanswered(answers, work.audit, is_blind=item.is_blind)
    ruled = score_of(rubric, work.audit, answers, draft)
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
        rulings=_rulings(answers, work.audit, ruled),
        finding_rulings=_finding_rulings(answers, work.audit),
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


def score_of(rubric: Rubric, audit: JudgedAudit, answers: Mapping[str, Answer], draft: Draft) -> RuledScore:
    """The score that some answers make."""
    found = Counter(criterion for criterion, _ in audit.findings)
    added = Counter(one.criterion for one in draft.added)
    judged = [
        Judged(criterion, outcome, points, most, found[criterion])  # type: ignore[arg-type]
        for criterion, outcome, points, most in audit.results
    ]
    decisions = {
        id: Decision(one.kind, one.outcome, max(found[id] - len(one.wrong), 0) + added[id])
        for id, one in answers.items()
    }
    return ruled_score(rubric, judged, decisions)


def _refuse_own(session: Session, viewer: Viewer, row: ListedConversation) -> None:
    if viewer.agent_id is not None and work_items.wrote_in(session, viewer.agent_id, row.id):
        raise OwnChatError


def _whole(draft: Draft, audit: JudgedAudit, *, is_blind: bool) -> dict[str, Answer]:
    """The answers with what follows from them: added findings fail a criterion, findings that are all wrong fail none.

    Of a blind review: as answers to the machine that the inspector has not seen.
    """
    outcomes = {criterion: outcome for criterion, outcome, _, _ in audit.results}
    answers = dict(draft.by_criterion)
    for one in draft.added:
        # Of a blind review the inspector does not know what the machine failed: words they marked fail it as well.
        if one.criterion not in answers and (is_blind or outcomes.get(one.criterion) != "fail"):
            answers[one.criterion] = Answer(one.criterion, "overrule", "fail", reason=one.comment)
    if is_blind:
        return {
            id: _seen(id, outcome, answers.get(id)) for id, outcome in outcomes.items() if outcome != "unscored"
        } | {id: one for id, one in answers.items() if outcomes.get(id, "unscored") == "unscored"}
    added = {one.criterion for one in draft.added}
    return {id: _plain(one, outcomes.get(id), audit, has_added=id in added) for id, one in answers.items()}


def _plain(one: Answer, outcome: str | None, audit: JudgedAudit, *, has_added: bool) -> Answer:
    places = {place for criterion, place in audit.findings if criterion == one.criterion}
    one = msgspec.structs.replace(one, wrong=tuple(sorted(places.intersection(one.wrong))))
    if one.kind == "confirm" and outcome == "fail" and not has_added and places and places <= set(one.wrong):
        return msgspec.structs.replace(one, kind="overrule", outcome="pass")
    if one.kind == "overrule" and one.outcome is None:
        return msgspec.structs.replace(one, outcome="pass" if outcome == "fail" else "fail")
    if one.kind == "overrule" and one.outcome == outcome:
        return msgspec.structs.replace(one, kind="confirm", outcome=None)
    return one


def _seen(id: str, outcome: str, one: Answer | None) -> Answer:
    """What an inspector said without knowing the machine's outcome, as a ruling on it."""
    if one is not None and one.kind in ("not_applicable", "not_the_agent"):
        return one
    said: Literal["pass", "fail"] = "pass"
    if one is not None:
        said = one.outcome or "pass"
    kind: Literal["confirm", "overrule"] = "confirm" if said == outcome else "overrule"
    reason = "" if one is None else one.reason
    return Answer(id, kind, None if kind == "confirm" else said, reason=reason, agent_id=one.agent_id if one else None)


def _refuse_unanswered(answers: Mapping[str, Answer], audit: JudgedAudit, *, is_blind: bool) -> None:
    failed = [criterion for criterion, outcome, _, _ in audit.results if outcome == "fail"]
    missing = [id for id in failed if id not in answers]
    unreasoned = [
        id for id, one in answers.items() if one.kind in _NEEDS_REASON and not one.reason.strip() and not is_blind
    ]
    unreasoned += [id for id, one in answers.items() if one.kind == "not_the_agent" and one.cause is None]
    if missing or unreasoned:
        raise UnansweredError(missing, unreasoned)


def _rulings(answers: Mapping[str, Answer], audit: JudgedAudit, ruled: RuledScore) -> tuple[NewRuling, ...]:
    before = {criterion: outcome for criterion, outcome, _, _ in audit.results}
    after = {one.criterion: one for one in ruled.criteria}
    return tuple(
        NewRuling(
            criterion=id,
            kind=one.kind,
            from_outcome=before.get(id, "not_applicable"),
            to_outcome=after[id].outcome,
            points=after[id].points,
            cause=one.cause,
            agent_id=one.agent_id,
            reason=one.reason.strip() or None,
        )
        for id, one in answers.items()
        if id in after
    )


def _finding_rulings(answers: Mapping[str, Answer], audit: JudgedAudit) -> dict[int, bool]:
    """Which findings are some, where the answer says it."""
    out = {}
    for (criterion, place), id in audit.findings.items():
        one = answers.get(criterion)
        if one is None:
            continue
        match one.kind:
            case "confirm" | "not_the_agent":
                out[id] = place not in one.wrong
            case "overrule" if one.outcome == "pass":
                out[id] = False
            case "not_applicable":
                out[id] = False
            case "answer":
                # Findings of what the machine left unscored are hints.
                out[id] = one.outcome == "fail" and place not in one.wrong
            case _:
                pass
    return out
