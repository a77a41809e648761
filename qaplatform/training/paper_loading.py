"""Reading theory tests: ``packs/papers/*.yaml``, every mistake at path:line:column; and the tests that paths hold."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path as FilePath
from pathlib import PurePosixPath
from typing import Any

from qaplatform.audit.phrases import Words
from qaplatform.audit.problem import Problem, Report, SourceError
from qaplatform.audit.saying import Saying, say
from qaplatform.audit.yaml_source import Node, Scalar, compose, did_you_mean
from qaplatform.audit.yaml_values import Fields, Values
from qaplatform.resources import folder_texts, shipped_folder
from qaplatform.training.drawing import Wanted
from qaplatform.training.papers import PaperRules
from qaplatform.training.path_loading import KnownIds
from qaplatform.training.paths import Path, Step
from qaplatform.training.questions import HARDEST, KINDS

_NEEDED = ("id", "title", "sections", "pass_ratio")
_KEYS = (*_NEEDED, "description", "time_limit_minutes", "attempts", "wait_hours", "shows_answers", "practice")
_NAMED: Mapping[str, Saying] = {
    "questions": say("question"),
    "topics": say("topic"),
    "kinds": say("kind"),
    "criteria": say("criterion"),
    "tasks": say("task"),
}
"""What the names under a key are of."""
_SECTION_KEYS = ("count", "topics", "difficulties", "kinds", "tasks", "criteria", "questions")
_TASKS = ("mark", "better", "score")
_MOST_QUESTIONS = 200
_MOST_MINUTES = 600
_MOST_HOURS = 24 * 60
SECONDS_A_QUESTION = 90
"""Time for a question of a path's test, which says nothing of time itself."""
STEP_WAIT_HOURS = 1.0
"""Between two attempts at a path's test; somebody who did not pass is expected to look things up first."""


class PaperError(SourceError):
    """Theory tests cannot be used; see ``problems``."""


def load_papers(folder: FilePath, known: KnownIds | None = None) -> Mapping[str, PaperRules]:
    """All tests of a folder by id.

    Raises:
        PaperError: with every mistake of all files.
    """
    files = folder_texts(folder)
    papers, problems = check_papers(files, known)
    if papers is None:
        raise PaperError(problems)
    return papers


@lru_cache(maxsize=1)
def shipped_papers() -> Mapping[str, PaperRules]:
    """The tests that ship with the program."""
    return load_papers(shipped_folder("packs") / "papers")


def check_papers(
    files: Mapping[str, str], known: KnownIds | None = None
) -> tuple[Mapping[str, PaperRules] | None, tuple[Problem, ...]]:
    """The tests (``None`` with any error) of some files, texts by file name, and all mistakes. Raises nothing."""
    report = Report()
    found: dict[str, PaperRules] = {}
    for name, text in files.items():
        report.opened(name)
        root = compose(name, text, report)
        paper = _Reader(Values(report), known or KnownIds()).paper(root, name) if root is not None else None
        if paper is not None:
            found[paper.id] = paper
    return (None if report.failed else found), report.problems


def paper_of_step(path: Path, step: Step) -> PaperRules | None:
    """The test that a step of a path is, under the id ``path/step``; ``None`` where the step is none.

    The questions it names are in it whatever is drawn; as often as wanted, with a wait in between.
    """
    if step.kind != "theory_test":
        return None
    sections = []
    if step.questions:
        sections.append(Wanted(len(step.questions), questions=step.questions))
    if step.draw > len(step.questions):
        sections.append(Wanted(step.draw - len(step.questions), topics=step.topics))
    return PaperRules(
        id=f"{path.id}/{step.id}",
        title=step.title,
        sections=tuple(sections),
        time_limit_seconds=60 * math.ceil(SECONDS_A_QUESTION * step.draw / 60),
        most_attempts=None,
        pass_ratio=step.pass_ratio or 1.0,
        wait_hours=STEP_WAIT_HOURS,
        description=path.title,
    )


