"""What keeps a rubric from being drafted or published, in the words that people read."""

from __future__ import annotations

from typing import ClassVar

from qaplatform.errors import QAPlatformError


class UnknownRubricError(QAPlatformError):
    """There is no such rubric; look at the list of rubrics."""

    code: ClassVar[str] = "rubrics.unknown"


class UnknownDraftError(QAPlatformError):
    """There is no such draft; look at the list of drafts."""

    code: ClassVar[str] = "rubric_drafts.unknown"


class DraftMovedOnError(QAPlatformError):
    """Somebody else has changed the draft meanwhile; look at what they did, then make your change again."""

    code: ClassVar[str] = "rubric_drafts.moved_on"


class DraftClosedError(QAPlatformError):
    """The draft was published or dropped; open a new one."""

    code: ClassVar[str] = "rubric_drafts.closed"


class DraftFileError(QAPlatformError):
    """The rubric has no such file, or the file has more than 400,000 characters."""

    code: ClassVar[str] = "rubric_drafts.file"


class FaultyRubricError(QAPlatformError):
    """The rubric has mistakes and cannot be published; mend them first."""

    code: ClassVar[str] = "rubrics.faulty"


class OtherRubricError(QAPlatformError):
    """The id of a rubric stays as it is; put the old one back."""

    code: ClassVar[str] = "rubrics.other_id"


class RubricTieError(QAPlatformError):
    """Another rubric applies to the same conversations just as specifically; change where this one applies."""

    code: ClassVar[str] = "rubrics.tie"


class SameRubricError(QAPlatformError):
    """The files are those of the newest version; there is nothing to publish."""

    code: ClassVar[str] = "rubrics.same"


class RubricMovedOnError(QAPlatformError):
    """Somebody else has published meanwhile; look at the comparison again."""

    code: ClassVar[str] = "rubrics.moved_on"


class PastDayError(QAPlatformError):
    """A version holds from today or a later day, never from a day that has passed."""

    code: ClassVar[str] = "rubrics.past_day"


class NoteLengthError(QAPlatformError):
    """A note has at most 2,000 characters."""

    code: ClassVar[str] = "rubrics.note"
