"""Prompt files → frozen prompts, every mistake at ``path:line:column``.

Every word a language model reads of ours stands in a YAML file, in Chinese and in English. A variable is written
``{{name}}``: one that is not declared, that the program does not know, that it needs and does not find, or that is
declared and not used, is a mistake.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import cast

from qaplatform.audit.problem import Mark, Problem, Report, SourceError
from qaplatform.audit.saying import say
from qaplatform.audit.yaml_source import Node, Scalar, compose, did_you_mean
from qaplatform.audit.yaml_values import Fields, Values
from qaplatform.llm.prompt import (
    FRAME_WORDS,
    LANGUAGES,
    VARIABLE,
    VERDICTS,
    Across,
    Example,
    Language,
    Prompt,
    Prompts,
    Purpose,
    Verdict,
    sealed,
)
from qaplatform.llm.prompt_examples import ExampleReader
from qaplatform.llm.transcript import Speaker
from qaplatform.resources import folder_texts, shipped_folder

_PURPOSES = ("frame", "repair", "question")
_ALWAYS = ("id", "purpose", "title")
_KEYS = {
    "frame": ((*_ALWAYS, "variables", "system", "user", "words"), ()),
    "repair": ((*_ALWAYS, "variables", "user"), ()),
    "question": ((*_ALWAYS, "question", "verdicts", "means", "evidence", "speakers", "across", "examples"),
                 ("variables", "borderline")),
}  # fmt: skip
"""For each purpose, the keys it needs and those it may have besides."""
_NEEDED = {"frame": ("fence", "questions", "transcript", "answer_form"), "repair": ("problem", "ids"), "question": ()}
_KNOWN = {"frame": (*_NEEDED["frame"], "part"), "repair": _NEEDED["repair"], "question": ("policy",)}
_SPEAKERS = ("agent", "customer", "any")
_ACROSS = ("any_yes", "any_no", "latest")
_MUST_VERDICTS = ("yes", "no", "unsure")


class PromptError(SourceError):
    """Prompts cannot be used; see ``problems``."""


def load_prompts(folder: Path) -> Prompts:
    """All prompts of a folder.

    Raises:
        PromptError: with every mistake of all files.
    """
    files = folder_texts(folder)
    prompts, problems = check_prompts(files, folder.as_posix())
    if prompts is None:
        raise PromptError(problems)
    return prompts


@lru_cache(maxsize=1)
def shipped_prompts() -> Prompts:
    """The prompts that ship with the program."""
    return load_prompts(shipped_folder("prompts"))


def check_prompts(files: Mapping[str, str], folder: str = "prompts") -> tuple[Prompts | None, tuple[Problem, ...]]:
    """The prompts (``None`` with any error) of some files, texts by path, and all mistakes. Raises nothing."""
    report = Report()
    found: dict[str, Prompt] = {}
    for path, text in files.items():
        root = compose(path, text, report)
        prompt = _Reader(Values(report)).prompt(root, path) if root is not None else None
        if prompt is not None:
            found[path] = prompt
    by_purpose = {purpose: [one for one in found.values() if one.purpose == purpose] for purpose in _PURPOSES}
    for purpose in ("frame", "repair"):
        for path in [path for path, one in found.items() if one.purpose == purpose][1:]:
            report.error(Mark(path), say("there is a second prompt of purpose {purpose}", purpose=purpose))
        if not by_purpose[purpose] and not report.failed:
            report.error(Mark(folder), say("there is no prompt of purpose {purpose}", purpose=purpose))
    if report.failed:
        return None, report.problems
    questions = {one.id: one for one in by_purpose["question"]}
    return Prompts(by_purpose["frame"][0], by_purpose["repair"][0], questions), report.problems


class _Reader:
    """Reads one file."""

    def __init__(self, values: Values) -> None:
        self._values, self._report = values, values.report

    def prompt(self, root: Node, path: str) -> Prompt | None:
        """The prompt; ``None`` where anything is wrong."""
        values, before = self._values, self._report.errors
        every = tuple(dict.fromkeys(key for needed, besides in _KEYS.values() for key in (*needed, *besides)))
        fields = values.fields(root, say("a prompt"), every, _ALWAYS)
        if fields is None:
            return None
        id = values.id(fields.get("id"), "id")
        if id != Path(path).stem:
            self._report.error(
                fields.place("id"),
                say("id must be the name of the file, {stem!r}, not {id!r}", stem=Path(path).stem, id=id),
            )
        purpose = cast("Purpose", values.choice(fields.get("purpose"), "purpose", _PURPOSES, ""))
        if not purpose:
            return None
        needed, besides = _KEYS[purpose]
        for key in every:
            if key in fields and key not in (*needed, *besides):
                self._report.error(
                    fields.place(key), say("a prompt of purpose {purpose} has no {key!r}", purpose=purpose, key=key)
                )
            elif key in needed and fields.get(key) is None:
                self._report.error(
                    fields.place(key), say("a prompt of purpose {purpose} needs {key!r}", purpose=purpose, key=key)
                )
        title = self._texts(self._both(fields.get("title"), "title"))
        variables = self._variables(fields, purpose)
        if purpose == "question":
            prompt = self._question(fields, id, title, variables)
        else:
            prompt = self._frame(fields, id, purpose, title, variables)
        return sealed(prompt) if self._report.errors == before else None

    def _frame(
        self, fields: Fields, id: str, purpose: Purpose, title: dict[Language, str], variables: tuple[str, ...]
    ) -> Prompt:
        texts = {key: self._both(fields.get(key), key) for key in ("system", "user") if key in fields}
        words = self._words(fields.get("words")) if purpose == "frame" else {}
        self._check_variables(fields, variables, _NEEDED[purpose], list(texts.values()))
        return Prompt(
            id=id,
            purpose=purpose,
            title=title,
            variables=variables,
            system=self._texts(texts.get("system", {})),
            user=self._texts(texts.get("user", {})),
            words=words,
        )

    def _words(self, node: Node | None) -> dict[Language, dict[str, str]]:
        """The frame's sentences by language; each with exactly its own variables."""
        found: dict[Language, dict[str, str]] = {}
        for language, inner in self._languages(node, "words"):
            fields = self._values.fields(
                inner, say("words in {language}", language=language), tuple(FRAME_WORDS), tuple(FRAME_WORDS)
            )
            if fields is None:
                continue
            found[language] = {}
            for name, needed in FRAME_WORDS.items():
                place = fields.place(name)
                found[language][name] = self._values.text(fields.get(name), name)
                used = {variable for variable, _ in self._used(place)} if isinstance(place, Scalar) else set()
                for variable in sorted(used.symmetric_difference(needed)):
                    strange = say("unknown variable {{{{{variable}}}}} in {name}", variable=variable, name=name)
                    lacking = say("missing variable {{{{{variable}}}}} in {name}", variable=variable, name=name)
                    self._report.error(place, strange if variable in used else lacking)
        return found

    def _question(self, fields: Fields, id: str, title: dict[Language, str], variables: tuple[str, ...]) -> Prompt:
        values = self._values
        verdicts = self._verdicts(fields)
        question = self._both(fields.get("question"), "question")
        means = self._means(fields.get("means"), verdicts)
        evidence = self._both(fields.get("evidence"), "evidence")
        borderline = self._both(fields.get("borderline"), "borderline")
        self._check_variables(fields, variables, (), [question, evidence, borderline, *means])
        speakers = self._speakers(fields.get("speakers"))
        return Prompt(
            id=id,
            purpose="question",
            title=title,
            variables=variables,
            question=self._texts(question),
            verdicts=verdicts,
            means={
                language: {
                    verdict: said[language].value.strip()
                    for verdict, said in zip(verdicts, means, strict=False)
                    if language in said
                }
                for language in LANGUAGES
            },
            evidence=self._texts(evidence),
            speakers=speakers,
            across=cast("Across", values.choice(fields.get("across"), "across", _ACROSS, "any_no")),
            borderline=self._texts(borderline),
            examples=self._examples(fields, verdicts, speakers),
        )

    def _verdicts(self, fields: Fields) -> tuple[Verdict, ...]:
        node = fields.get("verdicts")
        found = self._values.texts(node, "verdicts")
        for item in self._values.items(node, "verdicts"):
            if isinstance(item, Scalar) and item.value.strip() not in VERDICTS:
                near = did_you_mean(item.value, VERDICTS)
                self._report.error(
                    item,
                    say("a verdict is one of {names}, not {name!r}{near}", names=VERDICTS, name=item.value, near=near),
                )
        lacking = [one for one in _MUST_VERDICTS if one not in found]
        if node is not None and lacking:
            self._report.error(node, say("verdicts must hold {names}", names=tuple(lacking)))
        return tuple(one for one in VERDICTS if one in found)

    def _means(self, node: Node | None, verdicts: tuple[Verdict, ...]) -> list[dict[Language, Scalar]]:
        """What the verdicts mean, in their order."""
        entries = self._values.entries(node, "means")
        for key, _ in entries:
            if key.value not in verdicts:
                near = did_you_mean(key.value, verdicts)
                self._report.error(
                    key, say("means explains {name!r}, which is none of the verdicts{near}", name=key.value, near=near)
                )
        given = {key.value: value for key, value in entries}
        if node is not None:
            for verdict in verdicts:
                if verdict not in given:
                    self._report.error(node, say("means does not explain {verdict!r}", verdict=verdict))
        return [
            self._both(given.get(verdict), say("the meaning of {verdict}", verdict=verdict)) for verdict in verdicts
        ]

    def _speakers(self, node: Node | None) -> dict[Verdict, Speaker]:
        fields = self._values.fields(node, "speakers", ("yes", "no"), ("yes", "no")) if node is not None else None
        if fields is None:
            return {}
        whose = {key: self._values.choice(fields.get(key), key, _SPEAKERS, "any") for key in ("yes", "no")}
        return cast("dict[Verdict, Speaker]", whose)

    def _examples(
        self, fields: Fields, verdicts: tuple[Verdict, ...], speakers: Mapping[Verdict, Speaker]
    ) -> dict[Language, tuple[Example, ...]]:
        reader = ExampleReader(self._values, verdicts, speakers)
        found: dict[Language, list[Example]] = {language: [] for language in LANGUAGES}
        for node in self._values.items(fields.get("examples"), "examples"):
            for language, example in reader.example(node):
                found[language].append(example)
        written = fields.get("examples")
        for verdict in ("yes", "no"):
            if written is not None and not any(one.verdict == verdict for one in found["zh"]) and reader.complete:
                self._report.error(written, say("no example is answered {verdict!r}", verdict=verdict))
        return {language: tuple(examples) for language, examples in found.items()}

    def _variables(self, fields: Fields, purpose: Purpose) -> tuple[str, ...]:
        """The declared variables; each must be one the program fills in."""
        known = _KNOWN[purpose]
        for item in self._values.items(fields.get("variables"), "variables"):
            if isinstance(item, Scalar) and item.value.strip() not in known:
                there_are = say("; there are {names}", names=tuple(known))
                near = did_you_mean(item.value, known) or there_are
                self._report.error(
                    item, say("the program fills in no variable {name!r}{near}", name=item.value, near=near)
                )
        return tuple(one for one in self._values.texts(fields.get("variables"), "variables") if one in known)

    def _check_variables(
        self, fields: Fields, declared: tuple[str, ...], needed: tuple[str, ...], texts: list[dict[Language, Scalar]]
    ) -> None:
        """Used = declared, in both languages; and what the program needs is there."""
        place = fields.place("variables")
        for name in needed:
            if name not in declared:
                self._report.error(place, say("variables must hold {name!r}", name=name))
        for language in LANGUAGES:
            used: set[str] = set()
            for by_language in texts:
                scalar = by_language.get(language)
                for name, at in self._used(scalar) if scalar else ():
                    used.add(name)
                    if name not in declared and scalar is not None:
                        near = did_you_mean(name, declared)
                        self._report.error(
                            scalar.inside(at),
                            say("{{{{{name}}}}} is not among the variables{near}", name=name, near=near),
                        )
            if any(language in one for one in texts):
                for name in declared:
                    if name not in used:
                        self._report.error(
                            place, say("the variable {name!r} is not used in {language}", name=name, language=language)
                        )

    def _used(self, scalar: Scalar) -> Iterator[tuple[str, int]]:
        """The variables a text uses with their places; braces that are none are reported."""
        rest = list(scalar.value)
        for match in VARIABLE.finditer(scalar.value):
            rest[match.start() : match.end()] = " " * (match.end() - match.start())
            yield match[1], match.start()
        at = "".join(rest).find("{{")
        if at >= 0:
            self._report.error(scalar.inside(at), say("a variable is written {{{{name}}}}, in lower-case letters"))

    def _languages(self, node: Node | None, what: str) -> Iterator[tuple[Language, Node]]:
        """The parts of a mapping by language; a language that lacks is a mistake."""
        if node is None:
            return
        entries = {key.value: (key, value) for key, value in self._values.entries(node, what)}
        for name, (key, _) in entries.items():
            if name not in LANGUAGES:
                self._report.error(key, say("{what} is by language, zh and en, not {name!r}", what=what, name=name))
        for language in LANGUAGES:
            if language in entries:
                yield language, entries[language][1]
            else:
                self._report.error(node, say("{what} has no {language!r} text", what=what, language=language))

    def _both(self, node: Node | None, what: str) -> dict[Language, Scalar]:
        """A text in both languages, each with its place."""
        return {
            language: inner
            for language, inner in self._languages(node, what)
            if self._values.text(inner, say("{what} in {language}", what=what, language=language))
            and isinstance(inner, Scalar)
        }

    @staticmethod
    def _texts(both: Mapping[Language, Scalar]) -> dict[Language, str]:
        return {language: scalar.value.strip() for language, scalar in both.items()}
