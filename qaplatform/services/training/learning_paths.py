"""Learning paths as they are written here: drafts with their mistakes, publishing, taking back, and what changed when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Literal

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.problem import Problem
from qaplatform.errors import QAPlatformError
from qaplatform.resources import shipped_folder
from qaplatform.services.access import Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.rubric_books import rubric_book
from qaplatform.services.rubric_diffs import FileDiff, file_diffs
from qaplatform.services.training.catalogue import known_ids, paths_now
from qaplatform.services.training.draft_dropping import drop_text_draft
from qaplatform.services.training.texts import TextCodeError, Writing, write_text
from qaplatform.services.yaml_edits import UneditableYamlError, Value, YamlText
from qaplatform.store.activity_subjects import names_of
from qaplatform.store.nul import without_nul
from qaplatform.store.training.enrolments import running_by_path
from qaplatform.store.training.texts import StoredText, newest_texts, standing_texts, versions_of
from qaplatform.training.path_loading import KnownIds, check_paths, shipped_paths
from qaplatform.training.paths import Path, Step

EDIT, PUBLISH = "training.edit", "training.publish"
_ID = re.compile(r"^id:.*$", re.MULTILINE)
State = Literal["shipped", "published", "withdrawn", "draft"]


class PathMovedOnError(QAPlatformError):
    """Somebody else has saved this path since you opened it; look at what they changed, then save again."""

    code: ClassVar[str] = "training.path_moved_on"


class PathFaultyError(QAPlatformError):
    """The path has mistakes; put them right before it is published."""

    code: ClassVar[str] = "training.path_faulty"


class PathInUseError(QAPlatformError):
    """People are on this path; put them on another one before it is taken back."""

    code: ClassVar[str] = "training.path_in_use"


class PathTakenError(QAPlatformError):
    """There is a path of this id already; choose another id."""

    code: ClassVar[str] = "training.path_taken"


class PathStepError(QAPlatformError):
    """A step has a title in Chinese and English, and whole numbers of days and times from 1 on."""

    code: ClassVar[str] = "training.path_step"


class PathLine(msgspec.Struct, frozen=True):
    """A path in the list."""

    code: str
    path: Path | None
    """As it stands; ``None``: only a draft, or withdrawn."""
    state: State
    has_draft: bool
    """A draft is newer than what stands."""
    people: int


class PathVersion(msgspec.Struct, frozen=True):
    """One version of a path's text; the shipped one has no id."""

    id: int | None
    state: State
    text: str
    user_name: str | None
    created_at: datetime | None
    diffs: tuple[FileDiff, ...] = ()
    """From the version before."""


class PathText(msgspec.Struct, frozen=True):
    """The text somebody goes on writing at, with its mistakes."""

    code: str
    text: str
    seen: int
    """The newest version's id; 0 where there is only the shipped one."""
    state: State
    standing: str
    """The text that stands now, empty where none does."""
    problems: tuple[Problem, ...] = ()
    path: Path | None = None
    is_unborn: bool = False
    """There are only drafts of it."""

    @property
    def diffs(self) -> list[FileDiff]:
        """What publishing would change."""
        return file_diffs({f"{self.code}.yaml": self.standing}, {f"{self.code}.yaml": self.text})


def path_lines(session: Session) -> list[PathLine]:
    """All paths by id, those that are only drafts or were withdrawn among them."""
    paths, people = paths_now(session), running_by_path(session)
    newest = {one.code: one for one in newest_texts(session, "path")}
    standing = {one.code: one.state for one in standing_texts(session, "path")}
    return [
        PathLine(
            code=code,
            path=paths.get(code),
            state=standing.get(code) or ("shipped" if code in shipped_paths() else "draft"),
            has_draft=code in newest and newest[code].state == "draft",
            people=people.get(code, 0),
        )
        for code in sorted({*paths, *newest, *shipped_paths()})
    ]


def path_named(session: Session, code: str) -> Path:
    """A path that stands.

    Raises:
        NotThereError: there is none of that id.
    """
    found = paths_now(session).get(code)
    if found is None:
        raise NotThereError
    return found


def path_text(session: Session, code: str, *, now: datetime, written: str | None = None) -> PathText:
    """What to go on writing at: the newest draft, or else what stands; or what was ``written`` and could not be saved.

    Raises:
        NotThereError: there never was such a path.
    """
    versions = versions_of(session, "path", code)
    shipped = shipped_text(code)
    if not versions and not shipped:
        raise NotThereError
    standing = _standing_text(versions, shipped)
    newest = next((one for one in versions if one.text), None)
    text = written if written is not None else newest.text if newest else shipped
    path, problems = checked(session, code, text, now=now)
    state: State = versions[0].state if versions else "shipped"
    is_unborn = not shipped and all(one.state == "draft" for one in versions)
    return PathText(code, text, versions[0].id if versions else 0, state, standing, problems, path, is_unborn)


def checked(session: Session, code: str, text: str, *, now: datetime) -> tuple[Path | None, tuple[Problem, ...]]:
    """The path a text holds, and its mistakes; what it names must exist here and now."""
    paths, problems = check_paths({f"{code}.yaml": text}, _known(session, now))
    return (paths or {}).get(code), problems


def save_draft(session: Session, by: Viewer, code: str, text: str, *, seen: int, now: datetime) -> int:
    """Save a text, mistakes and all; the version's id.

    Raises:
        AccessError: ``by`` may not write.
        PathMovedOnError: another version was saved since ``seen``.
        TextCodeError, TextTooLongError: it cannot be so.
    """
    by.demand(EDIT)
    _demand_newest(session, code, seen)
    return write_text(session, by, Writing(kind="path", code=code, text=_plain(text)), state="draft", now=now)


