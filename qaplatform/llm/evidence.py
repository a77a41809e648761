"""Quotes of a language model → exact places in the conversation, or nothing.

What a model says somebody wrote is worth nothing until it is found: in the message it names, of the speaker whose
words count, with no figure, negation or word changed (``slips.py`` says what else may differ). What is found is shown
as it was written; what is not found is never shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

import msgspec

from qaplatform.audit.masking import Masked
from qaplatform.audit.normalise import fold, tight_view
from qaplatform.llm.alignment import Alignment, Edit, near
from qaplatform.llm.slips import (
    NEGATIONS,
    latin_negations,
    left_out,
    put_in,
    same_amounts,
    same_latin_word,
    swapped,
    turned_after,
    turned_before,
)
from qaplatform.llm.transcript import Said, Speaker, is_said_by

FEWEST_CHARS = 4
"""A quote has so many letters and digits, or is the whole message."""
_MOST_QUOTE_CHARS = 1_000
_MOST_MESSAGES_OFF = 2
"""So far from the message it names a quote may stand, where only one message there holds it exactly."""
_MOST_GAP_CHARS = 200
_MOST_PLACES = 20
"""So many places of one message are looked at."""
_ELLIPSIS = re.compile(r"(?:\[|\(|（|【)?(?:…+|\.{3,}|。{3,}|⋯+)(?:\]|\)|）|】)?")
_QUOTE_MARKS = "\"'“”‘’「」『』《》`〝〞 \t\r\n"
_ROLE = r"客服|顾客|客户|买家|卖家|商家|用户|机器人|系统|备注|agent|customer|buyer|seller|bot|system|note|support|user"
_MARK_BEFORE = re.compile(r"^[>#*•-]\s*")
_NUMBER_BEFORE = re.compile(r"^[\[(【（#第]?\s*([0-9]{1,5})\s*[\])】）条.、:：]+(?:\s+|(?![0-9\s]))")
_OTHER_NUMBER = re.compile(r"(?:^|[\s;；。：:])[0-9]{1,2}\s*[)）.、]\s*$")
_ROLE_BEFORE = re.compile(
    rf"^(?:{_ROLE})(?:[ ·(（][^:：\n]{{0,40}}?)?(?:\s*[(（]?[0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}})?[)）]?)?\s*[:：]\s*",
    re.IGNORECASE,
)
_CURRENCIES = "¥￥$£€＄￡"
_PER_CENT = ("%", "％")
_QUESTION_END = re.compile(r"\s*[吗嘛么]?[?？]?")


class Span(msgspec.Struct, frozen=True):
    """Characters ``start:end`` of the masked text of a message, by its number in the conversation."""

    message: int
    start: int
    end: int

    def in_original(self, masked: Masked) -> Span:
        """The same words in the text that was masked."""
        return Span(self.message, *masked.to_original(self.start, self.end))


class _Text:
    """A text as written, and its letters and digits with their places."""

    def __init__(self, text: str) -> None:
        view = tight_view([text])
        self.text, self.tight = text, view.text_of(0)
        self._places: list[int] = view.place.tolist()

    def begin(self, at: int) -> int:
        """Where letter ``at`` stands as written; the sign of a currency belongs to its number."""
        begin = self._places[at]
        return begin - (self.tight[at].isdigit() and begin > 0 and self.text[begin - 1] in _CURRENCIES)

    def end(self, at: int) -> int:
        """Behind the letter before ``at``; a per cent sign belongs to its number."""
        end = self._places[at - 1] + 1
        return end + (self.text[end : end + 1] in _PER_CENT)

    def denied(self, at: int) -> bool:
        """Whether a negation stands right before a letter, or two before it with a pause around it (不是。是)."""
        if at and self.tight[at - 1] in NEGATIONS:
            return True
        if at < 2 or self.tight[at - 2] not in NEGATIONS:
            return False
        end = self._places[at + 1] if at + 1 < len(self._places) else len(self.text)
        return end - self._places[at - 2] > 3

    def glued(self, at: int) -> bool:
        """Whether the letter ``at`` and the one before it are Latin ones or digits of one word."""
        if not 0 < at < len(self.tight) or self._places[at] - self._places[at - 1] > 1:
            # An apostrophe stands inside a word.
            inside = self.text[self._places[at - 1] + 1 : self._places[at]] if 0 < at < len(self.tight) else " "
            if inside not in ("'", "’"):
                return False
        return _is_latin(self.tight[at - 1]) and _is_latin(self.tight[at])

    def word(self, at: int) -> str:
        """The Latin word or number the letter ``at`` is in."""
        begin, end = at, at + 1
        while self.glued(begin):
            begin -= 1
        while self.glued(end):
            end += 1
        return self.tight[begin:end]


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


@lru_cache(maxsize=1024)
def _text_of(text: str) -> _Text:
    return _Text(text)


def locate(quote: str, message: int, messages: Sequence[Said], *, speaker: Speaker) -> Span | None:
    """Where a quote stands.

    Args:
        quote: What the model says was written: speaker, number and quotation marks around it do not matter; where
            … leaves something out, the pieces follow each other.
        message: The number of the message it names.
        messages: The conversation's messages (masked).
        speaker: Whose words count.

    Returns:
        The place in the masked text; ``None`` where the quote stands in no message it may stand in.
    """
    if len(quote) > _MOST_QUOTE_CHARS or not quote.strip():
        return None
    near_by = {one.number: one for one in messages if abs(one.number - message) <= _MOST_MESSAGES_OFF}
    texts = {number: _text_of(one.text) for number, one in near_by.items() if is_said_by(one, speaker)}
    variants = _variants(quote, message)
    if message in texts:
        here = texts[message]
        for exactly in (True, False):
            for variant in variants:
                found = _in_text(variant, here, exactly=exactly)
                if found is not None:
                    return Span(message, *found)
    for variant in variants:
        others = [
            (number, _in_text(variant, text, exactly=True)) for number, text in texts.items() if number != message
        ]
        held = [(number, found) for number, found in others if found is not None]
        if held:
            return Span(held[0][0], *held[0][1]) if len(held) == 1 else None
    return None


class _Variant(msgspec.Struct, frozen=True):
    """A way to read a quote; ``numbered`` = a number that stood before it was left aside."""

    text: str
    numbered: bool = False


def _variants(quote: str, message: int) -> list[_Variant]:
    """The quote as given, and without the message's number and the speaker that stand before it."""
    bare = _MARK_BEFORE.sub("", quote.strip(_QUOTE_MARKS)).strip(_QUOTE_MARKS)
    variants = [_Variant(bare)]
    for pattern in (_NUMBER_BEFORE, _ROLE_BEFORE):
        last = variants[-1]
        match = pattern.match(last.text)
        if match and (pattern is _ROLE_BEFORE or int(match[1]) == message):
            rest = last.text[match.end() :].strip(_QUOTE_MARKS)
            variants.append(_Variant(rest, last.numbered or pattern is _NUMBER_BEFORE))
    return [one for one in variants if one.text]


