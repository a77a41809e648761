"""The library of drills for those who write it: which there are and how they went, one with its text, versions and mistakes."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import ClassVar, Literal

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.phrases import Words
from qaplatform.audit.problem import Problem
from qaplatform.audit.saying import say
from qaplatform.errors import QAPlatformError
from qaplatform.resources import folder_texts, shipped_folder
from qaplatform.services.access import Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.training.catalogue import drills_now
from qaplatform.services.training.draft_dropping import drop_text_draft
from qaplatform.services.training.drill_examples import Example, judged_examples
from qaplatform.services.training.rubric_keys import criterion_titles
from qaplatform.services.training.text_editing import (
    EditedText,
    edited_text,
    keep_text,
    put_back_text,
    withdraw_text,
)
from qaplatform.services.training.texts import Writing
from qaplatform.store.training.drill_library import Played, follow_drill, played_drills
from qaplatform.store.training.texts import StoredText, last_written_texts, newest_texts, standing_texts
from qaplatform.training.drill_fields import DrillFields, drill_yaml, fields_in
from qaplatform.training.drill_loading import check_drills, shipped_drills
from qaplatform.training.drills import Drill

EDIT, PUBLISH = "training.edit", "training.publish"
Origin = Literal["shipped", "changed", "own"]
State = Literal["standing", "withdrawn", "unborn"]
"""``unborn``: there are only drafts of it."""


class DrillTakenError(QAPlatformError):
    """There is a drill of this id already, perhaps withdrawn; choose another id, or edit that one."""

    code: ClassVar[str] = "drills.taken"


class DrillFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for; what is empty is any."""

    text: str = ""
    criterion: str = ""
    language: str = ""
    """``en``: only what is there in English."""
    origin: str = ""
    state: str = ""
    """A :data:`State`, or ``draft``: with a draft that is not published."""


class DrillLine(msgspec.Struct, frozen=True):
    """A drill of the list."""

    code: str
    title: Words
    criterion: str
    customer: str
    """What the customer says last; empty where a draft cannot be read."""
    has_english: bool
    origin: Origin
    state: State
    has_draft: bool
    played: Played


class DrillPage(msgspec.Struct, frozen=True):
    """A page of the list, with the criteria one may choose from."""

    lines: tuple[DrillLine, ...]
    total: int
    criteria: tuple[str, ...]


class DrillSeen(msgspec.Struct, frozen=True):
    """A drill as its author sees it."""

    code: str
    drill: Drill | None
    """As the text reads; ``None``: it cannot be read."""
    fields: DrillFields | None
    """The text for a form; ``None``: a form cannot show it."""
    origin: Origin
    state: State
    text: EditedText
    problems: tuple[Problem, ...]
    examples: tuple[Example, ...]
    played: Played

    @property
    def can_be_put_back(self) -> bool:
        """Whether a shipped drill waits behind what was written here, or was withdrawn."""
        return self.origin == "changed" or (self.origin == "shipped" and self.state == "withdrawn")


def drill_page(session: Session, viewer: Viewer, wanted: DrillFilter, *, page: int, page_size: int) -> DrillPage:
    """A page of the library, by criterion and id.

    Raises:
        AccessError: they don't write drills.
    """
    viewer.demand(EDIT)
    known, standing = drills_now(session).by_id, {one.code: one for one in standing_texts(session, "drill")}
    newest = {one.code: one for one in newest_texts(session, "drill")}
    written = {one.code: one.text for one in last_written_texts(session, "drill")}
    played, nobody = played_drills(session), Played()
    lines = []
    for code in {*shipped_drills().by_id, *newest}:
        drill, text = known.get(code), written.get(code, "")
        drill = drill or read_drill(code, text) or shipped_drills().by_id.get(code)
        fields = None if drill is not None else fields_in(text)
        title = drill.title if drill else fields.title if fields else None
        lines.append(
            DrillLine(
                code=code,
                title=title if title and title.zh else Words(code, code),
                criterion=drill.criterion if drill else fields.criterion if fields else "",
                customer=drill.situation("zh").messages[-1].text if drill else "",
                has_english=drill is not None and "en" in drill.wordings,
                origin=_origin(code, standing.get(code)),
                state=_state(code, standing.get(code)),
                has_draft=code in newest and newest[code].state == "draft",
                played=played.get(code, nobody),
            )
        )
    lines.sort(key=lambda one: (one.criterion, one.code))
    kept = [one for one in lines if _fits(one, wanted)]
    first = (page - 1) * page_size
    criteria = sorted({one.criterion for one in lines if one.criterion})
    return DrillPage(tuple(kept[first : first + page_size]), len(kept), tuple(criteria))


