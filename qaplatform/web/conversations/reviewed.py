"""What people have decided on a conversation, as its page shows it: the newest review in full, the ones before in a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qaplatform.formats.writing.plain import visible
from qaplatform.formats.writing.wording import Wording
from qaplatform.services.conversation_pages import ConversationPage
from qaplatform.store.reviews import GivenComment, GivenReview
from qaplatform.web.desk_words import CAUSES, COMMENTS, RULINGS
from qaplatform.web.i18n import LazyText


@dataclass(frozen=True, slots=True)
class RulingShown:
    """A decision on one criterion."""

    title: str
    kind: str
    said: LazyText
    outcome: str
    cause: LazyText | None
    agent: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class AddedShown:
    """A finding by a person."""

    title: str
    message: int
    words: str
    comment: str
    named: str
    """By what "coach this" knows it."""


@dataclass(frozen=True, slots=True)
class CommentShown:
    """Words to the agent."""

    kind: LazyText
    given: GivenComment


@dataclass(frozen=True, slots=True)
class ReviewedShown:
    """The newest review, and those before it."""

    review: GivenReview
    is_official: bool
    """Whether it is of the revision that the conversation has now."""
    changed: Sequence[RulingShown]
    """Where the person decided otherwise than the machine."""
    confirmed: Sequence[RulingShown]
    added: Sequence[AddedShown]
    comments: Sequence[CommentShown]
    earlier: Sequence[GivenReview]


def reviewed_of(page: ConversationPage, wording: Wording) -> ReviewedShown | None:
    """The reviews of a conversation in words; ``None`` without any."""
    if not page.reviews or page.rulings is None:
        return None
    parts = page.rulings
    rulings = [
        RulingShown(
            wording.title(one.criterion), one.kind, RULINGS[one.kind], one.to_outcome,
            CAUSES[one.cause] if one.cause else None, one.agent, one.reason or "",
        )
        for one in parts.rulings
    ]  # fmt: skip
    newest = page.reviews[0]
    return ReviewedShown(
        review=newest,
        is_official=newest.revision == page.read.listed.revision,
        changed=[one for one in rulings if one.kind != "confirm"],
        confirmed=[one for one in rulings if one.kind == "confirm"],
        added=[
            AddedShown(
                wording.title(one.criterion), one.message_number, _words(page, newest, one.message_number, one.start, one.end),
                one.comment, f"{one.criterion}|{one.message_number}|{one.start}|{one.end}",
            )
            for one in parts.added
        ],
        comments=[CommentShown(COMMENTS[one.kind], one) for one in parts.comments],
        earlier=page.reviews[1:],
    )  # fmt: skip


def _words(page: ConversationPage, review: GivenReview, message: int, start: int, end: int) -> str:
    """The words of a finding, where the revision they stand in is the one that is shown."""
    if page.read.revision != review.revision or not 0 <= message < len(page.masked):
        return ""
    masked = page.masked[message]
    shown_start, shown_end = masked.to_masked(start, end)
    return str(visible(masked.text[shown_start:shown_end]))
