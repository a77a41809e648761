"""Drill files (YAML) → drills, every mistake at ``path:line:column``. ``packs/drills/README.md`` shows how to write one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import cast, get_args

from qaplatform.audit.conversation import Message
from qaplatform.audit.notation import NotationError, parse_messages
from qaplatform.audit.phrases import Words
from qaplatform.audit.problem import Mark, Problem, Report, SourceError
from qaplatform.audit.saying import say
from qaplatform.audit.yaml_source import Node, Scalar, compose, did_you_mean
from qaplatform.audit.yaml_values import Fields, Values
from qaplatform.exam.act_names import ABOUTS, ACTS
from qaplatform.exam.scenario import Sign
from qaplatform.resources import folder_texts, shipped_folder
from qaplatform.training.drills import DEFAULT_SIGNS, Drill, Drills, Language, Must, Situation, Trained, Wording

_SIGNS: tuple[Sign, ...] = get_args(Sign)
_DAY = date(2026, 10, 14)
_FILE_KEYS = ("criterion", "trains", "from_chats", "drills")
_KEYS = ("id", "title", "must", "must_not", "shop", "queue", "promotion", "return_addresses", "zh", "en")
_WORDING_KEYS = ("chat", "then", "panel", "good", "bad")
_LONGEST_CHARS = 1000


class DrillError(SourceError):
    """Drill files cannot be used; see ``problems``."""


def load_drills(folder: Path, criteria: Collection[str] | None = None) -> Drills:
    """The drills of all ``*.yaml`` files of a folder; ``criteria`` are the ids they may name, ``None``: any.

    Raises:
        DrillError: with every mistake of all files.
    """
    texts = folder_texts(folder)
    drills, problems = check_drills(texts, criteria)
    if drills is None:
        raise DrillError(problems)
    return drills


@lru_cache(maxsize=1)
def shipped_drills() -> Drills:
    """The drills that ship with the program."""
    return load_drills(shipped_folder("packs") / "drills")


def check_drills(
    files: Mapping[str, str], criteria: Collection[str] | None = None
) -> tuple[Drills | None, tuple[Problem, ...]]:
    """The drills (``None`` with any error) of some files, texts by path, and all mistakes. Raises nothing."""
    report = Report()
    found: dict[str, tuple[Drill, Mark]] = {}
    trained: dict[str, Trained] = {}
    for path, text in files.items():
        root = compose(path, text, report)
        if root is None:
            continue
        reader = _Reader(Values(report), criteria)
        for drill, mark in reader.file(root):
            if drill.id in found:
                report.error(
                    mark, say("there is a drill {id!r} already, at {mark}", id=drill.id, mark=found[drill.id][1])
                )
            else:
                found[drill.id] = (drill, mark)
        if reader.criterion:
            trained.setdefault(reader.criterion, reader.trained)
    if report.failed:
        return None, report.problems
    return Drills({id: one for id, (one, _) in found.items()}, trained), report.problems


@dataclass(frozen=True)
class _About:
    """What all wordings of a drill share."""

    must: tuple[Must, ...]
    must_not: tuple[Sign, ...]
    shop: str
    queue: str
    promotion: bool
    return_addresses: tuple[str, ...]


class _Reader:
    """Reads one file."""

    def __init__(self, values: Values, criteria: Collection[str] | None) -> None:
        self._values, self._report, self._criteria = values, values.report, criteria
        self.criterion = ""
        self.trained = Trained()

    def file(self, root: Node) -> list[tuple[Drill, Mark]]:
        """The drills that stand, each with the place of its id."""
        values = self._values
        fields = values.fields(root, say("a drill file"), _FILE_KEYS, ("criterion", "drills"))
        if fields is None:
            return []
        self.criterion = values.id(fields.get("criterion"), "criterion")
        if self._criteria is not None and self.criterion and self.criterion not in self._criteria:
            near = did_you_mean(self.criterion, self._criteria)
            self._report.error(
                fields.place("criterion"),
                say("the rubric has no criterion {criterion!r}{near}", criterion=self.criterion, near=near),
            )
        self.trained = self._trained(fields)
        read = [self._drill(node) for node in values.items(fields.get("drills"), "drills")]
        return [one for one in read if one is not None]

    def _trained(self, fields: Fields) -> Trained:
        values, node = self._values, fields.get("trains")
        inner = values.fields(node, "trains", ("acts", "signs")) if node is not None else None
        acts: tuple[str, ...] = ()
        signs: tuple[Sign, ...] = ()
        if inner is not None:
            acts = tuple(self._known(one, ACTS, say("act")) for one in values.items(inner.get("acts"), "acts"))
            signs = self._signs(inner.get("signs"), "signs")
        chats = fields.get("from_chats")
        made = values.fields(chats, "from_chats", ("must",), ("must",)) if chats is not None else None
        return Trained(acts, signs, self._musts(made.get("must")) if made is not None else ())

    def _drill(self, node: Node) -> tuple[Drill, Mark] | None:
        values, before = self._values, self._report.errors
        fields = values.fields(node, say("a drill"), _KEYS, ("id", "title", "must", "zh"))
        if fields is None:
            return None
        id = values.id(fields.get("id"), "id")
        title = values.words(fields.get("title"), "title") or Words("", "")
        about = _About(
            must=self._musts(fields.get("must")),
            must_not=self._signs(fields.get("must_not"), "must_not") if "must_not" in fields else DEFAULT_SIGNS,
            shop=values.text(fields.get("shop"), "shop"),
            queue=values.text(fields.get("queue"), "queue", "after_sale"),
            promotion=values.flag(fields.get("promotion"), "promotion"),
            return_addresses=values.texts(fields.get("return_addresses"), "return_addresses"),
        )
        if not about.must and "must" in fields:
            self._report.error(fields.place("must"), say("an answer must do at least one thing"))
        wordings: dict[Language, Wording] = {}
        languages: tuple[Language, ...] = ("zh", "en")
        for language in languages:
            if language in fields:
                wording = self._wording(fields.place(language), language, title, about)
                if wording is not None:
                    wordings[language] = wording
        if self._report.errors > before:
            return None
        return Drill(id, self.criterion, title, wordings), fields.place("id").mark

    def _wording(self, node: Node, language: Language, title: Words, about: _About) -> Wording | None:
        values = self._values
        fields = values.fields(
            node, say("a drill in {language}", language=language), _WORDING_KEYS, ("chat", "good", "bad")
        )
        if fields is None:
            return None
        messages = self._chat(fields, "chat", timed=True)
        if messages and messages[-1].role != "customer":
            self._report.error(fields.place("chat"), say("the last message is the customer's: it is what is answered"))
        said = {key: values.text(fields.get(key), key) for key in ("good", "bad")}
        for key, text in said.items():
            if len(text) > _LONGEST_CHARS:
                self._report.error(
                    fields.place(key), say("an answer has {count} characters at most", count=_LONGEST_CHARS)
                )
        situation = Situation(
            criterion=self.criterion,
            language=language,
            title=title.in_language(language),
            messages=messages,
            then=self._chat(fields, "then", timed=False),
            panel=values.texts(fields.get("panel"), "panel"),
            must=about.must,
            must_not=about.must_not,
            good=said["good"],
            shop=about.shop,
            queue=about.queue,
            promotion=about.promotion,
            return_addresses=about.return_addresses,
        )
        return Wording(situation, said["bad"])

    def _chat(self, fields: Fields, key: str, *, timed: bool) -> tuple[Message, ...]:
        node = fields.get(key)
        if node is None or not self._values.text(node, key) or not isinstance(node, Scalar):
            return ()
        try:
            messages = parse_messages(node.value, day=_DAY)
        except NotationError as error:
            self._report.error(node.at_line(error.line), error.wrong)
            return ()
        if timed and any(one.sent_at is None for one in messages):
            self._report.error(node, say("every message has a time: customer 10:00:00 …"))
        return messages

    def _musts(self, node: Node | None) -> tuple[Must, ...]:
        return tuple(self._must(one) for one in self._values.items(node, "must"))

    def _must(self, node: Node) -> Must:
        """``soothes/apologises``, ``asks photo``, ``promises due``, ``offers exchange/refund due``."""
        words = self._values.text(node, say("an item of must")).split()
        if not words:
            return Must(())
        due = words[-1] == "due"
        acts, *rest = words[:-1] if due else words
        abouts = [about for part in rest for about in part.split("/")]
        for act in acts.split("/"):
            self._check(node, act, ACTS, say("act"))
        for about in abouts:
            self._check(node, about, ABOUTS, say("about"))
        return Must(tuple(acts.split("/")), tuple(abouts), due)

    def _signs(self, node: Node | None, what: str) -> tuple[Sign, ...]:
        return tuple(cast("Sign", self._known(one, _SIGNS, say("sign"))) for one in self._values.items(node, what))

    def _known(self, node: Node, known: Collection[str], what: str) -> str:
        value = self._values.text(node, what)
        self._check(node, value, known, what)
        return value

    def _check(self, node: Node, value: str, known: Collection[str], what: str) -> None:
        if value and value not in known:
            near = did_you_mean(value, known)
            self._report.error(
                node,
                say(
                    "there is no {what} {name!r}{near}; there are {names}",
                    what=what,
                    name=value,
                    near=near,
                    names=tuple(sorted(known)),
                ),
            )