def _fits(line: DrillLine, wanted: DrillFilter) -> bool:
    haystack = f"{line.code}\n{line.title.zh}\n{line.title.en}\n{line.customer}".casefold()
    return (
        wanted.text.casefold() in haystack
        and wanted.criterion in ("", line.criterion)
        and (wanted.language != "en" or line.has_english)
        and wanted.origin in ("", line.origin)
        and (wanted.state in ("", line.state) or (wanted.state == "draft" and line.has_draft))
    )


def drill_seen(
    session: Session, viewer: Viewer, code: str, *, version_id: int | None = None, now: datetime
) -> DrillSeen:
    """A drill with its text, versions, how its examples are judged and what is wrong with it.

    Raises:
        AccessError: they don't write drills.
        NotThereError: there is neither a drill nor a version of one.
    """
    viewer.demand(EDIT)
    return _seen(session, _text_of(session, code, version_id), now=now)


def written_drill(session: Session, viewer: Viewer, code: str, text: str, *, now: datetime) -> DrillSeen:
    """The same with another text, to be looked at before it is kept.

    Raises:
        AccessError, NotThereError: as :func:`drill_seen`.
    """
    viewer.demand(EDIT)
    return _seen(session, msgspec.structs.replace(_text_of(session, code), text=text), now=now)


def new_drill(
    session: Session, viewer: Viewer, *, like: str | None = None, criterion: str = "", now: datetime
) -> DrillFields:
    """What a new drill begins with: a free id, and what another one (``like``) says.

    Raises:
        AccessError: they don't write drills.
        NotThereError: there is no such other one, or no form can show it.
    """
    viewer.demand(EDIT)
    taken = _taken(session)
    if like is None:
        code = next(f"own-{n}" for n in range(1, 100_000) if f"own-{n}" not in taken)
        return DrillFields(id=code, criterion=criterion)
    fields = drill_seen(session, viewer, like, now=now).fields
    if fields is None:
        raise NotThereError
    code = next(f"{like[:70]}-{n}" for n in range(2, 100_000) if f"{like[:70]}-{n}" not in taken)
    return msgspec.structs.replace(fields, id=code, kept="")


def create_drill(session: Session, viewer: Viewer, code: str, text: str, *, now: datetime) -> int:
    """Keep the first draft of a drill under an id of its own; the version's id.

    Raises:
        AccessError: they may not.
        DrillTakenError: the id is in use.
        TextCodeError, TextTooLongError: it cannot be so.
    """
    viewer.demand(EDIT)
    if code in _taken(session):
        raise DrillTakenError
    return keep_text(
        session, viewer, Writing(kind="drill", code=code, text=text), (), base_id=0, publish=False, now=now
    )


def save_drill(
    session: Session, viewer: Viewer, code: str, text: str, *, base_id: int, publish: bool, now: datetime
) -> int:
    """Keep a drill as a draft, or let it stand from now on; the version's id. Cards people have of it follow.

    Raises:
        AccessError: they may not.
        NotThereError: nobody has begun it.
        TextMovedOnError, FaultyTextError, TextTooLongError: it cannot be kept so.
    """
    _text_of(session, code)
    drill, problems, _ = check_drill_text(session, code, text, now=now) if publish else (None, (), ())
    writing = Writing(kind="drill", code=code, text=text)
    id = keep_text(session, viewer, writing, problems, base_id=base_id, publish=publish, now=now)
    if drill is not None:
        follow_drill(session, code, drill.criterion, now=now)
    return id


def drop_draft(session: Session, viewer: Viewer, code: str, *, seen_id: int, now: datetime) -> bool:
    """Put the draft aside for good; whether anything of the drill is left.

    Raises:
        AccessError: they may not.
        NotThereError: there is no draft.
        DraftMovedOnError: somebody has saved since.
        TextInUseError: it was never published, and others refer to it.
    """
    is_shipped = code in shipped_drills().by_id
    return drop_text_draft(session, viewer, "drill", code, seen_id=seen_id, is_elsewhere=is_shipped, now=now)


