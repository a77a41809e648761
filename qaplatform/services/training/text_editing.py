"""Editing a question, paper or drill as YAML: the newest version, mistakes at their lines, drafts, publishing, taking back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.problem import Problem
from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.training.texts import Writing, write_text
from qaplatform.store.sampling import user_names
from qaplatform.store.training.texts import StoredText, TextKind, versions_of


class TextMovedOnError(QAPlatformError):
    """Somebody has saved another version meanwhile; compare it with yours, and save again if yours is to stand."""

    code: ClassVar[str] = "training.text_moved_on"


class FaultyTextError(QAPlatformError):
    """There are mistakes in it; put them right before you publish it, or keep it as a draft."""

    code: ClassVar[str] = "training.text_faulty"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__()
        self.problems = tuple(problems)


class TextVersion(msgspec.Struct, frozen=True):
    """A version, and who wrote it."""

    id: int
    state: str
    """A state of texts, or ``reset``: the shipped text was put back."""
    user_name: str
    created_at: datetime


class EditedText(msgspec.Struct, frozen=True):
    """A text as its editor begins with it."""

    code: str
    text: str
    base_id: int
    """The newest version there is; 0 where nothing was written here."""
    is_draft: bool
    versions: tuple[TextVersion, ...]


def edited_text(
    session: Session, kind: TextKind, code: str, otherwise: str, *, version_id: int | None = None
) -> EditedText:
    """The newest version (or a certain one) of a text; ``otherwise`` where nothing was written here, or it was withdrawn."""
    found = versions_of(session, kind, code)
    chosen = next((one for one in found if one.id == version_id), found[0] if found else None)
    names = user_names(session, {one.user_id for one in found})
    return EditedText(
        code,
        chosen.text if chosen is not None and chosen.text else otherwise,
        found[0].id if found else 0,
        bool(found) and found[0].state == "draft",
        tuple(
            TextVersion(one.id, "reset" if one.puts_back else one.state, names.get(one.user_id, ""), one.created_at)
            for one in found
        ),
    )


def keep_text(
    session: Session,
    by: Viewer,
    writing: Writing,
    problems: Sequence[Problem],
    *,
    base_id: int,
    publish: bool,
    now: datetime,
) -> int:
    """Keep a text as a draft, mistakes and all, or publish one without; its id.

    Raises:
        AccessError, TextCodeError, TextTooLongError: as ``write_text`` says.
        TextMovedOnError: there is a newer version than ``base_id``.
        FaultyTextError: it has mistakes and was to be published.
    """
    by.demand("training.publish" if publish else "training.edit")
    check_base(session, writing.kind, writing.code, base_id)
    if publish and any(one.severity == "error" for one in problems):
        raise FaultyTextError(problems)
    return write_text(session, by, writing, state="published" if publish else "draft", now=now)


def check_base(session: Session, kind: TextKind, code: str, base_id: int) -> None:
    """Make sure that nobody has written meanwhile.

    Raises:
        TextMovedOnError: somebody has.
    """
    found: list[StoredText] = versions_of(session, kind, code)
    if (found[0].id if found else 0) != base_id:
        raise TextMovedOnError


def withdraw_text(session: Session, by: Viewer, kind: TextKind, code: str, *, now: datetime) -> int:
    """Take a text back, the shipped one as well; what was answered stays.

    Raises:
        AccessError: they may not.
    """
    return write_text(session, by, Writing(kind=kind, code=code, text=""), state="withdrawn", now=now)


def put_back_text(session: Session, by: Viewer, kind: TextKind, code: str, *, now: datetime) -> int:
    """Let the shipped text stand again, this one and those of later releases; what was written here stays among the versions.

    Raises:
        AccessError: they may not.
    """
    return write_text(session, by, Writing(kind=kind, code=code, text=""), state="published", now=now)
