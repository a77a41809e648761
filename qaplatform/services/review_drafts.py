"""What an inspector has answered so far: the form of drafts, and of what is submitted.

A draft is kept as JSON in its work item and may come from a browser: it is read with the same care as any other input.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from qaplatform.audit.ruling import Cause, RulingKind
from qaplatform.errors import QAPlatformError

MOST_CHARS = 2_000
Text = Annotated[str, msgspec.Meta(max_length=MOST_CHARS)]
Id = Annotated[str, msgspec.Meta(max_length=100)]
Place = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


class BadDraftError(QAPlatformError):
    """The answers could not be read; reload the page, what was saved is still there."""

    code: ClassVar[str] = "review.form"


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is said of one criterion; ``outcome`` is asked of ``overrule`` and ``answer``."""

    criterion: Id
    kind: RulingKind
    outcome: Literal["pass", "fail"] | None = None
    wrong: tuple[Place, ...] = ()
    """Places of the machine's findings that are none."""
    cause: Cause | None = None
    agent_id: int | None = None
    reason: Text = ""


class Added(msgspec.Struct, frozen=True, omit_defaults=True):
    """Characters ``start:end`` of the original text of a message that fail a criterion."""

    criterion: Id
    message: Place
    start: Place
    end: Place
    comment: Text = ""


class Comment(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something to say to the agent, of the whole conversation or of a message."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=MOST_CHARS)]
    kind: Literal["comment", "praise"] = "comment"
    message: Place | None = None


class Draft(msgspec.Struct, frozen=True, omit_defaults=True):
    """All of it; at most one answer a criterion."""

    answers: Annotated[tuple[Answer, ...], msgspec.Meta(max_length=200)] = ()
    added: Annotated[tuple[Added, ...], msgspec.Meta(max_length=100)] = ()
    comments: Annotated[tuple[Comment, ...], msgspec.Meta(max_length=100)] = ()
    summary: Text = ""

    @property
    def by_criterion(self) -> Mapping[str, Answer]:
        """The answers."""
        return {one.criterion: one for one in self.answers}


def draft_of(stored: Mapping[str, Any]) -> Draft:
    """A draft as it is kept.

    Raises:
        BadDraftError: it has not the form.
    """
    try:
        draft = msgspec.convert(stored, Draft)
    except msgspec.ValidationError as error:
        raise BadDraftError from error
    return _checked(draft)


def parsed(text: str | bytes) -> Draft:
    """A draft as a browser sends it.

    Raises:
        BadDraftError: it is no JSON of this form.
    """
    try:
        draft = msgspec.json.decode(text, type=Draft)
    except msgspec.DecodeError as error:
        raise BadDraftError from error
    return _checked(draft)


def _checked(draft: Draft) -> Draft:
    if len(draft.by_criterion) < len(draft.answers):
        raise BadDraftError("a criterion is answered twice")
    if any(one.end <= one.start for one in draft.added):
        raise BadDraftError("an added finding holds no words")
    return draft


def stored(draft: Draft) -> dict[str, Any]:
    """The form in which it is kept; empty where nothing was answered. Neither database takes NUL."""
    kept: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(draft).replace(b"\\u0000", b""))
    return kept
