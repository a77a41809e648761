"""Audit JSONL: a scorecard a line, in input order, keys in the order of the audit form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO

import msgspec

from qaplatform.audit.conversation import Conversation
from qaplatform.audit.finding import Scorecard
from qaplatform.audit.lines import without_surrogates

_BLOCK_BYTES = 1 << 20


def write_jsonl(pairs: Iterable[tuple[Conversation, Scorecard]], stream: BinaryIO) -> int:
    """Write every scorecard and return how many there were.

    The struct fields *are* the audit form, so the encoder decides nothing. Half characters (lone surrogates), which
    UTF-8 cannot hold, become ``�``.
    """
    encoder, buffer, count = msgspec.json.Encoder(), bytearray(), 0
    for _, card in pairs:
        begin = len(buffer)
        try:
            encoder.encode_into(card, buffer, begin)
        except UnicodeEncodeError:
            del buffer[begin:]
            buffer += encoder.encode(without_surrogates(msgspec.to_builtins(card)))
        buffer += b"\n"
        count += 1
        if len(buffer) >= _BLOCK_BYTES:
            stream.write(buffer)
            buffer.clear()
    stream.write(buffer)
    return count