class _Reader:
    """Reads one file."""

    def __init__(self, values: Values, known: KnownIds) -> None:
        self._values, self._report, self._known = values, values.report, known

    def paper(self, root: Node, name: str) -> PaperRules | None:
        """The test; ``None`` where anything is wrong."""
        values, before = self._values, self._report.errors
        fields = values.fields(root, say("a paper"), _KEYS, _NEEDED)
        if fields is None:
            return None
        id, stem = values.id(fields.get("id"), "id"), PurePosixPath(name).stem
        if id != stem:
            self._report.error(
                fields.place("id"), say("id must be the name of the file, {stem!r}, not {id!r}", stem=stem, id=id)
            )
        minutes = self._whole(fields, "time_limit_minutes", _MOST_MINUTES)
        pass_ratio = values.number(fields.get("pass_ratio"), "pass_ratio", 1.0, least=0.01, most=1)
        given: dict[str, Any] = {
            "id": id,
            "title": self._both(fields, "title"),
            "sections": self._sections(fields),
            "time_limit_seconds": None if minutes is None else 60 * minutes,
            "most_attempts": self._whole(fields, "attempts", 100),
            "pass_ratio": pass_ratio,
            "wait_hours": values.number(fields.get("wait_hours"), "wait_hours", least=0, most=_MOST_HOURS),
            "shows_answers": values.flag(fields.get("shows_answers"), "shows_answers", default=True),
            "is_practice": values.flag(fields.get("practice"), "practice"),
            "description": self._both(fields, "description"),
        }
        return PaperRules(**given) if self._report.errors == before else None

    def _both(self, fields: Fields, key: str) -> Words:
        return self._values.words(fields.get(key), key) or Words("", "")

    def _whole(self, fields: Fields, key: str, most: int) -> int | None:
        """A whole number from 1; ``None`` where it is left out, which is no limit."""
        node = fields.get(key)
        if node is None:
            return None
        value = self._values.number(node, key, 1, least=1, most=most)
        if value != int(value):
            self._report.error(node, say("{key} is a whole number", key=key))
        return int(value)

    def _sections(self, fields: Fields) -> tuple[Wanted, ...]:
        nodes = self._values.items(fields.get("sections"), "sections")
        if not nodes:
            self._report.error(fields.place("sections"), say("a paper has at least one section"))
        sections = [one for one in map(self._section, nodes) if one is not None]
        if sum(one.count for one in sections) > _MOST_QUESTIONS:
            self._report.error(
                fields.place("sections"), say("a paper has {count} questions at most", count=_MOST_QUESTIONS)
            )
        return tuple(sections)

    def _section(self, node: Node) -> Wanted | None:
        fields = self._values.fields(node, say("a section"), _SECTION_KEYS, ("count",))
        if fields is None:
            return None
        questions = self._names(fields, "questions", self._known.questions)
        count = self._whole(fields, "count", _MOST_QUESTIONS) or 1
        if questions and count > len(questions):
            self._report.error(fields.place("count"), say("count is more than the questions named"))
        return Wanted(
            count,
            topics=self._names(fields, "topics", self._known.topics),
            difficulties=self._difficulties(fields),
            kinds=self._names(fields, "kinds", KINDS),  # type: ignore[arg-type]  # others are reported
            criteria=self._names(fields, "criteria", self._known.criteria),
            questions=questions,
            tasks=self._names(fields, "tasks", _TASKS),  # type: ignore[arg-type]  # others are reported
        )

    def _difficulties(self, fields: Fields) -> tuple[int, ...]:
        nodes = self._values.items(fields.get("difficulties"), "difficulties")
        return tuple(int(self._values.number(one, say("a difficulty"), 1, least=1, most=HARDEST)) for one in nodes)

    def _names(self, fields: Fields, key: str, known: Collection[str] | None) -> tuple[str, ...]:
        for item in self._values.items(fields.get(key), key):
            name = item.value.strip() if isinstance(item, Scalar) else ""
            if name and known is not None and name not in known:
                self._report.error(
                    item,
                    say(
                        "there is no {what} {name!r}{near}",
                        what=_NAMED[key],
                        name=name,
                        near=did_you_mean(name, sorted(known)),
                    ),
                )
        return self._values.texts(fields.get(key), key)
