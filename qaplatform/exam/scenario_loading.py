"""Scenario and voice files → frozen scenarios, every mistake of all files at ``path:line:column``."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, get_args

import msgspec

from qaplatform.audit.problem import Problem, Report, SourceError
from qaplatform.audit.saying import say
from qaplatform.audit.yaml_source import Node, Pairs, compose, did_you_mean
from qaplatform.audit.yaml_structs import read_struct
from qaplatform.audit.yaml_values import Fields, Values
from qaplatform.exam.scenario import (
    Chat,
    Clock,
    Event,
    Fact,
    Forbidden,
    Goal,
    Interruption,
    LineKey,
    Mood,
    Panel,
    Persona,
    Question,
    Reaction,
    References,
    Required,
    Says,
    Scenario,
    Step,
    Voice,
)
from qaplatform.exam.scenario_lint import Lint
from qaplatform.resources import file_text, shipped_folder

VOICES = "voices"
_REQUIRED = (
    "id", "title", "summary", "kind", "level", "chat", "persona", "clock", "mood", "opening", "steps", "goals",
)  # fmt: skip
_KEYS = (
    *_REQUIRED, "language", "opening_asks", "variants", "facts", "questions", "anywhere", "interruptions", "required",
    "forbidden", "panel", "lines", "pass_mark", "references",
)  # fmt: skip
_NOT_PLAYED = ("title", "summary", "references", "content_hash")

Struct = TypeVar("Struct", bound=msgspec.Struct)


class _Plain(msgspec.Struct, frozen=True):
    """Keys of a scenario that are values by themselves."""

    opening: Says
    variants: tuple[Mapping[str, str], ...] = ()
    lines: Mapping[LineKey, Says] = {}


class ScenarioError(SourceError):
    """Scenarios cannot be used; see ``problems``."""


def load_scenarios(folder: Path) -> Mapping[str, Scenario]:
    """All scenarios of a folder by id, with the voices in its folder ``voices``.

    Raises:
        ScenarioError: with every mistake of all files.
    """
    scenarios, problems = check_scenarios(folder_files(folder))
    if any(problem.severity == "error" for problem in problems):
        raise ScenarioError(problems)
    return scenarios


def folder_files(folder: Path) -> dict[str, str]:
    """The texts of a folder's scenarios and voices by path."""
    paths = [*sorted((folder / VOICES).glob("*.yaml")), *sorted(folder.glob("*.yaml"))]
    return {path.as_posix(): file_text(path) for path in paths}


@lru_cache(maxsize=1)
def shipped_scenarios() -> Mapping[str, Scenario]:
    """The scenarios that ship with the program."""
    return load_scenarios(shipped_folder("scenarios"))


@lru_cache(maxsize=1)
def shipped_voices() -> Mapping[str, str]:
    """The texts of the voices that ship with the program by path, for scenarios of other folders."""
    return {path: text for path, text in folder_files(shipped_folder("scenarios")).items() if _is_voice(path)}


def check_scenarios(files: Mapping[str, str]) -> tuple[Mapping[str, Scenario], tuple[Problem, ...]]:
    """The scenarios without errors, and all mistakes of all files. Voices are the files in a folder ``voices``."""
    report = Report()
    voices: dict[str, Voice] = {}
    scenarios: dict[str, Scenario] = {}
    for path in sorted(files, key=lambda one: (not _is_voice(one), one)):
        text = files[path]
        root = compose(path, text, report)
        if root is None:
            continue
        if _is_voice(path):
            voice = _voice(Values(report), root, path)
            if voice is not None:
                voices[voice.id] = voice
            continue
        scenario = _Reader(Values(report), voices).scenario(root, path)
        if scenario is not None:
            scenarios[scenario.id] = scenario
    return scenarios, report.problems


def _is_voice(path: str) -> bool:
    return Path(path).parent.name == VOICES


def _voice(values: Values, root: Node, path: str) -> Voice | None:
    before = values.report.errors
    voice = read_struct(values, root, Voice, say("a voice"))
    if voice is None:
        return None
    places = {key.value: node for key, node in root.pairs} if isinstance(root, Pairs) else {}
    if voice.id != Path(path).stem:
        values.report.error(
            places["id"],
            say("id must be the name of the file, {stem!r}, not {id!r}", stem=Path(path).stem, id=voice.id),
        )
    for name, known, given in (("lines", LineKey, voice.lines), ("rules", Event, voice.rules)):
        missing = [word for word in get_args(known) if word not in given]
        if missing:
            values.report.error(
                places.get(name, root), say("a voice needs {name} for {names}", name=name, names=tuple(missing))
            )
    return voice if values.report.errors == before else None


