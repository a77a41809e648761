"""Which column of an uploaded table is which, as somebody sees and says it before the table is taken in.

What is shown of the file is masked like everything that is shown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import ClassVar

from sqlalchemy.orm import Session

from qaplatform.audit.conversation import Conversation
from qaplatform.audit.masking import Language
from qaplatform.errors import InputError, QAPlatformError
from qaplatform.formats.columns import NO_COLUMN, columns_of
from qaplatform.formats.fields import FIELDS
from qaplatform.formats.inputs import input_named
from qaplatform.formats.options import ReadOptions
from qaplatform.formats.peeking import peek
from qaplatform.formats.report import EXCERPT_CHARS, Notice, Rejection
from qaplatform.services import masking
from qaplatform.services.previewing import Preview, preview
from qaplatform.store.conversations import hashes_of

MOST_COLUMNS = 200
MOST_SAMPLES = 3
MOST_CONVERSATIONS = 2
MOST_LINES = 6
MOST_TROUBLE_LINES = 5
_MOST_WHOLE_BYTES = 64 << 20
_MOST_HELD_ROWS = 5_000
"""A preview reads the beginning; what that holds back to wait for further rows says nothing of the file."""


class NoTextColumnError(QAPlatformError):
    """Say which column holds the text of the messages."""

    code: ClassVar[str] = "mapping.text"


class NoWriterColumnError(QAPlatformError):
    """Say which column tells who wrote: the role or the sender's name."""

    code: ClassVar[str] = "mapping.writer"


