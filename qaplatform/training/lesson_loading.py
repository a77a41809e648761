"""Reading lessons: Markdown files with a YAML head in ``zh/`` and ``en/``, every mistake at path:line:column.

What a lesson looks like stands in the README of ``packs/lessons``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import cast

from markdown_it.token import Token

from qaplatform.audit.problem import Mark, Problem, Report, SourceError
from qaplatform.audit.saying import say
from qaplatform.audit.yaml_source import Node, Scalar, compose, did_you_mean, is_utf8
from qaplatform.audit.yaml_values import Fields, Values
from qaplatform.resources import file_text, shipped_folder
from qaplatform.training.lesson_blocks import BlockError, LessonChat, Pair, block_kind, read_chat, read_pair
from qaplatform.training.lessons import LANGUAGES, LEVELS, Heading, Language, Lesson, Lessons, Level
from qaplatform.training.markdown import inline_text, is_web_link, lesson_linked, lint_tokens

_KEYS = ("id", "title", "tags", "criteria", "minutes", "level", "version")
_FENCE = "---"
_LARGEST_CHARS = 40_000
_DEEPEST_HEADING = 4
_SAME = ("criteria", "minutes", "level")


class LessonError(SourceError):
    """Lessons cannot be used; see ``problems``."""


def load_lessons(folder: Path, *, criteria: Collection[str] | None = None) -> Lessons:
    """All lessons of ``folder/zh`` and ``folder/en``; ``criteria`` = the ids they may name, unchecked without it.

    Raises:
        LessonError: with every mistake of all files.
    """
    files = {
        path.as_posix(): file_text(path) for language in LANGUAGES for path in sorted((folder / language).glob("*.md"))
    }
    lessons, problems = check_lessons(files, criteria=criteria)
    if lessons is None:
        raise LessonError(problems)
    return lessons


@lru_cache(maxsize=1)
def shipped_lessons() -> Lessons:
    """The lessons that ship with the program."""
    return load_lessons(shipped_folder("packs") / "lessons")


def check_lessons(
    files: Mapping[str, str], *, criteria: Collection[str] | None = None, others: Collection[str] = ()
) -> tuple[Lessons | None, tuple[Problem, ...]]:
    """The lessons (``None`` with any error) of some files, texts by path, and all mistakes. Raises nothing.

    The folder a file stands in is its language; ``others`` are lessons they may point at that are not among them.
    A lesson that lacks a language, or whose versions differ, is a warning.
    """
    report = Report()
    found: dict[str, dict[Language, Lesson]] = {}
    places: dict[str, str] = {}
    links: list[tuple[str, Mark]] = []
    for path, text in files.items():
        reader = _Reader(path, text.replace("\r\n", "\n"), report, criteria)
        lesson = reader.lesson()
        links += reader.links
        if lesson is not None:
            found.setdefault(lesson.id, {})[lesson.language] = lesson
            places[f"{lesson.language}/{lesson.id}"] = path
    known = {*others, *(PurePosixPath(path).stem for path in files)}
    for target, mark in links:
        if target not in known:
            report.error(
                mark,
                say("there is no lesson {target!r}{near}", target=target, near=did_you_mean(target, sorted(known))),
            )
    for id, languages in found.items():
        _compare(id, languages, places, report)
    return (None if report.failed else Lessons(found)), report.problems


def _compare(id: str, languages: Mapping[Language, Lesson], places: Mapping[str, str], report: Report) -> None:
    """Both languages of a lesson say the same about it."""
    if len(languages) < len(LANGUAGES):
        only = next(iter(languages))
        lacking = "en" if only == "zh" else "zh"
        report.warning(Mark(places[f"{only}/{id}"]), say("the lesson is not written in {language}", language=lacking))
        return
    zh, en = languages["zh"], languages["en"]
    place = Mark(places[f"en/{id}"])
    for name in (*_SAME, "title"):
        if getattr(zh, name) != getattr(en, name):
            report.error(place, say("{name} is not the same as in the Chinese lesson", name=name))
    if zh.version != en.version:
        report.warning(
            place,
            say(
                "version {version} is not that of the Chinese lesson, {chinese}", version=en.version, chinese=zh.version
            ),
        )


class _Reader:
    """Reads one file."""

    def __init__(self, path: str, text: str, report: Report, criteria: Collection[str] | None) -> None:
        self._path, self._text, self._report = path, text, report
        self._criteria = criteria
        self._lines = text.split("\n")
        self._first = 0
        """Lines before the body."""
        self.links: list[tuple[str, Mark]] = []
        """Lessons this one points at, with places; whether they are there is asked when all are read."""

    def lesson(self) -> Lesson | None:
        """The lesson; ``None`` where anything is wrong."""
        report, before = self._report, self._report.errors
        report.opened(self._path)
        language = PurePosixPath(self._path).parent.name
        if language not in LANGUAGES:
            report.error(
                Mark(self._path), say("a lesson stands in a folder zh or en, not {language!r}", language=language)
            )
        if not is_utf8(self._path, self._text, report):
            return None
        if len(self._text) > _LARGEST_CHARS:
            report.error(
                Mark(self._path), say("longer than {count} characters; make two lessons of it", count=_LARGEST_CHARS)
            )
            return None
        end = self._lines.index(_FENCE, 1) if _FENCE in self._lines[1:] else 0
        if not end or self._lines[0] != _FENCE:
            report.error(Mark(self._path), say("a lesson begins with a head between two lines '---'"))
            return None
        self._first = end + 1
        root = compose(self._path, "\n".join(self._lines[:end]) + "\n", report)
        body = "\n".join(self._lines[self._first :])
        headings, pairs, chats = self._body(body)
        fields = self._head(root)
        if fields is None or report.errors != before:
            return None
        values = Values(report)
        title = values.words(fields.get("title"), "title")
        return Lesson(
            id=values.id(fields.get("id"), "id"),
            language=cast("Language", language),
            title=title,  # type: ignore[arg-type]  # a head without a title has errors
            tags=values.texts(fields.get("tags"), "tags"),
            criteria=values.texts(fields.get("criteria"), "criteria"),
            minutes=int(values.number(fields.get("minutes"), "minutes")),
            level=cast("Level", values.choice(fields.get("level"), "level", LEVELS, "junior")),
            version=values.text(fields.get("version"), "version"),
            body=body,
            headings=headings,
            pairs=pairs,
            chats=chats,
            links=tuple(dict.fromkeys(target for target, _ in self.links)),
        )

    def _head(self, root: Node | None) -> Fields | None:
        values, report = Values(self._report), self._report
        # Criteria and tags may be empty lists: a lesson on handover explains no criterion.
        fields = values.fields(root, say("the head of a lesson"), _KEYS, _KEYS) if root is not None else None
        if fields is None:
            return None
        id, stem = values.id(fields.get("id"), "id"), PurePosixPath(self._path).stem
        if id != stem:
            report.error(
                fields.place("id"), say("id must be the name of the file, {stem!r}, not {id!r}", stem=stem, id=id)
            )
        title = values.words(fields.get("title"), "title")
        if title is not None and not (title.zh and title.en):
            report.error(fields.place("title"), say("title is given in zh and en"))
        values.texts(fields.get("tags"), "tags")
        for item in values.items(fields.get("criteria"), "criteria"):
            if isinstance(item, Scalar):
                self._criterion(item.value.strip(), item.mark)
        values.texts(fields.get("criteria"), "criteria")
        minutes = values.number(fields.get("minutes"), "minutes", least=1, most=60)
        if minutes != int(minutes):
            report.error(fields.place("minutes"), say("minutes are whole"))
        values.choice(fields.get("level"), "level", LEVELS, "junior")
        values.text(fields.get("version"), "version")
        return fields

    def _criterion(self, id: str, place: Mark) -> None:
        if id and self._criteria is not None and id not in self._criteria:
            self._report.error(
                place, say("there is no criterion {id!r}{near}", id=id, near=did_you_mean(id, sorted(self._criteria)))
            )

    def _body(self, body: str) -> tuple[tuple[Heading, ...], tuple[Pair, ...], tuple[LessonChat, ...]]:
        headings: list[Heading] = []
        pairs: list[Pair] = []
        chats: list[LessonChat] = []
        tokens = lint_tokens(body)
        if not body.strip():
            self._report.error(Mark(self._path, self._first), say("the lesson has no text"))
        for token, after in zip(tokens, [*tokens[1:], None], strict=False):
            if token.type == "heading_open" and after is not None:
                self._heading(token, after, headings)
            elif token.type == "html_block":
                self._report.error(self._line(token), say("HTML has no place in a lesson; write Markdown"))
            elif token.type == "inline":
                self._inline(token)
            elif token.type == "fence":
                block = self._block(token)
                if isinstance(block, Pair):
                    pairs.append(block)
                elif block is not None:
                    chats.append(block)
        return tuple(headings), tuple(pairs), tuple(chats)

    def _line(self, token: Token, more: int = 0) -> Mark:
        """Where a block begins, or one of its lines."""
        number = self._first + (token.map[0] if token.map else 0) + 1 + more
        raw = self._lines[number - 1] if number <= len(self._lines) else ""
        return Mark(self._path, number, len(raw) - len(raw.lstrip()) + 1)

    def _heading(self, token: Token, inline: Token, headings: list[Heading]) -> None:
        level, text = int(token.tag[1]), inline_text(inline)
        last = headings[-1].level if headings else 1
        if level == 1:
            self._report.error(
                self._line(token), say("the title stands in the head; headings of the text begin with '##'")
            )
        elif level > last + 1:
            self._report.error(
                self._line(token),
                say("a heading '{signs}' cannot follow a '{last}'", signs="#" * level, last="#" * last),
            )
        elif level > _DEEPEST_HEADING:
            self._report.error(self._line(token), say("headings go down to '{signs}'", signs="#" * _DEEPEST_HEADING))
        headings.append(Heading(max(level, 2), text))

    def _inline(self, token: Token) -> None:
        begin, end = token.map or [0, 1]
        source = self._lines[self._first + begin : self._first + end]
        for child in _all(token):
            if child.type == "html_inline":
                place = self._found(child.content, source, begin, token)
                self._report.error(place, say("HTML has no place in a lesson: {words}", words=child.content[:40]))
            elif child.type == "image":
                self._report.error(
                    self._found("![", source, begin, token), say("a lesson holds no pictures; describe it")
                )
            elif child.type == "link_open":
                href = str(child.attrGet("href") or "")
                place = self._found(f"({href}", source, begin, token, skip=1)
                target = lesson_linked(href)
                if target is not None:
                    self.links.append((target, place))
                elif not is_web_link(href):
                    self._report.error(
                        place,
                        say("a link goes to https://… or to a lesson, 'its-id.md', not {address!r}", address=href[:40]),
                    )

    def _found(self, needle: str, source: list[str], begin: int, token: Token, *, skip: int = 0) -> Mark:
        """Where some words stand in the source of a block; the block itself where they cannot be told."""
        for number, raw in enumerate(source):
            at = raw.find(needle)
            if at >= 0:
                return Mark(self._path, self._first + begin + number + 1, at + skip + 1)
        return self._line(token)

    def _block(self, token: Token) -> Pair | LessonChat | None:
        kind, place = block_kind(token.info), self._line(token)
        if not kind:
            return None
        try:
            reading = read_pair if kind == "pair" else read_chat
            block = reading(token.info, token.content, line=place.line)
        except BlockError as error:
            self._report.error(self._line(token, error.line), error.message)
            return None
        if block.criterion:
            raw = self._lines[place.line - 1]
            self._criterion(block.criterion, Mark(self._path, place.line, raw.rfind(block.criterion) + 1))
        return block


def _all(token: Token) -> Iterator[Token]:
    for child in token.children or []:
        yield child
        if child.type == "image":
            yield from (one for one in _all(child) if one.type != "image")
