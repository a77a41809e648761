"""Question files (YAML) → a bank, every mistake at ``path:line:column``.

A text is written as it is (Chinese), or as ``{zh: …, en: …}``. ``packs/questions/README.md`` shows every kind.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from qaplatform.audit.phrases import Words
from qaplatform.audit.problem import Mark, Problem, Report, SourceError
from qaplatform.audit.saying import said_in, say
from qaplatform.audit.yaml_source import Node, Pairs, Scalar, compose, describe, did_you_mean
from qaplatform.audit.yaml_values import Fields, Values
from qaplatform.resources import folder_texts, shipped_folder
from qaplatform.training.questions import (
    KINDS,
    AnyQuestion,
    Bank,
    Fault,
    FillIn,
    FlawError,
    JudgeChat,
    Kind,
    MultipleChoice,
    Ordering,
    RequiredPoint,
    ShortAnswer,
    SingleChoice,
    Task,
    TrueFalse,
    Verdict,
    options_of,
)

_ALWAYS = ("id", "type", "difficulty", "text", "explanation")
_BESIDES = ("criterion", "domain")
_OWN: Mapping[Kind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "single": (("options", "answer"), ()),
    "multiple": (("options", "answer"), ()),
    "true_false": (("answer",), ()),
    "order": (("steps",), ()),
    "fill_in": (("blanks",), ()),
    "short_answer": (("model_answer",), ("points",)),
    "judge_chat": (("task", "chat"), ("faults", "options", "answer", "verdicts", "score")),
}
"""For each kind, the keys it needs besides those all have, and those it may have."""
_CLASSES: Mapping[Kind, Callable[..., AnyQuestion]] = {
    "single": SingleChoice,
    "multiple": MultipleChoice,
    "true_false": TrueFalse,
    "order": Ordering,
    "fill_in": FillIn,
    "short_answer": ShortAnswer,
    "judge_chat": JudgeChat,
}


class QuestionError(SourceError):
    """Question files cannot be used; see ``problems``."""


def load_questions(folder: Path, criteria: Collection[str] | None = None) -> Bank:
    """The bank of all ``*.yaml`` files of a folder.

    Args:
        folder: where the files are.
        criteria: the ids a question may name; any where it is ``None``.

    Raises:
        QuestionError: with every mistake of all files.
    """
    texts = folder_texts(folder)
    bank, problems = check_questions(texts, criteria)
    if bank is None:
        raise QuestionError(problems)
    return bank


@lru_cache(maxsize=1)
def shipped_questions() -> Bank:
    """The questions that ship with the program."""
    return load_questions(shipped_folder("packs") / "questions")


def check_questions(
    files: Mapping[str, str], criteria: Collection[str] | None = None
) -> tuple[Bank | None, tuple[Problem, ...]]:
    """The bank (``None`` with any error) of some files, texts by path, and all mistakes. Raises nothing."""
    report = Report()
    found: dict[str, tuple[AnyQuestion, Mark]] = {}
    titles: dict[str, Words] = {}
    for path, text in files.items():
        root = compose(path, text, report)
        if root is None:
            continue
        reader = _Reader(Values(report), criteria)
        for question, mark in reader.file(root):
            if question.id in found:
                first = found[question.id][1]
                report.error(mark, say("there is a question {id!r} already, at {mark}", id=question.id, mark=first))
            else:
                found[question.id] = (question, mark)
        titles |= reader.titles
    if report.failed:
        return None, report.problems
    return Bank.of((question for question, _ in found.values()), titles), report.problems


class _Reader:
    """Reads one file."""

    def __init__(self, values: Values, criteria: Collection[str] | None) -> None:
        self._values, self._report, self._criteria = values, values.report, criteria
        self._topic = ""
        self.titles: dict[str, Words] = {}

    def file(self, root: Node) -> list[tuple[AnyQuestion, Mark]]:
        """The questions that stand, each with the place of its id."""
        keys = ("topic", "title", "questions")
        fields = self._values.fields(root, say("a question file"), keys, keys)
        if fields is None:
            return []
        self._topic = self._values.id(fields.get("topic"), "topic")
        self.titles[self._topic] = self._words(fields.get("title"), "title")
        read = [self._question(node) for node in self._values.items(fields.get("questions"), "questions")]
        return [one for one in read if one is not None]

    def _question(self, node: Node) -> tuple[AnyQuestion, Mark] | None:
        before = self._report.errors
        kind = self._kind(node)
        if kind is None:
            return None
        needed, besides = _OWN[kind]
        every = (*_ALWAYS, *needed)
        fields = self._values.fields(
            node, say("a question of type {kind}", kind=kind), (*every, *besides, *_BESIDES), every
        )
        if fields is None:
            return None
        given: dict[str, Any] = {
            "id": self._values.id(fields.get("id"), "id"),
            "topic": self._topic,
            "difficulty": int(self._values.number(fields.get("difficulty"), "difficulty", 1, least=1, most=3)),
            "text": self._words(fields.get("text"), "text"),
            "explanation": self._words(fields.get("explanation"), "explanation"),
            "criterion": self._criterion(fields.get("criterion")),
            "domain": self._values.text(fields.get("domain"), "domain") or None,
            **self._own(kind, fields),
        }
        if self._report.errors > before:
            return None
        try:
            return _CLASSES[kind](**given), fields.place("id").mark
        except FlawError as flaw:
            self._report.error(fields.place(flaw.field), said_in(flaw))
            return None

    def _kind(self, node: Node) -> Kind | None:
        """The kind first: what else may stand there hangs on it."""
        if not isinstance(node, Pairs):
            self._report.error(node, say("a question must be a mapping, not {found}", found=describe(node)))
            return None
        written = next((value for key, value in node.pairs if key.value == "type"), None)
        if written is None:
            self._report.error(node, say("a question needs 'type': {names}", names=tuple(KINDS)))
            return None
        return cast("Kind", self._values.choice(written, "type", KINDS, "")) or None

    def _criterion(self, node: Node | None) -> str | None:
        id = self._values.text(node, "criterion")
        if id and self._criteria is not None and id not in self._criteria:
            near = did_you_mean(id, self._criteria)
            self._report.error(node or Mark(), say("the rubric has no criterion {id!r}{near}", id=id, near=near))
        return id or None

    def _own(self, kind: Kind, fields: Fields) -> dict[str, Any]:
        values = self._values
        if kind == "true_false":
            return {"answer": values.flag(fields.get("answer"), "answer")}
        if kind == "order":
            return {"steps": options_of(self._texts(fields, "steps"))}
        if kind == "fill_in":
            blanks = values.items(fields.get("blanks"), "blanks")
            return {"blanks": tuple(values.texts(one, say("a blank")) for one in blanks)}
        if kind == "short_answer":
            points = tuple(self._point(one) for one in values.items(fields.get("points"), "points"))
            return {"points": points, "model_answer": self._words(fields.get("model_answer"), "model_answer")}
        chosen = {"options": options_of(self._texts(fields, "options")), "answer": self._answer(fields.get("answer"))}
        return chosen if kind != "judge_chat" else {**chosen, **self._judge_chat(fields)}

    def _judge_chat(self, fields: Fields) -> dict[str, Any]:
        values = self._values
        verdicts = {
            key.value: cast("Verdict", values.choice(value, key.value, ("pass", "fail"), "pass"))
            for key, value in values.entries(fields.get("verdicts"), "verdicts")
        }
        for key, _ in values.entries(fields.get("verdicts"), "verdicts"):
            self._criterion(key)
        score = fields.get("score")
        return {
            "task": cast("Task", values.choice(fields.get("task"), "task", ("mark", "better", "score"), "mark")),
            "chat": values.text(fields.get("chat"), "chat"),
            "faults": tuple(self._fault(one) for one in values.items(fields.get("faults"), "faults")),
            "verdicts": verdicts,
            "score": None if score is None else values.number(score, "score", least=0, most=100),
        }

    def _fault(self, node: Node) -> Fault:
        keys = ("criterion", "message", "quote")
        fields = self._values.fields(node, say("a fault"), keys, keys)
        if fields is None:
            return Fault("", 0, "")
        number = int(self._values.number(fields.get("message"), "message", least=0))
        quote = self._values.text(fields.get("quote"), "quote")
        return Fault(self._criterion(fields.get("criterion")) or "", number, quote)

    def _point(self, node: Node) -> RequiredPoint:
        fields = self._values.fields(node, say("a point"), ("title", "phrases"), ("title", "phrases"))
        if fields is None:
            return RequiredPoint(Words("", ""), ())
        title = self._words(fields.get("title"), "title")
        return RequiredPoint(title, self._values.texts(fields.get("phrases"), "phrases"))

    def _answer(self, node: Node | None) -> tuple[str, ...]:
        if node is None or isinstance(node, Scalar):
            text = self._values.text(node, "answer")
            return (text,) if text else ()
        return self._values.texts(node, "answer")

    def _texts(self, fields: Fields, key: str) -> Sequence[Words]:
        found = [
            self._words(one, say("an item of {what}", what=key)) for one in self._values.items(fields.get(key), key)
        ]
        if len(found) > 8:
            self._report.error(
                fields.place(key), say("{key} may hold 8 at most, not {count}", key=key, count=len(found))
            )
        return found[:8]

    def _words(self, node: Node | None, what: str) -> Words:
        if node is None or isinstance(node, Scalar):
            return Words(self._values.text(node, what), "")
        fields = self._values.fields(node, what, ("zh", "en"), ("zh",))
        if fields is None:
            return Words("", "")
        en = fields.get("en")
        return Words(self._values.text(fields.get("zh"), what), self._values.text(en, what) if en is not None else "")
