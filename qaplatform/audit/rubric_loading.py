"""Rubric files → a frozen rubric, every mistake at ``path:line:column``.

Pure over ``read``: paths in a rubric are relative to its own folder and may not leave it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Mapping

import msgspec

from qaplatform.audit.criterion_loading import CriterionReader, applies_of, check_groups
from qaplatform.audit.keeping import Store
from qaplatform.audit.phrase_loading import Read, read_phrase_file, read_text
from qaplatform.audit.phrases import PhraseBook, PhraseGroup, Words
from qaplatform.audit.problem import Problem, Report, SourceError
from qaplatform.audit.rubric import CheckLike, Criterion, Rubric, Section, sealed
from qaplatform.audit.saying import say
from qaplatform.audit.yaml_source import Node, Pairs, compose, did_you_mean
from qaplatform.audit.yaml_structs import read_struct
from qaplatform.audit.yaml_values import Fields, Values

RubricProblem = Problem

_KEYS = (
    "id", "version", "title", "applies", "pass_mark", "scored_share_floor", "forbids_llm", "phrases", "observe", "sections",
)  # fmt: skip


class RubricError(SourceError):
    """A rubric cannot be used; see ``problems``."""


def load_rubric(
    path_name: str,
    read: Read,
    checks: Mapping[str, CheckLike],
    observers: Mapping[str, type[msgspec.Struct]] | None = None,
    *,
    prompts: Collection[str] | None = None,
    thorough: bool = False,
    kept: Store | None = None,
) -> Rubric:
    """A rubric with all it includes.

    Args:
        path_name: the file's path as ``read`` takes it; includes are asked for relative to its folder.
        read: takes a path (this one, or one of an include) and gives the text.
        checks: what criteria of kind ``check`` may name, by id.
        observers: parameter classes of the observers by id.
        prompts: what criteria of kind ``question`` may name; anything where it is ``None``.
        thorough: also try every pattern alone in Hyperscan (about 2 ms each).
        kept: where word lists that have been read may lie.

    Raises:
        RubricError: with every mistake of all files, warnings included.
    """
    rubric, problems = check_rubric(path_name, read, checks, observers, prompts=prompts, thorough=thorough, kept=kept)
    if rubric is None:
        raise RubricError(problems)
    return rubric


def check_rubric(
    path_name: str,
    read: Read,
    checks: Mapping[str, CheckLike],
    observers: Mapping[str, type[msgspec.Struct]] | None = None,
    *,
    prompts: Collection[str] | None = None,
    thorough: bool = True,
    kept: Store | None = None,
) -> tuple[Rubric | None, tuple[Problem, ...]]:
    """The rubric (``None`` with any error) and all errors and warnings. Raises nothing for a bad file."""
    report = Report()
    text = read_text(path_name, read, report)
    root = compose(path_name, text, report) if text is not None else None
    if root is None:
        return None, report.problems
    loader = _Loader(path_name, read, checks, observers or {}, report, prompts=prompts, thorough=thorough, kept=kept)
    rubric = loader.rubric(root)
    return (None if report.failed else rubric), report.problems


class _Loader:
    def __init__(
        self,
        path: str,
        read: Read,
        checks: Mapping[str, CheckLike],
        observers: Mapping[str, type[msgspec.Struct]],
        report: Report,
        *,
        prompts: Collection[str] | None,
        thorough: bool,
        kept: Store | None,
    ) -> None:
        self._path, self._read, self._report, self._thorough, self._kept = path, read, report, thorough, kept
        self._checks, self._observers, self._prompts = checks, observers, prompts
        self._values = Values(report)

    def rubric(self, root: Node) -> Rubric | None:
        values = self._values
        fields = values.fields(root, say("a rubric"), _KEYS, ("id", "version", "title", "sections"))
        if fields is None:
            return None
        book, complete = self._book(fields)
        groups = book if complete else None
        observe = self._observe(fields, groups)
        sections = self._sections(fields, groups)
        self._lint_points(sections, fields)
        return sealed(
            Rubric(
                id=values.id(fields.get("id"), "id"),
                version=values.text(fields.get("version"), "version"),
                title=values.words(fields.get("title"), "title") or Words("", ""),
                sections=sections,
                applies=applies_of(values, fields.get("applies")),
                pass_mark=values.number(fields.get("pass_mark"), "pass_mark", 80.0, least=0, most=100),
                scored_share_floor=values.number(
                    fields.get("scored_share_floor"), "scored_share_floor", 0.5, least=0, most=1
                ),
                phrases=book,
                observe=observe,
                forbids_llm=values.flag(fields.get("forbids_llm"), "forbids_llm"),
                mark=root.mark,
            )
        )

    def _included(self, node: Node, what: str) -> str | None:
        """The path a node names, as ``read`` takes it."""
        name = self._values.text(node, what)
        if not name:
            return None
        inner = posixpath.normpath(name)
        if name.startswith("/") or "\\" in name or inner == ".." or inner.startswith("../"):
            self._report.error(
                node,
                say("{what} must lie in the rubric's own folder, written with '/', not {name!r}", what=what, name=name),
            )
            return None
        return posixpath.join(posixpath.dirname(self._path), inner)

    def _book(self, fields: Fields) -> tuple[PhraseBook, bool]:
        """The phrase groups, and whether every file of them could be read without a mistake."""
        groups: dict[str, PhraseGroup] = {}
        seen: set[str] = set()
        before = self._report.errors
        for node in self._values.items(fields.get("phrases"), "phrases"):
            path = self._included(node, say("a phrase file"))
            if path is None:
                continue
            if path in seen:
                self._report.error(node, say("{path!r} is listed twice", path=path))
                continue
            seen.add(path)
            text = read_text(path, self._read, self._report, node)
            if text is not None:
                read_phrase_file(path, text, self._report, groups, thorough=self._thorough, kept=self._kept)
        return PhraseBook(groups.values()), self._report.errors == before

    def _observe(self, fields: Fields, groups: Mapping[str, PhraseGroup] | None) -> dict[str, msgspec.Struct]:
        """Parameters of every observer: as written, else its defaults."""
        observe: dict[str, msgspec.Struct] = {}
        written: dict[str, Node] = {}
        for key, node in self._values.entries(fields.get("observe"), "observe"):
            if key.value in self._observers:
                written[key.value] = node
            else:
                near = did_you_mean(key.value, self._observers)
                self._report.error(key, say("there is no observer {name!r}{near}", name=key.value, near=near))
        for name, kind in self._observers.items():
            mapping = written.get(name)
            missing = [field.name for field in msgspec.structs.fields(kind) if field.required]
            if mapping is None and missing:
                self._report.error(
                    fields.place("observe"), say("observer {name!r} needs {names}", name=name, names=tuple(missing))
                )
                continue
            params = read_struct(self._values, mapping, kind, say("observer {name!r}", name=name))
            if params is not None:
                observe[name] = params
                if mapping is not None:
                    check_groups(self._report, params, mapping, groups, only_written=True)
        return observe

    def _sections(self, fields: Fields, groups: Mapping[str, PhraseGroup] | None) -> tuple[Section, ...]:
        reader = CriterionReader(self._values, self._checks, groups, self._prompts)
        sections: list[Section] = []
        places: dict[str, Node] = {}
        items = self._values.items(fields.get("sections"), "sections")
        if not items and "sections" in fields:
            self._report.error(fields.place("sections"), say("a rubric needs at least one section"))
        for node in items:
            found = self._section_node(node)
            section = self._section(found, reader) if found is not None else None
            if section is None or found is None:
                continue
            if section.id in places:
                self._report.error(
                    node, say("section {id!r} is also at {mark}", id=section.id, mark=places[section.id].mark)
                )
            places.setdefault(section.id, found)
            sections.append(section)
        return tuple(sections)

    def _section_node(self, node: Node) -> Node | None:
        """The section itself, read from its file where it is an ``include``."""
        if not isinstance(node, Pairs) or not any(key.value == "include" for key, _ in node.pairs):
            return node
        fields = self._values.fields(node, say("an include"), ("include",), ("include",))
        path = self._included(fields.place("include"), say("an include")) if fields else None
        if path is None:
            return None
        text = read_text(path, self._read, self._report, node)
        return compose(path, text, self._report) if text is not None else None

    def _section(self, node: Node, reader: CriterionReader) -> Section | None:
        values = self._values
        fields = values.fields(node, say("a section"), ("id", "title", "criteria"), ("id", "title", "criteria"))
        if fields is None:
            return None
        items = values.items(fields.get("criteria"), "criteria")
        if not items:
            self._report.error(fields.place("criteria"), say("a section needs at least one criterion"))
        criteria: list[Criterion] = []
        for item in items:
            criterion = reader.criterion(item)
            if criterion is not None:
                criteria.append(criterion)
        return Section(
            values.id(fields.get("id"), "id"),
            values.words(fields.get("title"), "title") or Words("", ""),
            tuple(criteria),
        )

    def _lint_points(self, sections: tuple[Section, ...], fields: Fields) -> None:
        criteria = [criterion for section in sections for criterion in section.criteria]
        if criteria and not self._report.failed and not any(one.weight + one.deduction > 0 for one in criteria):
            self._report.error(
                fields.place("sections"), say("nothing can be scored: no criterion has a weight or deduction above 0")
            )
