"""Which encoding a file is written in: UTF-8 with or without mark, UTF-16 with mark, or GB18030.

The order: a byte order mark; UTF-8 taken strictly; then GB18030 with a plausibility check, because
almost any bytes pass as GB18030. A file that is UTF-8 but for a few damaged places stays UTF-8: its
damaged lines are rejected one by one.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

FIRST_SAMPLE_BYTES = 1 << 18
MAX_SAMPLE_BYTES = 1 << 24
"""How far to look for the first non-ASCII byte; a file that is ASCII so far is taken as UTF-8."""

_MARKS: tuple[tuple[bytes, str, str], ...] = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8 with byte order mark"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16 little endian with byte order mark"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16 big endian with byte order mark"),
)
_DAMAGED_SHARE = 0.05
"""Up to this share of damaged places the encoding still counts as recognised."""
_MOSTLY_DAMAGED_SHARE = 0.5
"""Where nothing else fits, UTF-8 is still the best reading up to this share of damaged places."""
_COMMON_SHARE = 0.7
"""Of the two-byte characters of real Chinese text in GB18030, over 0.9 are level-1 hanzi or symbols."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """A Python codec, the bytes of mark to skip, and the name to show; ``codec`` is empty when unknown."""

    codec: str
    mark_bytes: int
    shown: str

    @property
    def known(self) -> bool:
        """Whether the bytes could be told to be text at all."""
        return bool(self.codec)

    @property
    def line_safe(self) -> bool:
        """Whether byte 0x0A is always a line end, so that undecoded bytes can be cut into lines."""
        return self.codec in {"utf-8", "gb18030"}


def take_sample(read: Callable[[int], bytes]) -> tuple[bytes, bool]:
    """Read enough to tell the encoding: more only while all is ASCII. Returns the bytes and whether it is all."""
    parts: list[bytes] = []
    size, wanted = 0, FIRST_SAMPLE_BYTES
    ascii_so_far = True
    while size < wanted:
        part = read(wanted - size)
        if not part:
            return b"".join(parts), True
        parts.append(part)
        size += len(part)
        ascii_so_far = ascii_so_far and part.isascii()
        if ascii_so_far and size >= wanted:
            wanted = min(wanted * 4, MAX_SAMPLE_BYTES)
    return b"".join(parts), False


def detect(sample: bytes, *, complete: bool = True) -> Encoding:
    """Tell the encoding from the file's first bytes; ``complete`` says that there are no others."""
    for mark, codec, shown in _MARKS:
        if sample.startswith(mark):
            return Encoding(codec, len(mark), shown)
    if sample.isascii():
        if sample.count(0) > len(sample) // 8:
            return Encoding("", 0, "unknown (bytes of zero; UTF-16 without mark, or no text)")
        return Encoding("utf-8", 0, "UTF-8 (ASCII only)" if complete else "UTF-8")
    telling = _telling_part(sample if complete else sample[: _last_line_end(sample)])
    return _by_damage(telling, _damage(telling, "utf-8"))


def _by_damage(telling: bytes, damage: float) -> Encoding:
    if damage <= _DAMAGED_SHARE:
        return Encoding("utf-8", 0, "UTF-8")
    if _damage(telling, "gb18030") <= _DAMAGED_SHARE and _common_share(telling) >= _COMMON_SHARE:
        return Encoding("gb18030", 0, "GB18030")
    known = damage < _MOSTLY_DAMAGED_SHARE
    return Encoding("utf-8", 0, "UTF-8 (damaged)") if known else Encoding("", 0, "unknown")


def named(name: str, sample: bytes) -> Encoding:
    """The encoding a person named; a mark it has is still skipped.

    Raises:
        LookupError: Python has no such text encoding.
    """
    info = codecs.lookup(name)
    if not getattr(info, "_is_text_encoding", True):
        raise LookupError(name)
    codec = {"utf-8-sig": "utf-8", "gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030"}.get(info.name, info.name)
    if codec == "utf-16":
        codec = "utf-16-be" if sample.startswith(codecs.BOM_UTF16_BE) else "utf-16-le"
    mark = next((len(mark) for mark, marked, _ in _MARKS if marked == codec and sample.startswith(mark)), 0)
    return Encoding(codec, mark, f"{name} (as given)")


def _telling_part(sample: bytes) -> bytes:
    """Where the sample begins to be other than ASCII, a stretch of whole lines as long as a first sample."""
    first, step = 0, 1 << 16
    while first + step < len(sample) and sample[first : first + step].isascii():
        first += step
    first = sample.rfind(b"\n", 0, first) + 1
    part = sample[first : first + FIRST_SAMPLE_BYTES]
    return part if first + len(part) == len(sample) else part[: _last_line_end(part)]


def _last_line_end(sample: bytes) -> int:
    """Cut an incomplete sample where no character can be split, if it has a line end at all."""
    cut = sample.rfind(b"\n") + 1
    return cut or len(sample)


def _damage(sample: bytes, codec: str) -> float:
    """Share of undecodable places among the non-ASCII characters; 0 for text that decodes strictly."""
    try:
        sample.decode(codec)
        return 0.0
    except UnicodeDecodeError:
        text = sample.decode(codec, "surrogateescape")
    bad = good = 0
    inside = False
    for char in text:
        if "\udc80" <= char <= "\udcff":
            bad += not inside
            inside = True
        else:
            inside = False
            good += char > "\x7f"
    if bad == 1 and "\udc80" <= text[-1] <= "\udcff":
        return 0.0 if good else 1.0
    return bad / (bad + good) if bad + good else 1.0


def _common_share(sample: bytes) -> float:
    """Share of common characters (GB 2312 level 1 and symbols) among the multi-byte ones, read as GB18030."""
    common = other = 0
    for char in sample.decode("gb18030", "ignore"):
        if char <= "\x7f":
            continue
        code = char.encode("gb18030")
        if len(code) == 2 and code[1] >= 0xA1 and (0xA1 <= code[0] <= 0xA9 or 0xB0 <= code[0] <= 0xD7):
            common += 1
        elif char < "\U0001f000":  # Emoji are written with four bytes and say nothing against Chinese.
            other += 1
    return common / (common + other) if common + other else 0.0


class Utf8Stream:
    """A binary stream in some encoding, read as UTF-8 bytes.

    What cannot be decoded stays invalid in the UTF-8 as well, so that the line it stands in is rejected.
    """

    def __init__(self, stream: BinaryIO, codec: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(codec)("surrogateescape" if "16" not in codec else "surrogatepass")
        self._rest = b""
        self._done = False

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes of UTF-8; empty at the end."""
        while len(self._rest) < size and not self._done:
            chunk = self._stream.read(max(size, 1 << 16))
            self._done = not chunk
            self._rest += self._decoded(chunk)
        out, self._rest = self._rest[:size], self._rest[size:]
        return out

    def _decoded(self, chunk: bytes) -> bytes:
        try:
            text = self._decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError:  # An odd byte at the very end of UTF-16.
            return b"\xff"
        return text.encode("utf-8", "surrogatepass")