def publish(session: Session, by: Viewer, code: str, text: str, *, seen: int, now: datetime) -> int:
    """Let a text stand from now on; the version's id. Whoever is on the path goes on by it.

    Raises:
        AccessError: ``by`` may not publish.
        PathMovedOnError: another version was saved since ``seen``.
        PathFaultyError: it has mistakes.
    """
    by.demand(PUBLISH)
    _demand_newest(session, code, seen)
    path, _problems = checked(session, code, _plain(text), now=now)
    if path is None:
        raise PathFaultyError
    return write_text(session, by, Writing(kind="path", code=code, text=_plain(text)), state="published", now=now)


def drop_draft(session: Session, by: Viewer, code: str, *, seen_id: int, now: datetime) -> bool:
    """Put the draft aside for good; whether anything of the path is left.

    Raises:
        AccessError: they may not.
        NotThereError: there is no draft.
        DraftMovedOnError: somebody has saved since.
        TextInUseError: it was never published, and others refer to it.
    """
    is_shipped = code in shipped_paths()
    return drop_text_draft(session, by, "path", code, seen_id=seen_id, is_elsewhere=is_shipped, now=now)


def withdraw(session: Session, by: Viewer, code: str, *, now: datetime) -> None:
    """Take a path back: nobody can be put on it any more.

    Raises:
        AccessError: ``by`` may not publish.
        NotThereError: it does not stand.
        PathInUseError: somebody is on it.
    """
    by.demand(PUBLISH)
    path_named(session, code)
    if running_by_path(session).get(code):
        raise PathInUseError
    write_text(session, by, Writing(kind="path", code=code, text=""), state="withdrawn", now=now)


def copy_path(session: Session, by: Viewer, source: str, code: str, *, now: datetime) -> int:
    """Begin a new path as a draft that says the same as another one under an id of its own.

    Raises:
        AccessError: ``by`` may not write.
        NotThereError: there is no such path to copy.
        PathTakenError, TextCodeError: the id cannot be so.
    """
    by.demand(EDIT)
    text = path_text(session, source, now=now).text
    if versions_of(session, "path", code) or shipped_text(code):
        raise PathTakenError
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,59}", code):
        raise TextCodeError
    text = _ID.sub(f"id: {code}", text, count=1)
    return write_text(session, by, Writing(kind="path", code=code, text=text), state="draft", now=now)


def step_changed(text: str, step: Step, *, title: Mapping[str, str], due: int, times: int) -> str:
    """A path's text with what is often changed of one step; everything else stays as it was written.

    Raises:
        PathStepError: a title is empty, or a number is none.
        UneditableYamlError: the text cannot be changed so without disturbing the rest.
    """
    if due < 1 or times < 1 or not all(title.get(one, "").strip() for one in ("zh", "en")):
        raise PathStepError
    yaml = YamlText(text)
    place = _place_of(yaml, step.id)
    said: dict[str, Value] = {}
    if due != step.due_working_day:
        said["due_working_day"] = due
    if step.kind not in {"lesson", "theory_test"} and times != step.times:
        said["days" if step.kind == "accompanied_chats" else "times"] = times
    words = {one: title[one].strip() for one in ("zh", "en")}
    if words != {"zh": step.title.zh, "en": step.title.en}:
        said |= {f"title.{language}": word for language, word in words.items()}
    for key, value in said.items():
        yaml = yaml.with_value([*place, *key.split(".")], value)
    return yaml.text


def versions(session: Session, code: str) -> list[PathVersion]:
    """All versions of a path, the newest first, the shipped one last; each with what it changed.

    Raises:
        NotThereError: there never was such a path.
    """
    stored, shipped = versions_of(session, "path", code), shipped_text(code)
    if not stored and not shipped:
        raise NotThereError
    names = names_of(session, {("user", one.user_id) for one in stored})
    name, out = f"{code}.yaml", []
    texts = [one.text for one in stored] + ([shipped] if shipped else [])
    for place, one in enumerate(stored):
        before = texts[place + 1] if place + 1 < len(texts) else ""
        diffs = tuple(file_diffs({name: before}, {name: one.text})) if one.state != "withdrawn" else ()
        out.append(PathVersion(one.id, one.state, one.text, names.get(("user", one.user_id)), one.created_at, diffs))
    if shipped:
        out.append(PathVersion(None, "shipped", shipped, None, None))
    return out


def shipped_text(code: str) -> str:
    """The text of a path that ships with the program; empty where there is none."""
    file = shipped_folder("packs") / "paths" / f"{code}.yaml"
    return file.read_text(encoding="utf-8") if code in shipped_paths() else ""


def _place_of(yaml: YamlText, id: str) -> list[str | int]:
    for stage in range(100):
        for step in range(200):
            node = yaml.find(["stages", stage, "steps", step, "id"])
            if node is None:
                break
            if node.value == id:
                return ["stages", stage, "steps", step]
    raise UneditableYamlError


def _known(session: Session, now: datetime) -> KnownIds:
    book = rubric_book(session).on(now)
    return known_ids(session, frozenset(one.id for rubric in book for one in rubric.rubric.criteria))


def _standing_text(versions: list[StoredText], shipped: str) -> str:
    standing = next((one for one in versions if one.state != "draft"), None)
    return shipped if standing is None else standing.text


def _demand_newest(session: Session, code: str, seen: int) -> None:
    stored = versions_of(session, "path", code)
    if (stored[0].id if stored else 0) != seen:
        raise PathMovedOnError


def _plain(text: str) -> str:
    text = without_nul(text.replace("\r\n", "\n")).strip("\n")
    return f"{text}\n"
