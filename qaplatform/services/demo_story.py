"""The demo's two new hires and two colleagues who were coached, as ``samples/training.yaml`` tells of them.

Every mistake in it is said at path:line:column.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec

from qaplatform.audit.problem import Report, SourceError
from qaplatform.audit.yaml_source import compose
from qaplatform.audit.yaml_structs import read_struct
from qaplatform.audit.yaml_values import Values
from qaplatform.resources import shipped_file
from qaplatform.store.training.problem_points import Cause, Severity

NO_CRITERION = "-"


class StoryError(SourceError):
    """The story of the demo's new hires cannot be played; see ``problems``."""


class ToldPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A problem point of a day."""

    criterion: str
    cause: Cause
    severity: Severity
    what: str
    coaching: str
    next_step: str
    due_days: int


class ToldLog(msgspec.Struct, frozen=True, kw_only=True):
    """A day's log."""

    day: date
    summary: str
    points: tuple[ToldPoint, ...] = ()
    answer: str = ""
    """What the new hire says to it."""
    reply: str = ""
    """What the mentor says to that."""


class ToldReading(msgspec.Struct, frozen=True):
    """Lessons read on a day."""

    day: date
    read: tuple[str, ...]


class ToldTest(msgspec.Struct, frozen=True):
    """An attempt at a step's test; so much of it is answered right (0–1)."""

    day: date
    step: str
    right: float


class ToldRecord(msgspec.Struct, frozen=True):
    """A talk or a case."""

    day: date
    step: str
    text: str


class ToldDrills(msgspec.Struct, frozen=True):
    """Drills of a day; so much of them is answered well (0–1)."""

    day: date
    criteria: tuple[str, ...]
    count: int
    right: float


class ToldAnswer(msgspec.Struct, frozen=True):
    """What somebody answers to the drill a mentor gave them."""

    day: date
    says: str


class ToldReply(msgspec.Struct, frozen=True):
    """What is said instead of one of the replies that pass, counted from 1."""

    reply: int
    says: str


class ToldRuling(msgspec.Struct, frozen=True):
    """What the mentor ruled on an exam."""

    kind: Literal["criterion", "task", "verdict", "comment"]
    reason: str
    subject: str = ""
    decision: str = ""


class ToldExam(msgspec.Struct, frozen=True):
    """A mock exam, played as it passes (:attr:`Story.passes`), but for some replies."""

    day: date
    scenario: str
    instead: tuple[ToldReply, ...] = ()
    rulings: tuple[ToldRuling, ...] = ()


class Hire(msgspec.Struct, frozen=True, kw_only=True):
    """A new hire."""

    agent: str
    """Code."""
    mentor: str
    user: str
    hired_on: date
    exam_step: str
    logs: tuple[ToldLog, ...]
    lessons: tuple[ToldReading, ...] = ()
    tests: tuple[ToldTest, ...] = ()
    talks: tuple[ToldRecord, ...] = ()
    cases: tuple[ToldRecord, ...] = ()
    drills: tuple[ToldDrills, ...] = ()
    exams: tuple[ToldExam, ...] = ()


class Coached(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody experienced whom a mentor coached in what their chats kept missing."""

    agent: str
    """Code."""
    user: str
    """The login of the account that the admin makes for them."""
    name: str
    mentor: str
    logs: tuple[ToldLog, ...]
    given: tuple[ToldAnswer, ...] = ()
    lessons: tuple[ToldReading, ...] = ()
    drills: tuple[ToldDrills, ...] = ()


class ToldFocus(msgspec.Struct, frozen=True):
    """The product focus of a week."""

    title: str
    body: str


class Story(msgspec.Struct, frozen=True):
    """All of it."""

    path: str
    last_day: date
    """The Friday on which the third week ends."""
    hires: tuple[Hire, ...]
    passes: Mapping[str, tuple[str, ...]]
    """Scenario → replies that pass it, one for each of its good reference and in words of one's own: what is pasted earns nothing."""
    coached: tuple[Coached, ...] = ()
    focuses: tuple[ToldFocus, ...] = ()
    """Of the week the demo is made in and of those that follow."""


def load_story(path: Path) -> Story:
    """The story of a file.

    Raises:
        StoryError: with every mistake in it.
    """
    report = Report()
    report.opened(path.as_posix())
    root = compose(path.as_posix(), path.read_text(encoding="utf-8-sig"), report)
    found = read_struct(Values(report), root, Story, "the story")
    if found is None or report.problems:
        raise StoryError(report.problems)
    return found


@lru_cache(maxsize=1)
def shipped_story() -> Story:
    """The one that ships with the program."""
    return load_story(shipped_file("samples", "training.yaml"))
