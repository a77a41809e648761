"""Masking: personal data in messages → typed placeholders, and the way between both texts.

Texts are stored and audited as they were written; whoever is shown one, exports it or sends it on, takes it from here.
A placeholder says what stood there and which one it was, the same for the same value throughout a conversation:
[手机号1] … [手机号2] … [手机号1]. :class:`Masked` leads any place of either text to the other, so that a finding stays where
it is; one that cuts into a placeholder is widened to all of it.

Nothing hides: width, spaces, dashes, invisible characters and numerals in words are looked through (``normalise.py``,
``personal_numbers.py``). What is a placeholder already is left alone: masking twice changes nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Literal

import re2

from qaplatform.audit.normalise import Joined, fold
from qaplatform.audit.personal import Found, Kind, blanked
from qaplatform.audit.personal_numbers import lettered, numbers
from qaplatform.audit.personal_places import addresses
from qaplatform.audit.personal_signs import rows_with_signs
from qaplatform.audit.personal_words import ids, mails, names

Language = Literal["zh", "en"]

WORDS: dict[Language, dict[Kind, str]] = {
    "zh": {
        "phone": "手机号", "landline": "座机号", "id_card": "证件号", "bank_card": "银行卡号", "email": "邮箱", "address": "地址",
        "name": "姓名", "wechat": "微信号", "qq": "QQ号", "plate": "车牌号", "order": "订单号", "tracking": "运单号",
    },
    "en": {
        "phone": "phone ", "landline": "landline ", "id_card": "ID ", "bank_card": "bank card ", "email": "mail ",
        "address": "address ", "name": "name ", "wechat": "WeChat ", "qq": "QQ ", "plate": "plate ", "order": "order ",
        "tracking": "tracking ",
    },
}  # fmt: skip
"""What placeholders are called; a number follows."""
_KIND_OF = {fold(word): kind for words in WORDS.values() for kind, word in words.items()}
_PLACEHOLDER = re2.compile(r"\[(" + "|".join(sorted(_KIND_OF, key=len, reverse=True)) + r")([0-9]{1,6})\]")
_FEWEST_NAME_CHARS = 2
_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class MaskedSpan:
    """Characters ``start:end`` of the original text and ``masked_start:masked_end`` of the masked one."""

    kind: Kind
    start: int
    end: int
    placeholder: str
    masked_start: int

    @property
    def masked_end(self) -> int:
        """Where the placeholder ends."""
        return self.masked_start + len(self.placeholder)


@dataclass(frozen=True, slots=True)
class Masked:
    """A masked text, what was masked, and the map between both texts (in Python characters, half open)."""

    text: str
    original_chars: int
    spans: tuple[MaskedSpan, ...] = ()

    def to_masked(self, start: int, end: int) -> tuple[int, int]:
        """Characters of the original → the same of the masked text; never less than what they touch."""
        return _mapped(start, end, [(one.start, one.end, one.masked_start, one.masked_end) for one in self.spans])

    def to_original(self, start: int, end: int) -> tuple[int, int]:
        """Characters of the masked text → the same of the original; never less than what they touch."""
        return _mapped(start, end, [(one.masked_start, one.masked_end, one.start, one.end) for one in self.spans])


def _mapped(start: int, end: int, spans: Sequence[tuple[int, int, int, int]]) -> tuple[int, int]:
    """A range through pairs of spans ``(from, to, other from, other to)``."""
    begins = [one[0] for one in spans]

    def through(place: int, *, is_end: bool) -> int:
        at = bisect_right(begins, place) - 1
        if at < 0:
            return place
        begin, until, other_begin, other_until = spans[at]
        if place >= until:
            return place - until + other_until
        return other_until if is_end and place > begin else other_begin

    return through(start, is_end=False), through(max(start, end), is_end=True)


def mask(text: str, *, language: Language = "zh", visible: Collection[Kind] = ()) -> Masked:
    """One text without its personal data; kinds in ``visible`` stay (see :func:`mask_all`)."""
    return mask_all([text], language=language, visible=visible)[0]


def mask_all(
    texts: Sequence[str],
    *,
    language: Language = "zh",
    visible: Collection[Kind] = (),
    known_names: Collection[str] = (),
) -> list[Masked]:
    """The texts of one conversation without their personal data.

    Args:
        texts: All of them, in order: placeholders are numbered through.
        language: What placeholders are written in.
        visible: Kinds that stay, such as ``order`` and ``tracking`` for the shop's own people.
        known_names: What else is masked as a name wherever it stands, such as the customer's nickname.
    """
    return mask_many([texts], language=language, visible=visible, known_names=[known_names])[0]


def mask_many(
    conversations: Sequence[Sequence[str]],
    *,
    language: Language = "zh",
    visible: Collection[Kind] = (),
    known_names: Sequence[Collection[str]] = (),
) -> list[list[Masked]]:
    """Many conversations, each by itself as :func:`mask_all` has it; many times as fast as one after the other."""
    texts = [text for conversation in conversations for text in conversation]
    names_of: list[tuple[str, ...]] = []
    for words, conversation in zip(known_names, conversations, strict=False):
        names_of += [_folded(words)] * len(conversation)
    names_of += [()] * (len(texts) - len(names_of))
    found = find_all(texts, names_of)
    out: list[list[Masked]] = []
    row = 0
    for conversation in conversations:
        numbering = _Numbering(language, conversation)
        masked = []
        for text in conversation:
            hidden = [one for one in found.get(row, ()) if one.kind not in visible]
            masked.append(_masked(text, hidden, numbering))
            row += 1
        out.append(masked)
    return out


def find_all(texts: Sequence[str], names_of: Sequence[tuple[str, ...]] = ()) -> dict[int, list[Found]]:
    """Personal data by the number of its text, in characters of that text; texts without any are left out.

    ``names_of`` are known names of each text, folded. What is left is looked at again, until nothing is found: no
    placeholder brings out what its words had hidden.
    """
    found = _found_once(texts, names_of)
    rows = list(found)
    for _ in range(_ROUNDS):
        masked = [_masked(texts[row], found[row], _Numbering("zh", ())) for row in rows]
        more = _found_once([one.text for one in masked], [names_of[row] for row in rows] if names_of else ())
        for place, spans in more.items():
            row, way = rows[place], masked[place]
            back = [one.moved(way.to_original(one.start, one.end)) for one in spans]
            found[row] = _together([*found[row], *back])
        rows = [rows[place] for place in more]
        if not rows:
            break
    return found


def _folded(words: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted({name for one in words if len(name := fold(one).strip()) >= _FEWEST_NAME_CHARS}))


class _Numbering:
    """Which placeholder a value has; numbers of placeholders that stand in the texts already are not given out."""

    def __init__(self, language: Language, texts: Sequence[str]) -> None:
        self._words = WORDS[language]
        self._given: dict[tuple[Kind, str], str] = {}
        self._used = {
            (_KIND_OF[match[1]], int(match[2]))
            for text in texts
            if "[" in text
            for match in _PLACEHOLDER.finditer(text.lower())
        }
        self._numbers = {kind: count(1) for kind in self._words}

    def of(self, one: Found) -> str:
        """The placeholder of what was found."""
        key = one.kind, one.value
        if key not in self._given:
            number = next(number for number in self._numbers[one.kind] if (one.kind, number) not in self._used)
            self._given[key] = f"[{self._words[one.kind]}{number}]"
        return self._given[key]


def _masked(text: str, found: Sequence[Found], numbering: _Numbering) -> Masked:
    spans: list[MaskedSpan] = []
    pieces: list[str] = []
    at = size = 0
    for one in found:
        placeholder = numbering.of(one)
        size += one.start - at
        spans.append(MaskedSpan(one.kind, one.start, one.end, placeholder, size))
        pieces += [text[at : one.start], placeholder]
        at, size = one.end, size + len(placeholder)
    return Masked("".join([*pieces, text[at:]]), len(text), tuple(spans))


def _found_once(texts: Sequence[str], names_of: Sequence[tuple[str, ...]]) -> dict[int, list[Found]]:
    joined = Joined.of(texts)
    found = {}
    for row in rows_with_signs(joined, sorted({word for words in names_of for word in words})):
        spans = _in_folded(joined.plain.text_of(row), names_of[row] if names_of else ())
        if spans:
            found[row] = _together([one.moved(joined.original(row, one.start, one.end)) for one in spans])
    return found


def _in_folded(text: str, known_names: tuple[str, ...]) -> list[Found]:
    text = blanked(text, (Found("name", match.start(), match.end(), "") for match in _PLACEHOLDER.finditer(text)))
    found: list[Found] = []
    for finder in (mails, numbers, lettered, ids, addresses):
        new = finder(text)
        text = blanked(text, new)
        found += new
    found += names(text, found)
    for name in known_names:
        at = text.find(name)
        while at >= 0:
            found.append(Found("name", at, at + len(name), name))
            at = text.find(name, at + len(name))
    return found


def _together(found: Sequence[Found]) -> list[Found]:
    """In order; what overlaps is one, of the kind of what begins first."""
    out: list[Found] = []
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        if out and one.start < out[-1].end:
            if one.end > out[-1].end:
                out[-1] = Found(out[-1].kind, out[-1].start, one.end, out[-1].value + one.value)
            continue
        out.append(one)
    return out
