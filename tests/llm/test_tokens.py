"""Tokens are counted as tiktoken counts them, from the tables that ship with the program; these tests have no network."""

from __future__ import annotations

import gzip
import hashlib

import pytest

from qaplatform.llm import tokens
from qaplatform.llm.budget import Usage
from qaplatform.llm.request import Message, Request
from qaplatform.llm.tokens import TokenTableError, counter, estimate, read_table, table_of

TEXTS = (
    "",
    "您好,请问有什么可以帮您?我的订单 2026112700012345 还没有发货,昨天说 24 小时内发出的。",
    "I'm sorry you've waited; we'll refund ¥128.50 today.\r\n\r\n   It isn't lost!!",
    "亲亲😊🎉  <|endoftext|> \u200b\t\x00 Ünïcödé\n\n\n",
    '{"answers": [{"id": "q", "verdict": "yes"}]}',
)


@pytest.mark.parametrize("name", ["cl100k_base", "o200k_base"])
def test_counts_are_those_of_tiktoken_itself(name: str, tmp_path, monkeypatch) -> None:
    import tiktoken  # noqa: PLC0415

    url = f"https://openaipublic.blob.core.windows.net/encodings/{name}.tiktoken"
    (tmp_path / hashlib.sha1(url.encode()).hexdigest()).write_bytes(read_table(name))  # noqa: S324
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    theirs = tiktoken.get_encoding(name)
    ours = counter({"cl100k_base": "gpt-4", "o200k_base": "deepseek-v4-flash"}[name])
    assert [ours(text) for text in TEXTS] == [len(theirs.encode_ordinary(text)) for text in TEXTS]
    assert tokens._TABLES[name].pattern == theirs._pat_str


@pytest.mark.parametrize(
    ("model", "table"),
    [
        ("gpt-4", "cl100k_base"),
        ("gpt-3.5-turbo-0125", "cl100k_base"),
        ("openai/gpt-4.1-mini", "o200k_base"),
        ("openai/gpt-oss-20b", "o200k_base"),
        ("text-davinci-003", "o200k_base"),
        ("Qwen/Qwen3-8B", "o200k_base"),
        ("", "o200k_base"),
    ],
)
def test_a_model_is_counted_by_its_own_table_or_the_newest(model: str, table: str) -> None:
    assert table_of(model) == table


def test_long_and_monotonous_texts_are_counted_quickly_and_nearly_right() -> None:
    count = counter("glm-4.6")
    assert count("哈" * 100_000) > 10_000
    assert count("a" * 100_000) >= 12_500
    chat = TEXTS[1] * 2000
    pieces = -(-len(chat) // 16_000)
    whole = len(tokens._encoding("o200k_base").encode_ordinary(chat))
    assert whole <= count(chat) <= whole + 2 * pieces


def test_the_estimate_holds_messages_schema_and_the_longest_answer() -> None:
    request = Request((Message("system", "ab"), Message("user", "abc")), {"a": 1}, "x", 300)
    assert estimate(request, len) == Usage(2 + 4 + 3 + 4 + len('{"a":1}') + 3, 300)


@pytest.mark.parametrize("damage", ["other", "cut", "no gzip", "missing"])
def test_a_damaged_table_is_an_error(damage: str, tmp_path, monkeypatch) -> None:
    data = gzip.compress(b"IQ== 0\n")
    (tmp_path / "tables").mkdir()
    if damage != "missing":
        spoilt = {"other": data, "cut": data[:-4], "no gzip": b"IQ== 0\n"}[damage]
        (tmp_path / "tables" / "o200k_base.tiktoken.gz").write_bytes(spoilt)
    monkeypatch.setattr("qaplatform.llm.tokens.files", lambda _package: tmp_path)
    with pytest.raises(TokenTableError, match="o200k_base"):
        read_table("o200k_base")
