"""Reading learning paths: ``packs/paths/*.yaml``, every mistake at path:line:column."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from pathlib import Path as FilePath
from pathlib import PurePosixPath
from typing import cast

import msgspec

from qaplatform.audit.phrases import Words
from qaplatform.audit.problem import Mark, Problem, Report, SourceError
from qaplatform.audit.saying import Saying, say
from qaplatform.audit.yaml_source import Node, Scalar, compose, did_you_mean
from qaplatform.audit.yaml_values import Fields, Values
from qaplatform.resources import folder_texts, shipped_folder
from qaplatform.training.paths import STEP_KINDS, Graduation, Path, Stage, Step, StepKind

_ALWAYS = ("id", "kind", "due_working_day")
_BESIDES = ("title", "after", "optional")
_KEYS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "lesson": (("lesson",), ()),
    "theory_test": (("draw", "pass_ratio"), ("topics", "questions")),
    "drill": (("times",), ("criteria", "scenarios")),
    "mock_exam": (("times",), ("scenarios", "scenario_kinds")),
    "accompanied_chats": (("chats_a_day", "days"), ()),
    "case_review": (("times",), ("criteria",)),
    "mentor_talk": ((), ("times",)),
}
"""For each kind of step, the keys it needs and those it may have besides."""
_EVERY = tuple(
    dict.fromkeys((*_ALWAYS, *_BESIDES, *(key for needed, may in _KEYS.values() for key in (*needed, *may))))
)
_NAMED: Mapping[str, Saying] = {
    "lesson": say("lesson"),
    "questions": say("question"),
    "topics": say("topic"),
    "scenarios": say("scenario"),
    "criteria": say("criterion"),
}
"""What the names under a key are of."""
_PATH_KEYS = ("id", "title", "description", "version", "stages", "graduate")
_GRADUATE_KEYS = ("not_before_working_day", "exams_passed", "exam_kinds", "no_critical", "mentor_agrees")
_LONGEST_WORKING_DAYS = 750


class PathError(SourceError):
    """Learning paths cannot be used; see ``problems``."""


class KnownIds(msgspec.Struct, frozen=True):
    """What a path may name; ``None`` = not known here, so not checked."""

    lessons: Mapping[str, Words] | None = None
    """Ids of the lessons with their titles, which a step without a title of its own takes over."""
    questions: Collection[str] | None = None
    topics: Collection[str] | None = None
    scenarios: Collection[str] | None = None
    criteria: Collection[str] | None = None


def load_paths(folder: FilePath, known: KnownIds | None = None) -> Mapping[str, Path]:
    """All paths of a folder by id.

    Raises:
        PathError: with every mistake of all files.
    """
    files = folder_texts(folder)
    paths, problems = check_paths(files, known)
    if paths is None:
        raise PathError(problems)
    return paths


@lru_cache(maxsize=1)
def shipped_paths() -> Mapping[str, Path]:
    """The paths that ship with the program."""
    from qaplatform.training.lesson_loading import shipped_lessons  # noqa: PLC0415 - who reads other paths needs none

    lessons = {one.id: one.title for one in shipped_lessons().all()}
    return load_paths(shipped_folder("packs") / "paths", KnownIds(lessons=lessons))


def check_paths(
    files: Mapping[str, str], known: KnownIds | None = None
) -> tuple[Mapping[str, Path] | None, tuple[Problem, ...]]:
    """The paths (``None`` with any error) of some files, texts by file name, and all mistakes. Raises nothing."""
    report = Report()
    found: dict[str, Path] = {}
    for name, text in files.items():
        report.opened(name)
        root = compose(name, text, report)
        path = _Reader(Values(report), known or KnownIds()).path(root, name) if root is not None else None
        if path is not None:
            found[path.id] = path
    return (None if report.failed else found), report.problems


class _Reader:
    """Reads one file."""

    def __init__(self, values: Values, known: KnownIds) -> None:
        self._values, self._report, self._known = values, values.report, known
        self._marks: dict[str, Mark] = {}
        self._fields: dict[str, Fields] = {}

    def path(self, root: Node, name: str) -> Path | None:
        """The path; ``None`` where anything is wrong."""
        values, before = self._values, self._report.errors
        fields = values.fields(root, say("a path"), _PATH_KEYS, _PATH_KEYS)
        if fields is None:
            return None
        id, stem = values.id(fields.get("id"), "id"), PurePosixPath(name).stem
        if id != stem:
            self._report.error(
                fields.place("id"), say("id must be the name of the file, {stem!r}, not {id!r}", stem=stem, id=id)
            )
        path = Path(
            id=id,
            title=self._both(fields, "title"),
            description=self._both(fields, "description"),
            version=values.text(fields.get("version"), "version"),
            stages=self._stages(fields),
            graduation=self._graduation(fields.get("graduate")),
        )
        if self._report.errors == before:
            self._order(path)
        return path if self._report.errors == before else None

    def _both(self, fields: Fields, key: str) -> Words:
        words = self._values.words(fields.get(key), key)
        if words is not None and not (words.zh and words.en):
            self._report.error(fields.place(key), say("{key} is given in zh and en", key=key))
        return words or Words("", "")

    def _whole(self, fields: Fields, key: str, default: int, *, most: int = 1000) -> int:
        value = self._values.number(fields.get(key), key, default, least=min(1, default), most=most)
        if value != int(value):
            self._report.error(fields.place(key), say("{key} is a whole number", key=key))
        return int(value)

    def _stages(self, fields: Fields) -> tuple[Stage, ...]:
        stages: list[Stage] = []
        for node in self._values.items(fields.get("stages"), "stages"):
            inner = self._values.fields(node, say("a stage"), ("id", "title", "steps"), ("id", "title", "steps"))
            if inner is None:
                continue
            id = self._values.id(inner.get("id"), say("the id of a stage"))
            if id in {one.id for one in stages}:
                self._report.error(inner.place("id"), say("there are two stages {id!r}", id=id))
            nodes = self._values.items(inner.get("steps"), "steps")
            if not nodes:
                self._report.error(inner.place("steps"), say("a stage has at least one step"))
            steps = [step for step in map(self._step, nodes) if step is not None]
            stages.append(Stage(id, self._both(inner, "title"), tuple(steps)))
        if not stages:
            self._report.error(fields.place("stages"), say("a path has at least one stage"))
        return tuple(stages)

    def _step(self, node: Node) -> Step | None:
        values, report = self._values, self._report
        fields = values.fields(node, say("a step"), _EVERY, _ALWAYS)
        if fields is None:
            return None
        id = values.id(fields.get("id"), say("the id of a step"))
        if id in self._marks:
            first = self._marks[id].line
            report.error(
                fields.place("id"), say("there are two steps {id!r}, the first in line {line}", id=id, line=first)
            )
        self._marks.setdefault(id, fields.place("id").mark)
        self._fields.setdefault(id, fields)
        kind = values.choice(fields.get("kind"), "kind", STEP_KINDS, "")
        if not kind:
            return None
        needed, besides = _KEYS[kind]
        for key in _EVERY:
            if key in fields and key not in (*_ALWAYS, *_BESIDES, *needed, *besides):
                report.error(fields.place(key), say("a step of kind {kind} has no {key!r}", kind=kind, key=key))
            elif key in needed and fields.get(key) is None:
                report.error(fields.place(key), say("a step of kind {kind} needs {key!r}", kind=kind, key=key))
        known = self._known
        lesson = self._name(fields, "lesson", known.lessons)
        questions = self._names(fields, "questions", known.questions)
        topics = self._names(fields, "topics", known.topics)
        draw = self._whole(fields, "draw", 0, most=200)
        if kind == "theory_test" and draw > len(questions) and not topics:
            report.error(fields.place("draw"), say("draw is more than the questions named, and no topics are given"))
        if draw < len(questions):
            report.error(fields.place("draw"), say("draw is less than the questions named"))
        times = self._whole(fields, "days" if kind == "accompanied_chats" else "times", 1)
        kinds = self._whole(fields, "scenario_kinds", 1, most=50)
        if kinds > times:
            report.error(
                fields.place("scenario_kinds"),
                say("{times} passed exams cannot be of {kinds} kinds", times=times, kinds=kinds),
            )
        scenarios = self._scenarios(fields, kind, times)
        return Step(
            id=id,
            kind=cast("StepKind", kind),
            title=self._title(fields, lesson),
            due_working_day=self._whole(fields, "due_working_day", 1, most=_LONGEST_WORKING_DAYS),
            after=values.texts(fields.get("after"), "after"),
            optional=values.flag(fields.get("optional"), "optional"),
            times=times,
            chats_a_day=self._whole(fields, "chats_a_day", 0),
            lesson=lesson,
            topics=topics,
            questions=questions,
            draw=draw,
            pass_ratio=values.number(fields.get("pass_ratio"), "pass_ratio", least=0, most=1),
            scenarios=scenarios,
            scenario_kinds=kinds,
            criteria=self._names(fields, "criteria", known.criteria),
        )

    def _scenarios(self, fields: Fields, kind: str, times: int) -> tuple[str, ...]:
        """Those of a step; an exam must name as many as are to be passed, if it names any."""
        found = self._names(fields, "scenarios", self._known.scenarios)
        count = len(set(found))
        if kind == "mock_exam" and found and count < times:
            message = say(
                "{times} exams are to be passed, each scenario counts once, and {count} are named",
                times=times,
                count=count,
            )
            self._report.error(fields.place("scenarios"), message)
        return found

    def _title(self, fields: Fields, lesson: str) -> Words:
        if "title" in fields:
            return self._both(fields, "title")
        if lesson:
            return (self._known.lessons or {}).get(lesson) or Words(lesson, lesson)
        self._report.error(fields.node, say("a step that is no lesson needs 'title'"))
        return Words("", "")

    def _name(self, fields: Fields, key: str, known: Collection[str] | None) -> str:
        node = fields.get(key)
        name = self._values.text(node, key)
        self._must_be_known(node, name, key, known)
        return name

    def _names(self, fields: Fields, key: str, known: Collection[str] | None) -> tuple[str, ...]:
        for item in self._values.items(fields.get(key), key):
            if isinstance(item, Scalar):
                self._must_be_known(item, item.value.strip(), key, known)
        return self._values.texts(fields.get(key), key)

    def _must_be_known(self, node: Node | None, name: str, key: str, known: Collection[str] | None) -> None:
        if node is not None and name and known is not None and name not in known:
            self._report.error(
                node,
                say(
                    "there is no {what} {name!r}{near}",
                    what=_NAMED[key],
                    name=name,
                    near=did_you_mean(name, sorted(known)),
                ),
            )

    def _graduation(self, node: Node | None) -> Graduation:
        values = self._values
        fields = values.fields(node, "graduate", _GRADUATE_KEYS) if node is not None else None
        if fields is None:
            return Graduation()
        return Graduation(
            not_before_working_day=self._whole(fields, "not_before_working_day", 1, most=_LONGEST_WORKING_DAYS),
            exams_passed=self._whole(fields, "exams_passed", 0),
            exam_kinds=self._whole(fields, "exam_kinds", 0),
            no_critical=values.flag(fields.get("no_critical"), "no_critical", default=True),
            mentor_agrees=values.flag(fields.get("mentor_agrees"), "mentor_agrees", default=True),
        )

    def _order(self, path: Path) -> None:
        """What comes after what can be done, and in time."""
        steps = {step.id: step for step in path.steps}
        stage_of = {step.id: number for number, stage in enumerate(path.stages) for step in stage.steps}
        for step in path.steps:
            for wanted in step.after:
                place = self._item(step.id, wanted)
                other = steps.get(wanted)
                if other is None:
                    self._report.error(
                        place, say("there is no step {wanted!r}{near}", wanted=wanted, near=did_you_mean(wanted, steps))
                    )
                elif stage_of[wanted] > stage_of[step.id]:
                    later = path.stages[stage_of[wanted]].id
                    message = say(
                        "{id!r} can never open: {wanted!r} is in the later stage {later!r}",
                        id=step.id,
                        wanted=wanted,
                        later=later,
                    )
                    self._report.error(place, message)
                elif other.optional and not step.optional:
                    self._report.error(
                        place,
                        say(
                            "{id!r} is required and cannot come after {wanted!r}, which is not",
                            id=step.id,
                            wanted=wanted,
                        ),
                    )
                elif step.due_working_day < other.due_working_day:
                    message = say(
                        "due on day {day}, before {wanted!r} (day {other})",
                        day=step.due_working_day,
                        wanted=wanted,
                        other=other.due_working_day,
                    )
                    self._report.error(self._fields[step.id].place("due_working_day"), message)
            self._time_for_chats(step, steps)
        self._circles(path, lambda id: [one for one in steps[id].after if one in steps])
        latest = 0
        for stage in path.stages:
            for step in stage.steps:
                if step.due_working_day < latest:
                    message = say(
                        "due on day {day}, but the stage only opens when day {latest}'s work is done",
                        day=step.due_working_day,
                        latest=latest,
                    )
                    self._report.error(self._fields[step.id].place("due_working_day"), message)
            latest = max([latest, *(step.due_working_day for step in stage.steps if not step.optional)])
        self._exams(path)

    def _time_for_chats(self, step: Step, steps: Mapping[str, Step]) -> None:
        if step.kind == "accompanied_chats":
            begin = max((steps[one].due_working_day for one in step.after if one in steps), default=0)
            if step.due_working_day < begin + step.times:
                message = say(
                    "{times} days of chats cannot be done by day {day}", times=step.times, day=step.due_working_day
                )
                self._report.error(self._fields[step.id].place("due_working_day"), message)

    def _exams(self, path: Path) -> None:
        rule, exams = path.graduation, [step for step in path.steps if step.kind == "mock_exam"]
        if (rule.exams_passed or rule.exam_kinds) and not exams:
            self._report.error(
                Mark(next(iter(self._marks.values())).path), say("graduate asks for exams the path has not")
            )

    def _item(self, step: str, wanted: str) -> Node:
        node = self._fields[step].place("after")
        items = self._values.items(node, "after")
        return next((one for one in items if isinstance(one, Scalar) and one.value.strip() == wanted), node)

    def _circles(self, path: Path, after: Callable[[str], list[str]]) -> None:
        """Each circle is said once, at the link that closes it."""
        state: dict[str, int] = {}
        for start in path.steps:
            trail: list[tuple[str, list[str]]] = [(start.id, after(start.id))] if start.id not in state else []
            if trail:
                state[start.id] = 1
            while trail:
                id, rest = trail[-1]
                if not rest:
                    state[id] = 2
                    trail.pop()
                    continue
                wanted = rest.pop()
                if state.get(wanted) == 1:
                    names = [one for one, _ in trail]
                    circle = [*names[names.index(wanted) :], wanted]
                    said = " → ".join(reversed(circle))
                    self._report.error(
                        self._item(id, wanted), say("these steps wait for each other: {steps}", steps=said)
                    )
                elif wanted not in state:
                    state[wanted] = 1
                    trail.append((wanted, after(wanted)))
