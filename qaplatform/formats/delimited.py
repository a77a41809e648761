"""Rows of CSV and TSV text with the line each begins on; one stray quote spoils one line, not the file."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

MAX_RECORD_LINES = 1000
"""A cell that runs over more lines than this is taken as an opening quote that was never closed."""

_MAX_CELL_CHARS = 1 << 27
csv.field_size_limit(
    _MAX_CELL_CHARS
)  # Python's own limit, 128 KiB, is shorter than a long chat; ours are the reader's.


@dataclass(frozen=True, slots=True)
class Row:
    """A row's cells, or the ``code`` for which it cannot be one."""

    line: int
    line_count: int
    cells: Sequence[object]
    code: str = ""
    reason: str = ""
    excerpt: str = ""


class TextLines(Protocol):
    """A text stream read with its line ends untouched."""

    def readline(self, limit: int, /) -> str:
        """One line with its end, or as much as ``limit`` allows; empty at the end."""


class _UnclosedError(Exception):
    """A quoted cell does not end."""


class DelimitedRows:
    """Rows of delimited text. ``width``, once set, helps to tell a stray quote from a cell of several lines."""

    def __init__(self, stream: TextLines, delimiter: str, max_line_chars: int) -> None:
        self._stream = stream
        self._delimiter = delimiter
        self._max_line = max_line_chars
        self._again: deque[str] = deque()
        self._taken: list[str] = []
        self._next_line = 1
        self.width: int | None = None

    def __iter__(self) -> Iterator[Row]:
        while True:
            reader = csv.reader(self._lines(), delimiter=self._delimiter, strict=True)
            for row in self._rows(reader):
                if row is None:
                    break
                yield row
            else:
                return

    def _rows(self, reader: Iterator[list[str]]) -> Iterator[Row | None]:
        """Rows until the end, or ``None`` where reading must begin anew behind a spoilt line."""
        while True:
            self._taken.clear()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except _UnclosedError:
                yield self._spoilt("unclosed_quote", "a quote opens a cell and is not closed")
                yield None
                return
            except csv.Error:
                yield self._carelessly_quoted()
                yield None
                return
            count = len(self._taken)
            if count > 1 and self.width is not None and len(cells) != self.width:
                yield self._spoilt("unclosed_quote", "a quote opens a cell and closes in another row")
                yield None
                return
            row = self._row(cells, count)
            self._next_line += count
            yield row

    def _row(self, cells: list[str], count: int) -> Row:
        first = self._taken[0]
        for line in self._taken:
            if len(line) > self._max_line:
                return Row(
                    self._next_line,
                    count,
                    (),
                    "line_too_long",
                    f"the line is longer than {self._max_line} characters",
                    first,
                )
            if not line.isascii() and not _encodable(line):
                return Row(self._next_line, count, (), "encoding", "bytes that are not of the file's encoding", first)
        return Row(self._next_line, count, cells, excerpt=first)

    def _carelessly_quoted(self) -> Row:
        """A row with text behind a closing quote: taken as it is where it is one line, else that quote was a stray."""
        cells: list[str] | None = None
        if len(self._taken) == 1:
            try:
                cells = next(csv.reader(_only(self._taken[0]), delimiter=self._delimiter))
            except (_UnclosedError, csv.Error):
                cells = None
        if cells is None:
            return self._spoilt("unclosed_quote", "a quote opens a cell and closes amid another one")
        row = self._row(cells, 1)
        self._next_line += 1
        return row

    def _spoilt(self, code: str, reason: str) -> Row:
        """The first line of a row that cannot be; the lines after it are read again."""
        first, *others = self._taken
        self._again.extendleft(reversed(others))
        row = Row(self._next_line, 1, (), code, reason, first)
        self._next_line += 1
        return row

    def _lines(self) -> Iterator[str]:
        while True:
            line = self._again.popleft() if self._again else self._read()
            if not line:
                if self._taken:
                    raise _UnclosedError
                return
            self._taken.append(line)
            yield "\n" if len(line) > self._max_line else line
            if len(self._taken) >= MAX_RECORD_LINES:
                raise _UnclosedError

    def _read(self) -> str:
        line = self._stream.readline(self._max_line + 1)
        if len(line) > self._max_line:
            more = line
            while more and more[-1] not in "\r\n":
                more = self._stream.readline(1 << 16)
        return line


def _only(line: str) -> Iterator[str]:
    yield line
    raise _UnclosedError


def _encodable(line: str) -> bool:
    try:
        line.encode()
    except UnicodeEncodeError:
        return False
    return True


def sniff_delimiter(sample: str) -> list[str]:
    """The possible delimiters, likeliest first: the one that cuts most of the first lines into equally many cells."""
    lines = [line for line in sample.splitlines()[:50] if line.strip()][:30]

    def evenness(delimiter: str) -> tuple[float, int]:
        try:
            widths = [len(cells) for cells in csv.reader(lines, delimiter=delimiter) if cells]
        except csv.Error:
            return 0.0, 0
        several = [width for width in widths if width > 1]
        if not several:
            return 0.0, 0
        usual = max(set(several), key=lambda width: (several.count(width), width))
        return several.count(usual) / len(widths), usual

    return sorted(",\t;|", key=evenness, reverse=True)
