"""Putting the draft of a text for training aside: the same for lessons, questions, papers, drills, scenarios, paths and the focus."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.noting import note
from qaplatform.store.training.text_records import has_records
from qaplatform.store.training.texts import TextKind, drop_drafts, newest_texts, versions_of
from qaplatform.training.path_names import names_in_path


class DraftMovedOnError(QAPlatformError):
    """Somebody has saved since; look at what they wrote, then put it aside if it is to go all the same."""

    code: ClassVar[str] = "training.draft_moved_on"


class TextInUseError(QAPlatformError):
    """It was never published and would be gone with its draft, but a path names it or people have records of it."""

    code: ClassVar[str] = "training.text_in_use"


def drop_text_draft(
    session: Session,
    by: Viewer,
    kind: TextKind,
    code: str,
    *,
    seen_id: int,
    language: str = "",
    is_elsewhere: bool,
    now: datetime,
) -> bool:
    """Delete what was drafted since the last version that was no draft; whether anything of the text is left.

    Args:
        session: A writing transaction.
        by: Who puts it aside.
        kind: Of the text.
        code: Of the text.
        seen_id: The newest version they have seen.
        language: Of the draft, where the kind has languages.
        is_elsewhere: There is a text of this code without what was written here in this language: it is shipped, or there
            in another language.
        now: The time.

    Raises:
        AccessError: they may not write drafts.
        NotThereError: the newest version is no draft.
        DraftMovedOnError: there is a newer version than ``seen_id``.
        TextInUseError: nothing would be left of what others refer to.
    """
    by.demand("training.edit")
    found = versions_of(session, kind, code, language)
    if not found or found[0].state != "draft":
        raise NotThereError
    if found[0].id != seen_id:
        raise DraftMovedOnError
    is_left = is_elsewhere or any(one.state != "draft" for one in found)
    if not is_left and (_is_named(session, kind, code) or has_records(session, kind, code)):
        raise TextInUseError
    drop_drafts(session, kind, code, language)
    note(session, by, now, "training.text_dropped", ("learning_text", seen_id))
    return is_left


def _is_named(session: Session, kind: TextKind, code: str) -> bool:
    """Whether a path names it as it is written at now; what stands can name nothing that was never published."""
    return any(code in names_in_path(one.text).get(kind, ()) for one in newest_texts(session, "path"))