def withdraw_drill(session: Session, viewer: Viewer, code: str, *, now: datetime) -> None:
    """Take a drill back: nobody gets it any more, and cards of it come up no more; answers stay.

    Raises:
        AccessError: they may not.
        NotThereError: it does not stand.
    """
    viewer.demand(PUBLISH)
    if code not in drills_now(session).by_id:
        raise NotThereError
    withdraw_text(session, viewer, "drill", code, now=now)
    follow_drill(session, code, None, now=now)


def put_back_drill(session: Session, viewer: Viewer, code: str, *, now: datetime) -> None:
    """Let the shipped drill stand again, instead of what was written here or though it was withdrawn.

    Raises:
        AccessError: they may not.
        NotThereError: it stands already, or none was shipped.
    """
    viewer.demand(PUBLISH)
    shipped = shipped_drills().by_id.get(code)
    if shipped is None or all(one.code != code for one in standing_texts(session, "drill")):
        raise NotThereError
    put_back_text(session, viewer, "drill", code, now=now)
    follow_drill(session, code, shipped.criterion, now=now)


def check_drill_text(
    session: Session, code: str, text: str, *, now: datetime
) -> tuple[Drill | None, tuple[Problem, ...], tuple[Example, ...]]:
    """The drill of a text, what is wrong with it at its lines, and how its examples are judged under the live rubric."""
    path = f"{code}.yaml"
    drills, problems = check_drills({path: text}, list(criterion_titles(session, now=now)))
    if drills is None:
        return None, problems, ()
    drill = drills.by_id.get(code)
    if drill is None or len(drills.by_id) != 1:
        line = next((n for n, one in enumerate(text.split("\n"), 1) if "id:" in one), 1)
        found = tuple(drills.by_id) or (say("none"),)
        said = say("there must be one drill, with the id {code!r}, not {found}", code=code, found=found)
        return None, (*problems, Problem(path, line, 1, said)), ()
    examples = judged_examples(session, drill, now=now)
    wrong = (one.problem(path, text) for one in examples)
    return drill, (*problems, *(one for one in wrong if one is not None)), examples


def read_drill(code: str, text: str) -> Drill | None:
    """The drill of a text, if it is one."""
    drills, _ = check_drills({f"{code}.yaml": text}) if text else (None, ())
    return None if drills is None else drills.by_id.get(code)


@lru_cache(maxsize=256)
def shipped_text(code: str) -> str:
    """A shipped drill as a file of its own; empty where there is none."""
    if code not in shipped_drills().by_id:
        return ""
    texts = folder_texts(shipped_folder("packs") / "drills").values()
    found = next(fields for text in texts if (fields := fields_in(text, code)) is not None)
    return drill_yaml(msgspec.structs.replace(found, kept=""))


def _text_of(session: Session, code: str, version_id: int | None = None) -> EditedText:
    text = edited_text(session, "drill", code, _otherwise(session, code), version_id=version_id)
    if not text.versions and code not in shipped_drills().by_id:
        raise NotThereError
    return text


def _otherwise(session: Session, code: str) -> str:
    """What is written on at where the newest version is empty: after a withdrawal what was withdrawn."""
    standing = next((one for one in standing_texts(session, "drill") if one.code == code), None)
    if standing is not None and standing.state == "withdrawn":
        last = next((one.text for one in last_written_texts(session, "drill") if one.code == code), "")
        return last or shipped_text(code)
    return shipped_text(code)


def _seen(session: Session, text: EditedText, *, now: datetime) -> DrillSeen:
    code = text.code
    standing = next((one for one in standing_texts(session, "drill") if one.code == code), None)
    drill, problems, examples = check_drill_text(session, code, text.text, now=now)
    played = played_drills(session).get(code, Played())
    fields = fields_in(text.text)
    return DrillSeen(
        code, drill, fields, _origin(code, standing), _state(code, standing), text, problems, examples, played
    )


def _taken(session: Session) -> set[str]:
    # "new" is the address of the page on which one begins.
    return {"new", *shipped_drills().by_id, *(one.code for one in newest_texts(session, "drill"))}


def _origin(code: str, standing: StoredText | None) -> Origin:
    if code not in shipped_drills().by_id:
        return "own"
    return "changed" if standing is not None and standing.state == "published" else "shipped"


def _state(code: str, standing: StoredText | None) -> State:
    if standing is not None:
        return "withdrawn" if standing.state == "withdrawn" else "standing"
    return "standing" if code in shipped_drills().by_id else "unborn"
