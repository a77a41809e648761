"""Finding files, telling encodings, errors of the call, and counting."""

from __future__ import annotations

import gzip
import io
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qaplatform.errors import InputError, QAPlatformError
from qaplatform.formats.encodings import Utf8Stream, detect, take_sample
from qaplatform.formats.identity import IdRegister
from qaplatform.formats.inputs import find_inputs
from qaplatform.formats.reading import ReadOptions, open_sources
from qaplatform.formats.report import Rejection, Tally, excerpt

LINE = b'{"id":"%s","messages":[{"role":"agent","text":"x"}]}\n'


def test_folders_are_walked_in_order_and_only_known_files_are_taken(tmp_path: Path) -> None:
    for name in [
        "b/2.jsonl",
        "b/1.csv.gz",
        "a.txt",
        "c.XLSX",
        "z.pdf",
        ".hidden.csv",
        ".git/x.csv",
        "~$c.xlsx",
        "d.json",
    ]:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"")
    found = find_inputs([str(tmp_path)])
    assert [Path(file.name).relative_to(tmp_path).as_posix() for file in found.files] == [
        "a.txt",
        "c.XLSX",
        "d.json",
        "b/1.csv.gz",
        "b/2.jsonl",
    ]
    assert [file.label for file in found.files] == ["a", "c", "d", "b/1", "b/2"]


def test_a_file_named_twice_is_read_once_and_said(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(LINE % b"a")
    os.link(path, tmp_path / "b.jsonl")
    (tmp_path / "c.jsonl").symlink_to(path)
    found = find_inputs([str(path), str(tmp_path), str(tmp_path / "*.jsonl"), "-", "-"])
    assert [file.name for file in found.files] == [str(path), "-"]
    assert {notice.code for notice in found.notices} == {"file_twice"}
    assert found.total_bytes is None
    assert find_inputs([str(path)]).total_bytes == path.stat().st_size


def test_globs_also_cross_folders(tmp_path: Path) -> None:
    for name in ["x/1.csv", "x/y/2.csv", "3.txt"]:
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_bytes(b"")
    assert [Path(file.name).name for file in find_inputs([str(tmp_path / "**" / "*.csv")]).files] == ["1.csv", "2.csv"]


@pytest.mark.parametrize("name", ["absent.csv", "absent-*.csv", "empty", "", "a\0b"])
def test_an_input_that_is_not_there_is_an_error_before_anything_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError) as caught:
        find_inputs([str(tmp_path / name) if name else name])
    assert caught.value.exit_code == 2
    assert str(caught.value)


def test_no_input_at_all_is_an_error() -> None:
    with pytest.raises(InputError, match="no input"):
        find_inputs([])


def test_standard_input_is_told_apart_by_its_content() -> None:
    for content, kind in (
        (LINE % b"a", "jsonl"),
        ("角色,内容\n买家,好\n".encode(), "table"),
        ("花花 2025-9-1 8:03:05\n好\n".encode(), "chat"),
    ):
        for packed in (content, gzip.compress(content)):
            (source,) = open_sources(["-"], stdin=io.BytesIO(packed))
            assert source.report.kind == kind
            assert sum(len(block.conversations) for block in source.blocks()) == 1


