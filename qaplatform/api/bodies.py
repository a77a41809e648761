"""The body of a request: read up to a limit, and unpacked up to the same, so that a small one cannot become a large one."""

from __future__ import annotations

import zlib

from flask import request

from qaplatform.api.errors import RefusedRequestError

MOST_BYTES = 32 << 20
MOST_PARTS = 10_000
"""Parts that were packed one after the other."""
_GZIP = 31
_PIECE_BYTES = 1 << 16


def body() -> bytes:
    """The whole body, unpacked.

    Raises:
        RefusedRequestError: it is packed in a way that is not known, or broken.
        RequestEntityTooLarge: it is larger than :data:`MOST_BYTES`.
    """
    request.max_content_length = MOST_BYTES
    data = request.get_data(cache=False)
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in {"", "identity"}:
        return data
    if encoding != "gzip":
        raise RefusedRequestError(
            415, "unknown_packing", "The body is packed in a way that is not known.", "Send it as it is, or with gzip."
        )
    return unpacked(data, MOST_BYTES)


def unpacked(data: bytes, most_bytes: int) -> bytes:
    """What gzip packed; parts that were packed one after the other are one.

    Raises:
        RefusedRequestError: it is no gzip, it breaks off, more comes out of it, or it has too many parts.
    """
    out = bytearray()
    at = parts = 0
    while at < len(data):
        unpacking = zlib.decompressobj(_GZIP)
        parts += 1
        if parts > MOST_PARTS:
            raise RefusedRequestError(
                413, "too_large", "The body is packed in too many parts.", "Pack it as one, or in 10,000 parts at most."
            )
        while not unpacking.eof:
            # Piece by piece: what is left behind the end of a part is copied, and a body may have a million parts.
            piece = data[at : at + _PIECE_BYTES]
            if not piece:
                raise _broken()
            try:
                out += unpacking.decompress(piece, most_bytes - len(out) + 1)
            except zlib.error as error:
                raise _broken() from error
            if len(out) > most_bytes:
                raise RefusedRequestError(
                    413, "too_large", "The body is too large when unpacked.",
                    "Split the batch: a body may have 32 MiB, packed and unpacked.",
                )  # fmt: skip
            at += len(piece) - len(unpacking.unused_data)
    return bytes(out)


def _broken() -> RefusedRequestError:
    return RefusedRequestError(
        400, "broken_packing", "The packed body is damaged or breaks off.", "Pack it with gzip and send it again."
    )
