"""JSON arrays and printed objects: each line counted once, however the values lie on the lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qaplatform.formats.json_document import read_document
from qaplatform.formats.jsonl import JsonlDecoder
from qaplatform.formats.options import ReadOptions

Read = Callable[..., Any]

GOOD = '{"id":"a","messages":[{"role":"customer","text":"在吗"}]}'
PRINTED = '{\n "id":"b",\n "messages":[{"role":"customer","text":"在吗"}]\n}'
NO_ID = '{\n "messages": []\n}'
TWO_DAYS_APART = (
    '{"id":"c","messages":[{"role":"customer","text":"在吗","sent_at":"2026-09-01T10:00:00+08:00"},\n'
    '{"role":"agent","text":"在的","sent_at":"2026-09-03T10:00:00+08:00"}]}'
)

# The document; its lines that are content, blank and separators; line and number of lines of each rejection.
ACCOUNTS: dict[str, tuple[str, tuple[int, int, int], list[tuple[int, int]]]] = {
    "nothing wrong": (f"[\n{GOOD},\n{PRINTED}\n]\n", (5, 0, 2), []),
    "no line end at the end": (f"[\n{GOOD}\n]", (1, 0, 2), []),
    "an empty array": ("[]", (0, 0, 1), []),
    "blank lines and commas between": (f"[\n\n{GOOD}\n,\n \t\n{GOOD}]\r\n\r\n", (2, 3, 2), []),
    "all on one line, all good": (f"[{GOOD},{GOOD}]", (1, 0, 0), []),
    "all on one line, one bad": (f"[{GOOD},{{}},{GOOD}]", (1, 0, 0), [(1, 0)]),
    "all on one line, all bad": ("[{},{},{}]\n", (0, 0, 0), [(1, 1), (1, 0), (1, 0)]),
    "several pieces of a line behind a stray brace": (
        '[\n{"id":"x"},"tags":[],"messages":[{"role":"agent"}]},\n' + GOOD + "\n]",
        (1, 0, 2),
        [(2, 1), (2, 0), (2, 0), (2, 0), (2, 0)],
    ),
    "a bad value begins on the last line of a good one": (f"[{PRINTED},{NO_ID}]", (4, 0, 0), [(4, 2)]),
    "a good value begins on the last line of a bad one": (f"[{NO_ID},{PRINTED}]", (4, 0, 0), [(1, 2)]),
    "a bad value between good ones, a line shared with each": (
        f"[{PRINTED},{NO_ID},{PRINTED}]",
        (8, 0, 0),
        [(4, 1)],
    ),
    "bad values that share the line where one ends and the next begins": (
        f"[{NO_ID},{NO_ID},{NO_ID}]",
        (0, 0, 0),
        [(1, 3), (3, 2), (5, 2)],
    ),
    "an object never closed": ('[\n{"id":"x",\n"messages":[\n\n', (0, 1, 1), [(2, 2)]),
    "an object never closed, and one that goes on": (
        '[\n{"id":"x","messages":[\n,\n' + GOOD + "\n]",
        (1, 0, 3),
        [(2, 1)],
    ),
    "words behind a good value": (f"[\n{GOOD} and, so, on\n]", (1, 0, 2), [(2, 0), (2, 0), (2, 0)]),
}


@pytest.mark.parametrize(("document", "account", "rejected"), ACCOUNTS.values(), ids=ACCOUNTS)
def test_every_line_of_a_document_is_counted_once(
    read: Read, document: str, account: tuple[int, int, int], rejected: list[tuple[int, int]]
) -> None:
    outcome = read("a.json", document)
    tally = outcome.tally
    assert [(rejection.line, rejection.lines) for rejection in outcome.rejections] == rejected
    assert (tally.content_lines, tally.blank_lines, tally.ignored_lines) == account


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_lines_of_a_document_are_the_same_in_every_encoding(read: Read, codec: str) -> None:
    outcome = read("a.json", f"[\n{PRINTED},{NO_ID},\n\n{GOOD}]\n".encode(codec))
    assert outcome.lines == [2, 9]
    assert [(rejection.line, rejection.lines) for rejection in outcome.rejections] == [(5, 2)]
    assert (outcome.tally.content_lines, outcome.tally.blank_lines, outcome.tally.ignored_lines) == (5, 1, 1)


def test_the_lines_of_a_conversation_that_is_cut_count_once(read: Read) -> None:
    outcome = read("a.json", f"[\n{TWO_DAYS_APART}\n]", split_gap_seconds=3600)
    assert [c.id for c in outcome.conversations] == ["c", "c#2"]
    assert outcome.tally.content_lines == 2


PIECES = st.sampled_from(
    [GOOD, PRINTED, NO_ID, TWO_DAYS_APART, "{}", "{", "}", "[", "]", '"', "\\", ",", "\n", "\n\n", " ", "words", '"\n{']
)


@given(st.lists(PIECES, max_size=25).map("".join))
def test_whatever_stands_in_a_document_its_lines_add_up(document: str) -> None:
    options = ReadOptions()
    block = read_document("f", document.encode(), JsonlDecoder("f", options), options, 0)
    rejected = sum(rejection.lines for rejection in block.rejections)
    assert block.line_count == document.count("\n") + (document[-1:] not in {"\n", ""})
    assert block.content_lines + block.blank_lines + block.ignored_lines + rejected == block.line_count
    assert len(set(block.lines)) <= block.content_lines
    for rejection in block.rejections:
        assert 1 <= rejection.line <= rejection.line + rejection.lines <= block.line_count + 1
    places = {*block.lines, *(rejection.line for rejection in block.rejections)}
    assert len(places) <= block.content_lines + rejected