class ColumnTwiceError(QAPlatformError):
    """Two columns cannot be the same field."""

    code: ClassVar[str] = "mapping.twice"

    def __init__(self, field: str) -> None:
        super().__init__()
        self.field = field


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: what its header calls it, some of its cells, and the field it was taken for."""

    place: int
    name: str
    samples: tuple[str, ...]
    field: str | None

    @property
    def given(self) -> str:
        """What ``ReadOptions.columns`` calls it."""
        return self.name or f"#{self.place + 1}"


@dataclass(frozen=True, slots=True)
class Line:
    """A message of a preview."""

    role: str
    agent: str | None
    sent_at: str | None
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Beginning:
    """A conversation of a preview: its first messages, and how many more there are."""

    id: str
    shop: str | None
    lines: tuple[Line, ...]
    more_count: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """Lines of one kind of problem."""

    code: str
    reason: str
    rejected: bool
    lines: tuple[int, ...]
    """The first ones; ``0`` is the whole file."""
    count: int


@dataclass(frozen=True, slots=True)
class Look:
    """An uploaded file before it is taken in."""

    preview: Preview
    columns: tuple[Column, ...]
    conversations: tuple[Beginning, ...]

    @property
    def whole_fault(self) -> str | None:
        """The code of why nothing of it can be read."""
        return next((one.code for one in self.preview.rejections if one.line == 0), None)

    @property
    def troubles(self) -> list[Trouble]:
        """What is wrong with the beginning of the file, by kind; the whole of it is another matter."""
        seen: list[tuple[Rejection | Notice, bool]] = [(one, True) for one in self.preview.rejections if one.line]
        seen += [(one, False) for one in self.preview.notices]
        found: dict[tuple[str, bool], list[Rejection | Notice]] = {}
        for one, rejected in seen:
            found.setdefault((one.code, rejected), []).append(one)
        return [
            Trouble(code, some[0].reason, rejected, tuple(one.line for one in some[:MOST_TROUBLE_LINES]), len(some))
            for (code, rejected), some in found.items()
        ]

    @property
    def is_too_large(self) -> bool:
        """Whether it is too large to be looked at beforehand; it can be taken in all the same."""
        return self.whole_fault == "too_large"


def look_at(path: Path, name: str, reading: ReadOptions, *, language: Language = "zh") -> Look:
    """Look at the beginning of a file; placeholders of what is masked are in the reader's language.

    Raises:
        InputError: it cannot be opened.
    """
    short = replace(reading, max_held_rows=_MOST_HELD_ROWS, max_whole_bytes=_MOST_WHOLE_BYTES)
    seen = preview(path, short, name=name)
    notices = tuple(one for one in seen.notices if one.code != "rows_apart")
    columns = _columns(seen, reading.columns)
    samples = iter(_masked([cell for column in columns for cell in column.samples], language))
    return Look(
        replace(seen, notices=notices),
        tuple(replace(one, samples=tuple(islice(samples, len(one.samples)))) for one in columns),
        tuple(_beginning(one, language) for one in seen.conversations[:MOST_CONVERSATIONS]),
    )


def _beginning(one: Conversation, language: Language) -> Beginning:
    said = one.messages[:MOST_LINES]
    texts = _masked([message.text for message in said], language, [one.customer.id] if one.customer else ())
    return Beginning(
        _masked([one.id], language)[0],
        one.shop,
        tuple(
            Line(message.role, message.agent, message.sent_at, message.kind, text)
            for message, text in zip(said, texts, strict=True)
        ),
        len(one.messages) - len(said),
    )


def _masked(texts: Sequence[str], language: Language, known_names: Collection[str | None] = ()) -> list[str]:
    names = [name for name in known_names if name]
    return [one.text for one in masking.shown(texts, unmasked=False, language=language, known_names=names)]


def known_count(session: Session, look: Look, shop_id: int | None) -> int:
    """How many conversations of the preview have ids that are stored in the shop already: those would be updated."""
    if shop_id is None:
        return 0
    keys = [(shop_id, one.source or "", one.id) for one in look.preview.conversations]
    return len(hashes_of(session, keys))


def header_of(path: Path, reading: ReadOptions) -> tuple[str, ...] | None:
    """The header of a table, by which tables that are alike are known; ``None`` where it is none."""
    try:
        seen = peek(input_named(path, path.name), replace(reading, max_whole_bytes=_MOST_WHOLE_BYTES))
    except InputError:
        return None
    return seen.rows[_header_place(seen.rows, {})] if seen and seen.rows else None


def _columns(seen: Preview, given: Mapping[str, str]) -> tuple[Column, ...]:
    if not seen.rows:
        return ()
    place = _header_place(seen.rows, seen.mapping)
    header = [cell.strip() for cell in seen.rows[place]][:MOST_COLUMNS]
    named = {field: name for field, name in given.items() if name.strip().casefold() in map(str.casefold, header)}
    guessed = columns_of(header, {**named, **{field: NO_COLUMN for field, name in given.items() if name == NO_COLUMN}})
    places = {column: field for field, column in guessed.places.items()}
    for field, name in seen.mapping.items():
        if name in header:
            places[header.index(name)] = field
    samples = [row for row in seen.rows[place + 1 :] if any(row)]
    return tuple(
        Column(number, _usable(name, header), _samples(samples, number), places.get(number))
        for number, name in enumerate(header)
    )


def _header_place(rows: Sequence[Sequence[str]], mapping: Mapping[str, str]) -> int:
    """The header among the first rows: where the mapped names stand, else the fullest row."""
    names = set(mapping.values())

    def fits(place: int) -> tuple[int, int, int]:
        cells = [cell.strip() for cell in rows[place]]
        return sum(cell in names for cell in cells), sum(map(bool, cells)), -place

    return max(range(len(rows)), key=fits)


def _usable(name: str, header: Sequence[str]) -> str:
    """A column's name, if it tells the column from others and is shown whole."""
    alone = [one.casefold() for one in header].count(name.casefold()) == 1
    return name if alone and len(name) < EXCERPT_CHARS and not name.startswith("#") and name != NO_COLUMN else ""


def _samples(rows: Sequence[Sequence[str]], place: int) -> tuple[str, ...]:
    cells = [row[place].strip() for row in rows if place < len(row)]
    return tuple(dict.fromkeys(cell for cell in cells if cell))[:MOST_SAMPLES]


def columns_said(chosen: Sequence[tuple[str, str]]) -> dict[str, str]:
    """``ReadOptions.columns`` for columns (as :attr:`Column.given`) and the fields they are; ``""`` = none.

    Every other field is taken from no column: what somebody has looked at is not guessed again.

    Raises:
        NoTextColumnError: no column holds the text.
        NoWriterColumnError: no column tells who wrote.
        ColumnTwiceError: two columns are the same field.
    """
    columns: dict[str, str] = {}
    for given, field in chosen:
        if field not in FIELDS:
            continue
        if field in columns:
            raise ColumnTwiceError(field)
        columns[field] = given
    if "text" not in columns:
        raise NoTextColumnError
    if "role" not in columns and "sender" not in columns:
        raise NoWriterColumnError
    if "date" in columns and "time" not in columns:
        columns["time"] = columns.pop("date")
    return columns | {field: NO_COLUMN for field in FIELDS if field not in columns}