def _in_text(variant: _Variant, text: _Text, *, exactly: bool) -> tuple[int, int] | None:
    found = _whole_or_pieces(variant.text, text, exactly=exactly)
    if found and variant.numbered and _OTHER_NUMBER.search(text.text[: found[0]]):
        # The number was no message's but that of an item, and another one was written.
        return None
    return found


def _whole_or_pieces(quote: str, text: _Text, *, exactly: bool) -> tuple[int, int] | None:
    found = next(_places_of(quote, text, 0, exactly=exactly), None)
    if found is not None:
        return _with_question_mark(text, *found)
    pieces = [piece for piece in _ELLIPSIS.split(quote) if piece.strip(_QUOTE_MARKS + "，,。.、")]
    if len(pieces) < 2:
        return None
    at, spans = 0, []
    for piece in pieces:
        found = next(_places_of(piece, text, at, exactly=exactly), None)
        if found is None:
            return None
        spans.append(found)
        at = found[1]
    if any(later[0] - sooner[1] > _MOST_GAP_CHARS for sooner, later in pairwise(spans)):
        return None
    return _with_question_mark(text, spans[0][0], spans[-1][1])


def _with_question_mark(text: _Text, start: int, end: int) -> tuple[int, int]:
    """What makes a question of the words belongs to them."""
    match = _QUESTION_END.match(text.text, end)
    whole = match.end() if match and match[0].strip() else end
    return start, whole


def _places_of(quote: str, text: _Text, since: int, *, exactly: bool) -> Iterator[tuple[int, int]]:
    """Places of one piece of a quote from character ``since`` of the text, as written."""
    quoted = _text_of(quote)
    if not quoted.tight:
        if fold(quote).strip() and fold(quote).strip() == fold(text.text).strip():
            yield 0, len(text.text)
        return
    if len(quoted.tight) < FEWEST_CHARS and quoted.tight != text.tight:
        return
    for one in _exact(quoted.tight, text.tight) if exactly else near(quoted.tight, text.tight):
        if text.begin(one.start) >= since and _is_true(one, quoted, text):
            # A letter that lacks at an end belongs to its word.
            yield text.begin(one.start - text.glued(one.start)), text.end(one.end + text.glued(one.end))