def test_a_source_can_be_read_again_and_left_unread(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(LINE % b"a")
    first, second = open_sources([str(path), str(tmp_path / "*")]), open_sources([str(path)])
    next(first)
    (source,) = second
    assert [len(block.conversations) for _ in range(2) for block in source.blocks()] == [1, 1]


def test_ids_are_compared_across_files(tmp_path: Path, read_inputs: Callable[..., Any]) -> None:
    (tmp_path / "a.jsonl").write_bytes(LINE % b"same")
    (tmp_path / "b.jsonl").write_bytes(LINE % b"same")
    first, second = read_inputs([str(tmp_path)])
    assert first.noticed == []
    assert second.noticed == [(1, "id", "duplicate_id")]


@pytest.mark.parametrize(("content", "lines"), [(b"", 0), (b"\n\n", 2), (b"  ", 1), (b" \r\n\t", 2)])
@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.txt", "a.json", "a"])
def test_an_empty_file_is_no_mistake(read: Callable[..., Any], name: str, content: bytes, lines: int) -> None:
    outcome = read(name, content)
    assert (outcome.tally.lines, outcome.tally.blank_lines) == (lines, lines)
    assert outcome.tally.exit_code == 0
    assert outcome.conversations == []


@pytest.mark.parametrize(
    "content",
    [bytes(range(256)) * 40, b"\x89PNG\r\n\x1a\n" + b"\0\1\2\xff" * 500, b"a\0" * 500, b"\x1f\x8b\x08rubbish"],
)
def test_a_file_that_is_no_text_is_rejected_as_a_whole(read: Callable[..., Any], content: bytes) -> None:
    outcome = read("a.txt", content)
    assert outcome.conversations == []
    assert [line for line, _, _ in outcome.refused] == [0]


CHINESE = "您好,这边帮您查一下快递,今天下午六点前一定给您回复,请放心"


@pytest.mark.parametrize(("data", "shown"), [
    (b"plain", "UTF-8 (ASCII only)"),
    (CHINESE.encode(), "UTF-8"),
    (b"\xef\xbb\xbfx", "UTF-8 with byte order mark"),
    (CHINESE.encode("gb18030"), "GB18030"),
    (("id,text\n" * 500 + CHINESE).encode("gb18030"), "GB18030"),
    ((CHINESE + "😀👍").encode("gb18030"), "GB18030"),
    (CHINESE.encode("utf-16"), "UTF-16 little endian with byte order mark"),
    (b"\xfe\xff" + CHINESE.encode("utf-16-be"), "UTF-16 big endian with byte order mark"),
    (b"\n".join([CHINESE.encode()] * 30) + b"\n\xff\xfe\n", "UTF-8"),
    ("Où est ma commande\xa0? Déjà payée, très déçu".encode("latin-1"), "unknown"),
], ids=range(10))  # fmt: skip
def test_encodings_are_told_apart(data: bytes, shown: str) -> None:
    assert detect(data).shown == shown


@given(
    st.text(st.sampled_from(CHINESE + "的了不是我有在人他这中大来上国个到说们为子和你")),
    st.booleans(),
)
def test_common_chinese_is_told_in_either_encoding(text: str, wide: bool) -> None:
    codec = "utf-8" if wide else "gb18030"
    assert detect((CHINESE + text).encode(codec)).codec == codec


def test_a_first_chinese_character_far_into_the_file_is_still_found() -> None:
    data = b"x" * 79 + b"\n"
    stream = io.BytesIO(data * 20_000 + CHINESE.encode("gb18030"))
    sample, complete = take_sample(stream.read)
    assert detect(sample, complete=complete).codec == "gb18030"


def test_an_unknown_encoding_can_be_named(read: Callable[..., Any]) -> None:
    outcome = read("a.csv", "role,text\nbuyer,déjà\n".encode("latin-1"), encoding="latin-1")
    assert outcome.said == [("customer", None, "déjà")]


def test_an_encoding_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"x")
    with pytest.raises(InputError, match="utf-99"):
        list(open_sources([str(tmp_path / "a.csv")], ReadOptions(encoding="utf-99")))


@given(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.sampled_from(["utf-16-le", "utf-16-be", "big5hkscs", "utf-8"]),
    st.integers(1, 9),
)
def test_a_stream_turned_into_utf8_says_the_same(text: str, codec: str, size: int) -> None:
    text = text.encode(codec, "ignore").decode(codec)
    stream = Utf8Stream(io.BytesIO(text.encode(codec)), codec)
    assert b"".join(iter(lambda: stream.read(size), b"")).decode() == text


@given(st.lists(st.lists(st.sampled_from([f"id{n}" for n in range(60)]), max_size=30), max_size=12))
def test_the_register_of_ids_agrees_with_a_plain_set(batches: list[list[str]]) -> None:
    register, seen = IdRegister(), set()
    for ids in batches:
        expected = []
        for place, identity in enumerate(ids):
            if identity in seen:
                expected.append(place)
            seen.add(identity)
        assert register.add(ids) == expected
        assert all(register.holds(identity) for identity in ids)
    assert not register.holds("another")


@pytest.mark.parametrize(
    "options",
    [{"zone": "Mars/Base"}, {"zone": "../etc"}, {"delimiter": ",,"}, {"delimiter": '"'}, {"split_gap_seconds": 0}],
)
def test_an_option_without_sense_is_an_error_at_once(options: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        ReadOptions(**options)


def test_an_input_error_says_where_why_and_the_way_out_and_survives_a_process() -> None:
    error = InputError("no good", file="a.csv", line=3, field="text", way_out="write it again")
    assert str(error) == "a.csv:3: text: no good (write it again)"
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (str(again), again.line, again.exit_code) == (str(error), 3, 2)
    assert str(InputError()) == "An input cannot be read."
    assert isinstance(error, QAPlatformError)


def test_a_tally_counts_all_and_keeps_some() -> None:
    tally = Tally(keep=2)
    tally.add_rejections([Rejection("f", n, "id", "missing_id", "why") for n in range(5)])
    assert (tally.rejected["missing_id"], len(tally.rejections), tally.exit_code) == (5, 2, 3)
    assert str(tally.rejections[1]) == "f:1: id: why"


def test_an_excerpt_is_one_short_printable_line() -> None:
    assert excerpt("a\n\tb\x07c" + "长" * 200) == "a b\ufffdc" + "长" * 74 + "…"
