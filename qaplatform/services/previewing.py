"""What a file looks like before it is taken in: its form, its columns, its first conversations and problems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from qaplatform.audit.conversation import Conversation
from qaplatform.formats.inputs import FoundInputs, input_named
from qaplatform.formats.options import FileKind, ReadOptions
from qaplatform.formats.peeking import peek
from qaplatform.formats.reading import open_sources
from qaplatform.formats.report import Notice, Rejection

SHOWN_CONVERSATIONS = 5
SHOWN_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class Preview:
    """A file as far as its beginning tells; shown to whoever uploads it, and kept nowhere."""

    kind: FileKind
    encoding: str
    note: str
    mapping: Mapping[str, str]
    """Field → name of its column, as given or guessed."""
    rows: tuple[tuple[str, ...], ...]
    """The first rows of a table, its header among them; empty for other forms."""
    sheets: tuple[str, ...]
    conversations: tuple[Conversation, ...]
    rejections: tuple[Rejection, ...]
    notices: tuple[Notice, ...]


def preview(path: Path, options: ReadOptions, *, name: str | None = None) -> Preview:
    """Look at the beginning of a file; ``name`` is what people call it.

    Raises:
        InputError: it cannot be opened, or an option does not make sense.
    """
    file = input_named(path, name or path.name)
    source = next(iter(open_sources(FoundInputs((file,)), options)))
    conversations: list[Conversation] = []
    rejections: list[Rejection] = []
    notices: list[Notice] = []
    # A table may hold back its first conversations until the file is read; a few blocks are enough of any other form.
    for block in islice(source.blocks(), 3):
        conversations += block.conversations[:SHOWN_CONVERSATIONS]
        rejections += block.rejections[:SHOWN_PROBLEMS]
        notices += block.notices[:SHOWN_PROBLEMS]
        if len(conversations) >= SHOWN_CONVERSATIONS:
            break
    report = source.report
    seen = peek(file, options, as_table=report.kind == "table")
    return Preview(
        kind="table" if seen else report.kind,
        encoding=seen.encoding if seen else report.encoding,
        note=report.note,
        mapping=report.mapping,
        rows=seen.rows if seen else (),
        sheets=seen.sheets if seen else (),
        conversations=tuple(conversations[:SHOWN_CONVERSATIONS]),
        rejections=tuple(rejections[:SHOWN_PROBLEMS]),
        notices=tuple(notices[:SHOWN_PROBLEMS]),
    )