class _Reader:
    """Reads one scenario."""

    def __init__(self, values: Values, voices: Mapping[str, Voice]) -> None:
        self._values, self._report, self._voices = values, values.report, voices

    def scenario(self, root: Node, path: str) -> Scenario | None:
        """The scenario; ``None`` where anything is wrong."""
        values, before = self._values, self._report.errors
        fields = values.fields(root, say("a scenario"), _KEYS, _REQUIRED)
        if fields is None:
            return None
        id = values.id(fields.get("id"), "id")
        if id != Path(path).stem:
            self._report.error(
                fields.place("id"),
                say("id must be the name of the file, {stem!r}, not {id!r}", stem=Path(path).stem, id=id),
            )
        plain = self._plain(fields)
        persona = self._one(fields, "persona", Persona)
        given: dict[str, Any] = {
            "id": id,
            "title": values.words(fields.get("title"), "title"),
            "summary": values.words(fields.get("summary"), "summary"),
            "kind": values.id(fields.get("kind"), "kind"),
            "level": values.choice(fields.get("level"), "level", ("easy", "medium", "hard"), "easy"),
            "language": values.choice(fields.get("language"), "language", ("zh", "en"), "zh"),
            "opening_asks": values.text(fields.get("opening_asks"), "opening_asks") or None,
            "pass_mark": values.number(fields.get("pass_mark"), "pass_mark", 80.0, least=1, most=100),
            "chat": self._one(fields, "chat", Chat),
            "clock": self._one(fields, "clock", Clock),
            "mood": self._one(fields, "mood", Mood),
            "panel": self._one(fields, "panel", Panel) or Panel(),
            "references": self._one(fields, "references", References),
            "persona": persona,
            "voice": self._voice(fields, persona),
            "steps": self._steps(fields),
        }
        kinds: tuple[tuple[str, type[msgspec.Struct], str], ...] = (
            ("facts", Fact, say("a fact")),
            ("questions", Question, say("a question")),
            ("anywhere", Reaction, say("a reaction")),
            ("interruptions", Interruption, say("an interruption")),
            ("goals", Goal, say("a goal")),
            ("required", Required, say("a required act")),
            ("forbidden", Forbidden, say("a forbidden act")),
        )
        for name, kind, what in kinds:
            given[name] = self._several(fields.get(name), kind, what, name)
        if self._report.errors > before or plain is None:
            return None
        scenario = Scenario(**given, **{name: getattr(plain, name) for name in plain.__struct_fields__})
        Lint(scenario, fields, self._report).look()
        return _sealed(scenario) if self._report.errors == before else None

    def _plain(self, fields: Fields) -> _Plain | None:
        """Texts, variants and lines."""
        names = ("opening", "variants", "lines")
        chosen = tuple((key, node) for key, node in fields.node.pairs if key.value in names)
        return read_struct(self._values, Pairs(chosen, fields.node.mark), _Plain, say("a scenario"))

    def _one(self, fields: Fields, name: str, kind: type[Struct]) -> Struct | None:
        node = fields.get(name)
        return None if node is None else read_struct(self._values, node, kind, name)

    def _several(self, node: Node | None, kind: type[Struct], what: str, name: str) -> tuple[Struct, ...]:
        read = (read_struct(self._values, item, kind, what) for item in self._values.items(node, name))
        return tuple(one for one in read if one is not None)

    def _steps(self, fields: Fields) -> tuple[Step, ...]:
        out = []
        for item in self._values.items(fields.get("steps"), "steps"):
            inner = self._values.fields(item, say("a step"), ("id", "settled", "reactions"), ("id",))
            if inner is not None:
                reactions = self._several(inner.get("reactions"), Reaction, say("a reaction"), "reactions")
                settled = self._values.flag(inner.get("settled"), "settled")
                out.append(Step(self._values.id(inner.get("id"), "id"), reactions, settled))
        return tuple(out)

    def _voice(self, fields: Fields, persona: Persona | None) -> Voice | None:
        if persona is None:
            return None
        voice = self._voices.get(persona.voice)
        if voice is None:
            known = say("{names}", names=tuple(self._voices)) if self._voices else say("none")
            hint = did_you_mean(persona.voice, self._voices)
            self._report.error(
                fields.place("persona"),
                say("there is no voice {name!r}{near}; there are {known}", name=persona.voice, near=hint, known=known),
            )
        return voice


def _sealed(scenario: Scenario) -> Scenario:
    plain = msgspec.to_builtins(scenario)
    content = {name: value for name, value in plain.items() if name not in _NOT_PLAYED}
    digest = hashlib.sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()[:12]
    return msgspec.structs.replace(scenario, content_hash=digest)
