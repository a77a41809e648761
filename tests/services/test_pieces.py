"""Cutting an input into pieces, and taking up behind what is stored."""

from __future__ import annotations

import pytest

from qaplatform.formats.report import Block, Notice, Rejection
from qaplatform.services.pieces import Piece, pieces, without_stored
from tests.runs import chat

NAME = "a.jsonl"


def block(first: int, count: int, *, raw_bytes: int = 100, problems: int = 0) -> Block:
    return Block(
        NAME,
        [chat(f"c{number}", "customer 10:00:00 在吗") for number in range(first, first + count)],
        range(first + 1, first + count + 1),
        raw_bytes=raw_bytes,
        rejections=tuple(Rejection(NAME, first + 1, "id", "missing_id", "x") for _ in range(problems)),
        notices=(Notice(NAME, first + 1, "id", "duplicate_id", "x"),) if problems else (),
    )


BLOCKS = [
    block(0, 0, problems=1), block(0, 5, problems=2), block(5, 0, problems=1), block(5, 0, problems=1), block(5, 3),
    block(8, 1, problems=1), block(9, 0, problems=3),
]  # fmt: skip


def cut(most: int = 2) -> list[Piece]:
    return list(pieces(BLOCKS, NAME, most))


def ids(some: list[Piece]) -> list[str]:
    return [one.id for piece in some for one in piece.conversations]


def test_every_conversation_and_every_problem_is_in_one_piece() -> None:
    cuts = cut()
    assert [len(one.conversations) for one in cuts] == [2, 2, 1, 2, 1, 1, 0]
    assert ids(cuts) == [f"c{number}" for number in range(9)]
    assert [len(one.problems) for one in cuts] == [5, 0, 0, 4, 0, 2, 4]
    assert [one.is_last for one in cuts] == [False] * 6 + [True]
    assert cuts[0].lines == range(1, 3)


def test_how_far_the_input_is_read_never_goes_back_and_ends_at_its_end() -> None:
    read = [one.read_bytes for one in cut()]
    assert read == sorted(read)
    assert read[-1] == 700


@pytest.mark.parametrize("border", range(7))
def test_behind_any_border_is_exactly_what_was_not_stored(border: int) -> None:
    stored, left = cut()[:border], cut()[border:]
    position = sum(len(one.conversations) for one in stored)
    assert list(without_stored(cut(), position)) == left


@pytest.mark.parametrize("position", range(10))
def test_pieces_of_another_size_go_on_at_the_same_conversation(position: int) -> None:
    left = list(without_stored(cut(4), position))
    assert ids(left) == [f"c{number}" for number in range(position, 9)]
    assert left[-1].is_last


def test_many_messages_make_a_piece_sooner() -> None:
    long = chat("c1", *["customer 10:00:00 在吗"] * 6_000)
    cuts = list(pieces([Block(NAME, [long, long, long], [1, 2, 3])], NAME))
    assert [len(one.conversations) for one in cuts] == [2, 1, 0]


def test_an_empty_input_is_a_last_piece() -> None:
    assert [(len(one.conversations), one.is_last) for one in pieces([], NAME)] == [(0, True)]


def test_a_workbooks_lines_say_their_sheet() -> None:
    rejected = Rejection(f"{NAME}[十一月]", 7, "text", "missing_text", "the message has no text")
    (only,) = pieces([Block(NAME, rejections=(rejected,))], NAME)
    assert [(one.line, one.field) for one in only.problems] == [(7, "十一月: text")]
