"""Telling what a file holds, and opening JSON and copied chats as sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import msgspec

from qaplatform.errors import InputError
from qaplatform.formats.chat import ChatReader, looks_like_chat
from qaplatform.formats.drafts import RefusedError
from qaplatform.formats.encodings import Encoding, Utf8Stream, detect, named
from qaplatform.formats.inputs import InputFile, known_suffix
from qaplatform.formats.json_document import read_document
from qaplatform.formats.json_values import is_document
from qaplatform.formats.jsonl import JsonlDecoder, read_blocks
from qaplatform.formats.lenient import other_names
from qaplatform.formats.opening_tables import errors_for, open_delimited, open_workbook, sniffed
from qaplatform.formats.options import FileKind, ReadOptions
from qaplatform.formats.report import Block
from qaplatform.formats.sources import (
    OpenFile,
    Replay,
    Source,
    SourceReport,
)
from qaplatform.formats.workbook import is_workbook

_SUFFIX_KINDS: dict[str, FileKind] = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl", ".csv": "table", ".tsv": "table",
}  # fmt: skip


def told_apart(file: InputFile, opened: OpenFile, sample: bytes, options: ReadOptions, *, complete: bool) -> Source:
    """What a file holds, told from its name, its first bytes and the options.

    Raises:
        RefusedError: the file as a whole cannot be read.
        InputError: the options name an encoding that does not exist.
    """
    replay = opened.replay(sample)
    if is_workbook(sample):
        return open_workbook(file, opened, replay, options)
    try:
        encoding = named(options.encoding, sample) if options.encoding else detect(sample, complete=complete)
    except LookupError as error:
        raise InputError(f"there is no encoding called {options.encoding!r}", field="encoding") from error
    if not encoding.known:
        raise RefusedError("encoding", "", "the encoding could not be told, or the file is no text")
    text = sample[encoding.mark_bytes :].decode(encoding.codec, "replace")
    if not complete:
        text = text[: text.rfind("\n") + 1] or text
    replay.read(encoding.mark_bytes)
    kind = options.kind or _kind(file, text, options)
    if kind == "jsonl":
        return _jsonl(file, opened, replay, text, encoding, options)
    if kind == "chat":
        return _chat(file, opened, replay, encoding, options)
    return open_delimited(file, opened, replay, text, encoding, options)


def _kind(file: InputFile, text: str, options: ReadOptions) -> FileKind:
    """By the name's suffix where it is telling, else by how the text begins."""
    by_suffix = _SUFFIX_KINDS.get(known_suffix(file.path)) if file.path else None
    if by_suffix:
        return by_suffix
    head = text.lstrip()
    if head.startswith("{") or (head.startswith("[") and is_document(head[:4096].encode("utf-8", "replace"))):
        return "jsonl"
    if options.columns:
        return "table"
    if looks_like_chat(text):
        return "chat"
    try:
        sniffed(text, options)
    except RefusedError:
        return "chat"
    return "table"


def _jsonl(
    file: InputFile, opened: OpenFile, replay: Replay, text: str, encoding: Encoding, options: ReadOptions
) -> Source:
    document = is_document(text[: 1 << 16].encode("utf-8", "replace"))
    mapping = {} if document else _other_names(text)
    safe = encoding.line_safe
    decoder = JsonlDecoder(file.name, options, codec=encoding.codec if safe else "utf-8", lenient=bool(mapping))
    stream = replay if safe else Utf8Stream(replay, encoding.codec)  # type: ignore[arg-type]
    splittable = safe and not document and not opened.compressed and file.path is not None and file.path.is_file()
    report = SourceReport(
        file.name,
        "jsonl",
        encoding.shown,
        mapping,
        file.size_bytes,
        opened.compressed,
        splittable,
        "a JSON document" if document else "",
    )

    def blocks() -> Iterator[Block]:
        raws = read_blocks(
            stream, options.block_bytes, start_byte=encoding.mark_bytes, max_line_bytes=options.max_line_bytes
        )
        before = 0
        for raw in raws:
            block = decoder.decode(raw)
            position = replay.position()
            yield block if splittable else replace(block, raw_bytes=max(0, position - before))
            before = position

    def document_blocks() -> Iterator[Block]:
        data = replay.read_whole(options.max_whole_bytes)
        text = data.decode(encoding.codec, "surrogateescape" if safe else "replace")
        whole = text.encode("utf-8", "surrogateescape")
        yield read_document(file.name, whole, decoder, options, opened.stream.position())

    return Source(report, document_blocks if document else blocks, encoding, lenient=bool(mapping))


def _other_names(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in islice(text.splitlines(), 20):
        try:
            found |= other_names(msgspec.json.decode(line))
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            continue
    return found


def _chat(file: InputFile, opened: OpenFile, replay: Replay, encoding: Encoding, options: ReadOptions) -> Source:
    def blocks() -> Iterator[Block]:
        text = replay.read_whole(options.max_whole_bytes).decode(encoding.codec, errors_for(encoding))
        yield ChatReader(file.name, file.label, options).read(text, opened.stream.position())

    return Source(
        SourceReport(file.name, "chat", encoding.shown, {}, file.size_bytes, opened.compressed), blocks, encoding
    )
