"""Counting tokens before anything is sent, without the network: the tables ship with the program, their hashes are verified.

Only the tables of OpenAI's models are public in this form. For all other models the newest of them gives an estimate;
what the endpoint says after the call is what counts (``budget.Budget.settle``).
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import threading
import zlib
from collections.abc import Callable
from importlib.resources import files
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from qaplatform.errors import QAPlatformError
from qaplatform.llm.budget import Usage
from qaplatform.llm.request import Request

if TYPE_CHECKING:
    from tiktoken import Encoding

TableName = Literal["cl100k_base", "o200k_base"]
CountTokens = Callable[[str], int]

MESSAGE_TOKENS = 4
"""What surrounds one message: its role and the marks at its ends."""
REPLY_TOKENS = 3
"""What opens the reply."""
_PIECE_CHARS = 16_000
"""Longer texts are counted in pieces: a run of one kind of letters would cost the tokenizer too much. Off by one a cut."""


class TokenTableError(QAPlatformError):
    """A table for counting tokens is damaged or missing; install the program again."""


class _Table(NamedTuple):
    sha256: str
    pattern: str
    special: dict[str, int]


# As in tiktoken_ext/openai_public.py of tiktoken 0.14, whose functions would fetch the ranks from the network.
_TABLES: dict[TableName, _Table] = {
    "cl100k_base": _Table(
        "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
        r"""'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+"""
        r"""|\s++$|\s*[\r\n]|\s+(?!\S)|\s""",
        {"<|endoftext|>": 100257},
    ),
    "o200k_base": _Table(
        "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
        r"""[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"""
        r"""|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"""
        r"""|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+""",
        {"<|endoftext|>": 199999},
    ),
}
_loaded: dict[TableName, Encoding] = {}
_loading = threading.Lock()


def table_of(model: str) -> TableName:
    """The table a model's tokens are counted by: its own, or the newest one as an estimate."""
    from tiktoken.model import encoding_name_for_model

    try:
        name = encoding_name_for_model(model.rpartition("/")[2])
    except KeyError:
        return "o200k_base"
    return "cl100k_base" if name == "cl100k_base" else "o200k_base"


def read_table(name: TableName) -> bytes:
    """The rank file, unpacked, with the hash tiktoken expects.

    Raises:
        TokenTableError: it is not there or not what it should be.
    """
    try:
        data = gzip.decompress(files("qaplatform.llm").joinpath("tables", f"{name}.tiktoken.gz").read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise TokenTableError(f"the table {name} cannot be read: {error}") from error
    if hashlib.sha256(data).hexdigest() != _TABLES[name].sha256:
        raise TokenTableError(
            f"the table {name} is damaged: its hash is not the expected one; install the program again"
        )
    return data


def counter(model: str) -> CountTokens:
    """How many tokens a text has for that model; loads the table on first use (about half a second, once a process).

    What looks like a tokenizer's control token in a text is text.

    Raises:
        TokenTableError: the table is damaged.
    """
    encoding = _encoding(table_of(model))

    def count(text: str) -> int:
        pieces = (text[begin : begin + _PIECE_CHARS] for begin in range(0, len(text), _PIECE_CHARS))
        return sum(len(encoding.encode_ordinary(piece)) for piece in pieces)

    return count


def estimate(request: Request, count_tokens: CountTokens) -> Usage:
    """What a call will cost at most, as far as can be told: the prompt, its schema, and the longest answer allowed."""
    schema = msgspec.json.encode(request.schema).decode()
    prompt = sum(count_tokens(message.content) + MESSAGE_TOKENS for message in request.messages)
    return Usage(prompt + count_tokens(schema) + REPLY_TOKENS, request.max_tokens)


def _encoding(name: TableName) -> Encoding:
    from tiktoken import Encoding

    with _loading:
        if name not in _loaded:
            lines = (line.split() for line in read_table(name).splitlines())
            ranks = {base64.b64decode(token): int(rank) for token, rank in lines}
            table = _TABLES[name]
            _loaded[name] = Encoding(name, pat_str=table.pattern, mergeable_ranks=ranks, special_tokens=table.special)
        return _loaded[name]
