"""What a text reads like once its disguise is off, with the place of every letter in what was written.

A machine reads more than a person sees: letters with marks between them, letters of another alphabet that look alike,
words written backwards, numbers for letters, whole sentences in base64. Each :class:`Reading` is one way to read a text.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from importlib import resources
from urllib.parse import unquote

import msgspec
import numpy as np

from qaplatform.audit.normalise import plain_view, sound_table

_LOOKALIKES = str.maketrans(
    "асеорхуіјѕԁһӏкмнтвАСЕОРХУІЈЅКМНТВαονιυκερτχγηωΑΒΕΖΗΙΚΜΝΟΡΤΥΧıɑɡℓᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ",
    "aceopxyijsdhlkmhtbaceopxyijskmhtbaoviukeptxynwabezhikmnoptyxiaglabcdefghijklmnoprstuvwyz",
)
_LEET = str.maketrans("43105$7@!", "aeiossta" + "i")
_MIXED_WORD = re.compile("[a-z][0-9$@]|[0-9$@][a-z]")
_LATIN_WORD = re.compile("[a-z]{2,}")
_SPACED = re.compile(r"(?:(?<![a-z0-9])[^\W_]([ .*/|_·~+;-]{1,2})(?:[^\W_]\1){3,}[^\W_](?![a-z0-9]))")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
_HEX = re.compile(r"(?:0x)?((?:[0-9a-fA-F]{2}[ :]?){8,})")
_ESCAPED: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
    (
        re.compile(r"(?:%[0-9A-Fa-f]{2}|(?<=%[0-9A-Fa-f]{2})[A-Za-z0-9._~-]{1,40}|[A-Za-z]{1,40}(?=%[0-9A-Fa-f]{2}))+"),
        unquote,
    ),
    (re.compile(r"\\u([0-9a-fA-F]{4})"), lambda found: chr(int(found[-4:], 16))),
    (re.compile(r"&(?:#x?[0-9a-fA-F]{2,6}|[a-z]{2,6});"), html.unescape),
)
_FEWEST_DECODED = 6


class Reading(msgspec.Struct, frozen=True):
    """A way to read a text; letter ``i`` of it stands at ``begins[i]:ends[i]`` of what was written."""

    text: str
    begins: tuple[int, ...]
    ends: tuple[int, ...]
    how: str = ""
    """Empty for what anybody reads; else what was taken off: ``disguised`` or ``encoded``."""
    loose: bool = False
    """Spaces between words are lost."""

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Letters ``start:end`` as they were written."""
        return min(self.begins[start:end]), max(self.ends[start:end])


def as_written(text: str) -> Reading:
    """The text itself."""
    return Reading(text, tuple(range(len(text))), tuple(range(1, len(text) + 1)))


def folded(reading: Reading) -> Reading:
    """In the plain view of the audit core: width, case, traditional characters and hidden ones make no difference."""
    view = plain_view([reading.text])
    places = view.place.tolist()[:-1]
    text = view.text_of(0)
    return _picked(reading, text, places)


def other_readings(written: Reading, plain: Reading) -> Iterator[Reading]:
    """What else the text may read like; ``plain`` is ``written`` folded."""
    for decoded in _decoded(written):
        yield folded(decoded)
    seen = plain
    alike = plain.text.translate(_LOOKALIKES)
    if alike != plain.text:
        seen = msgspec.structs.replace(plain, text=alike, how="disguised")
        yield seen
    if _MIXED_WORD.search(seen.text):
        yield msgspec.structs.replace(seen, text=seen.text.translate(_LEET), how="disguised")
    close = _closed_up(seen)
    if close is not None:
        yield close
    yield msgspec.structs.replace(
        seen, text=seen.text[::-1], begins=seen.begins[::-1], ends=seen.ends[::-1], how="disguised"
    )
    if len(_LATIN_WORD.findall(seen.text)) > 2:
        yield msgspec.structs.replace(seen, text=codecs.encode(seen.text, "rot13"), how="encoded")


