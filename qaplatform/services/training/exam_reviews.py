"""Mentors look at exams: what waits for them, and rulings, which append; what stands is worked out anew from all of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.phrases import Words
from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.noting import note
from qaplatform.services.training.exam_grading import titles_of
from qaplatform.services.training.exam_judging import kept_result, restand
from qaplatform.services.training.exam_playing import rubric_of_sitting
from qaplatform.services.training.exam_standing import AS_BEFORE, NOTHING, KeptResult, act_of
from qaplatform.services.training.learners import learner_of_user
from qaplatform.store.training import exam_results, exams
from qaplatform.store.training.exam_results import Queue, ReviewRow, RulingKind
from qaplatform.store.training.exams import Sitting

MOST_REASON_CHARS = 2000
_DECISIONS: Mapping[RulingKind, frozenset[str]] = {
    "criterion": frozenset({"pass", "fail", "not_applicable", AS_BEFORE}),
    "task": frozenset({"met", "not_met", AS_BEFORE}),
    "verdict": frozenset({"passed", "failed", "void", AS_BEFORE}),
    "comment": frozenset({""}),
}


class OwnExamError(QAPlatformError):
    """This is your own exam; somebody else rules on it."""

    code: ClassVar[str] = "exam.own"


class BadRulingError(QAPlatformError):
    """Nothing of this dialogue can be ruled so; load the page anew and choose from what is there."""

    code: ClassVar[str] = "exam.ruling"


class RulingReasonError(QAPlatformError):
    """A ruling that changes something needs a reason, of 2000 characters at most; a comment needs words."""

    code: ClassVar[str] = "exam.reason"


class NewRuling(msgspec.Struct, frozen=True, kw_only=True):
    """What a mentor decides.

    ``subject`` is the criterion, the task item's id, or the number of the unread reply; empty for verdict and comment.
    ``decision``: ``pass``, ``fail``, ``not_applicable``; ``met``, ``not_met``; of an unread reply what it was, as scenarios
    write it (``offers refund due``), or ``nothing``; ``passed``, ``failed``, ``void``; ``machine`` takes the ruling on the
    subject back.
    """

    kind: RulingKind
    subject: str = ""
    decision: str = ""
    reason: str = ""


class ReviewPage(msgspec.Struct, frozen=True):
    """A page of dialogues to look at; titles by scenario."""

    rows: tuple[ReviewRow, ...]
    total: int
    titles: Mapping[str, Words]


def waiting(
    session: Session, viewer: Viewer, *, queue: Queue = "waiting", page: int = 1, page_size: int = 20
) -> ReviewPage:
    """Exams of people somebody coaches: those that wait for a mentor, the longest wait first; or all, the newest first.

    Raises:
        AccessError: they coach nobody.
    """
    viewer.demand("training.coach")
    rows, total = exam_results.to_review(
        session, viewer.scope("training.coach"), queue=queue, not_of=viewer.user_id, page=page, page_size=page_size
    )
    return ReviewPage(tuple(rows), total, titles_of(session, {one.dialogue.scenario for one in rows}))


def rule(session: Session, viewer: Viewer, dialogue_id: int, ruling: NewRuling, *, now: datetime) -> int:
    """Append a ruling on a judged dialogue of an exam or practice; its id.

    Raises:
        AccessError: they coach nobody.
        OwnExamError: it is their own.
        NotThereError: there is none, it is not judged, or not within their reach.
        BadRulingError, RulingReasonError: it cannot be so.
    """
    viewer.demand("training.coach")
    dialogue = exams.dialogue_of(session, dialogue_id)
    sitting = None if dialogue is None else exams.lock_sitting(session, dialogue.sitting_id)
    if sitting is None or sitting.purpose == "trial":
        raise NotThereError
    if sitting.user_id == viewer.user_id:
        raise OwnExamError
    learner_of_user(session, viewer, sitting.user_id, "training.coach")
    kept = kept_result(session, dialogue_id)
    if kept is None:
        raise NotThereError
    _check(session, sitting, kept, ruling)
    id = exam_results.add_ruling(
        session, dialogue_id,
        kind=ruling.kind, subject=ruling.subject, decision=ruling.decision, reason=ruling.reason.strip(),
        user_id=viewer.user_id, now=now,
    )  # fmt: skip
    if ruling.kind != "comment" and restand(session, dialogue_id) is None:
        raise NotThereError
    note(session, viewer, now, "training.exam_ruled", ("exam_dialogue", dialogue_id), kind=ruling.kind)
    return id


def _check(session: Session, sitting: Sitting, kept: KeptResult, ruling: NewRuling) -> None:
    if ruling.kind == "unread":
        numbers = {str(number) for number in kept.unread}
        is_right = ruling.subject in numbers and (
            ruling.decision in (NOTHING, AS_BEFORE) or act_of(ruling.decision) is not None
        )
    elif ruling.kind == "criterion":
        rubric = rubric_of_sitting(session, sitting)
        known = {one.id for one in rubric.criteria if not one.hint} if rubric is not None else set()
        is_right = ruling.subject in known and ruling.decision in _DECISIONS["criterion"]
    elif ruling.kind == "task":
        is_right = ruling.subject in {one.id for one in kept.task.items} and ruling.decision in _DECISIONS["task"]
    else:
        is_right = not ruling.subject and ruling.decision in _DECISIONS[ruling.kind]
    if not is_right:
        raise BadRulingError
    needs_reason = ruling.kind != "unread" and ruling.decision != AS_BEFORE
    agrees = ruling.kind == "verdict" and ruling.decision == ("failed" if kept.is_silent else kept.verdict)
    reason = ruling.reason.strip()
    if len(reason) > MOST_REASON_CHARS or "\0" in reason or (needs_reason and not agrees and not reason):
        raise RulingReasonError