def _exact(quote: str, text: str) -> Iterator[Alignment]:
    at = text.find(quote)
    for _ in range(_MOST_PLACES):
        if at < 0:
            return
        yield Alignment(at, at + len(quote), ())
        at = text.find(quote, at + 1)


def _is_true(found: Alignment, quoted: _Text, text: _Text) -> bool:
    """Whether what was found says what the quote says."""
    if found.end <= found.start:
        return False
    start, end = text.begin(found.start), text.end(found.end)
    written = fold(text.text[start:end])
    whole = fold(quoted.text)
    if not same_amounts(written, whole) or not _cut_between_words(found, quoted, text):
        return False
    if found.edits and latin_negations(written) != latin_negations(whole):
        return False
    if turned_before(fold(text.text[max(start - 40, 0) : start])) or turned_after(fold(text.text[end : end + 8])):
        return False
    return all(_is_slip(edit, quoted, text) for edit in found.edits)


def _cut_between_words(found: Alignment, quoted: _Text, text: _Text) -> bool:
    """Whether the place begins and ends with whole Latin words and numbers; one letter may lack where edits may."""
    if _cuts_decimal(text, found):
        return False
    for at, first in ((found.start, True), (found.end, False)):
        if not text.glued(at):
            continue
        outer = at - 1 if first else at
        lone = not text.glued(outer) if first else not text.glued(outer + 1)
        if not lone or not text.tight[outer].isalpha() or len(quoted.tight) < 8 or text.tight[at - 1].isdigit():
            return False
        if not same_latin_word(text.word(outer), quoted.word(0 if first else len(quoted.tight) - 1)):
            return False
    return True


def _cuts_decimal(text: _Text, found: Alignment) -> bool:
    start, end = text.begin(found.start), text.end(found.end)
    before, after = text.text[max(start - 2, 0) : start], text.text[end : end + 2]
    cut_before = len(before) == 2 and before[0].isdigit() and before[1] in ".．" and text.text[start].isdigit()
    cut_after = len(after) == 2 and after[1].isdigit() and after[0] in ".．" and text.text[end - 1].isdigit()
    return cut_before or cut_after


def _is_slip(edit: Edit, quoted: _Text, text: _Text) -> bool:
    q, t = quoted.tight, text.tight
    new = q[edit.quoted] if edit.kind != "lack" else ""
    old = t[edit.written] if edit.kind != "extra" else ""
    if _is_latin(old) or (_is_latin(new) and not old):
        return _is_latin_slip(edit, quoted, text)
    after = q[edit.quoted + 1 : edit.quoted + 2]
    was_after = t[edit.written + 1 : edit.written + 2]
    # A character more or less behind a negation changes what is denied.
    if edit.kind == "lack":
        return left_out(old, after=was_after) and not text.denied(edit.written)
    if edit.kind == "extra":
        return put_in(new, after=after) and not quoted.denied(edit.quoted)
    return swapped(
        old,
        new,
        before=q[edit.quoted - 1] if edit.quoted else "",
        after=after,
        was_before=t[edit.written - 1] if edit.written else "",
        was_after=was_after,
    )


def _is_latin_slip(edit: Edit, quoted: _Text, text: _Text) -> bool:
    """One letter of one word; with it mended, the quote's word is the one that was written."""
    q, t = edit.quoted, edit.written
    if edit.kind == "lack":
        written = text.word(t)
        if len(written) == 1:
            return not written.isdigit()
        now = quoted.word(q if text.glued(t + 1) else q - 1)
        offset = _offset(text, t)
        return now == written[:offset] + written[offset + 1 :] and same_latin_word(written, now)
    now = quoted.word(q)
    offset = _offset(quoted, q)
    if edit.kind == "extra":
        rest = now[:offset] + now[offset + 1 :]
        written = text.word(t if quoted.glued(q + 1) else t - 1) if rest else ""
        return rest == written and same_latin_word(written, now)
    written = text.word(t)
    if not _is_latin(quoted.tight[q]):
        return same_latin_word(written, "")
    mended = now[:offset] + text.tight[t] + now[offset + 1 :]
    return mended == written and same_latin_word(written, now)


def _offset(text: _Text, at: int) -> int:
    """How many letters of its word stand before the letter ``at``."""
    begin = at
    while text.glued(begin):
        begin -= 1
    return at - begin