def spoken(plain: Reading) -> Reading:
    """Letters and digits only, Chinese characters as toneless pinyin."""
    places = [index for index, char in enumerate(plain.text) for _ in _said(char)]
    return _picked(plain, spoken_text(plain.text), places)


def spoken_text(text: str) -> str:
    """What :func:`spoken` reads, without its places."""
    return "".join(map(_said, text))


@lru_cache(maxsize=1 << 16)
def _said(char: str) -> str:
    table, _ = sound_table()
    code = ord(char)
    number = int(table[code]) if code < table.size else 0
    return _syllables()[number - 1] if number else _bare(char)


def _bare(char: str) -> str:
    if char.isascii():
        return char if char.isalnum() else ""
    first = unicodedata.normalize("NFD", char)[0]
    return first if first.isalnum() and first < "\u0250" else ""


@cache
def _syllables() -> tuple[str, ...]:
    with resources.files("qaplatform.audit").joinpath("tables", "sound.npz").open("rb") as file, np.load(file) as data:
        return tuple(str(data["names"]).replace("ü", "v").split("\n"))


def _picked(reading: Reading, text: str, places: list[int]) -> Reading:
    if places == list(range(len(reading.begins))):
        return msgspec.structs.replace(reading, text=text)
    begins, ends = tuple(map(reading.begins.__getitem__, places)), tuple(map(reading.ends.__getitem__, places))
    return msgspec.structs.replace(reading, text=text, begins=begins, ends=ends)


def _closed_up(reading: Reading) -> Reading | None:
    """Without the marks between single letters: ``i.g.n.o.r.e``."""
    kept: list[int] = []
    at = 0
    for run in _SPACED.finditer(reading.text):
        kept.extend(range(at, run.start()))
        kept.extend(index for index in range(run.start(), run.end()) if reading.text[index].isalnum())
        at = run.end()
    if not at:
        return None
    kept.extend(range(at, len(reading.text)))
    text = "".join(reading.text[index] for index in kept)
    return msgspec.structs.replace(_picked(reading, text, kept), how="disguised", loose=True)


def _decoded(reading: Reading) -> Iterator[Reading]:
    """With what is encoded in it decoded in its place, one encoding at a time."""
    for pattern, decode in (*_ESCAPED, (_BASE64, _from_base64), (_HEX, _from_hex)):
        text, begins, ends = [], [], []
        at, found = 0, False
        for run in pattern.finditer(reading.text):
            plain = decode(run[0])
            if not plain or plain == run[0]:
                continue
            found = True
            text += [reading.text[at : run.start()], plain]
            begins += [*reading.begins[at : run.start()], *[reading.begins[run.start()]] * len(plain)]
            ends += [*reading.ends[at : run.start()], *[reading.ends[run.end() - 1]] * len(plain)]
            at = run.end()
        if found:
            text.append(reading.text[at:])
            yield Reading("".join(text), (*begins, *reading.begins[at:]), (*ends, *reading.ends[at:]), "encoded")


def _from_base64(found: str) -> str:
    raw = found.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return _readable(base64.b64decode(raw + "=" * (-len(raw) % 4)))
    except binascii.Error:
        return ""


def _from_hex(found: str) -> str:
    digits = re.sub("[^0-9a-fA-F]", "", found.removeprefix("0x"))
    return _readable(bytes.fromhex(digits[: len(digits) // 2 * 2]))


def _readable(raw: bytes) -> str:
    """The text, where it is one; what was cut at its end is left out."""
    for cut in range(4):
        try:
            text = raw[: len(raw) - cut].decode()
        except UnicodeDecodeError:
            continue
        return (
            text if len(text) >= _FEWEST_DECODED and all(char.isprintable() or char in "\n\t" for char in text) else ""
        )
    return ""


def reads_as_words(text: str) -> bool:
    """Whether a decoded text is language: several Chinese characters, or several words."""
    chinese = sum("\u3400" <= char <= "\u9fff" for char in text)
    return chinese > 3 or len(re.findall("[A-Za-z]{2,} ", text)) > 1
