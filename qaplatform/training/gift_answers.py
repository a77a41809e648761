"""What stands in the braces of a GIFT question, and GIFT's way to write signs that mean something to it."""

from __future__ import annotations

import re
from typing import Any, Literal, NamedTuple

from qaplatform.audit.phrases import Words
from qaplatform.audit.saying import Saying, say
from qaplatform.training.questions import (
    AnyQuestion,
    FillIn,
    MultipleChoice,
    ShortAnswer,
    SingleChoice,
    TrueFalse,
    options_of,
)

_SPECIAL = re.compile(r"[\\~=#{}:]")
_WEIGHT = re.compile(r"%(-?[0-9]{1,3}(?:\.[0-9]{1,5})?)%")
_TRUE_FALSE = {"T": True, "TRUE": True, "F": False, "FALSE": False}


class GiftError(ValueError):
    """A question cannot be read; ``line_offset`` lines below its first."""

    def __init__(self, message: Saying, line_offset: int = 0) -> None:
        super().__init__(message)
        self.line_offset = line_offset


def escaped(text: str) -> str:
    r"""A text with GIFT's own signs behind a backslash and line ends as ``\n``."""
    return _SPECIAL.sub(lambda match: "\\" + match[0], text.strip("\n")).replace("\n", "\\n")


def answer_text(text: str) -> str:
    """An answer's text, escaped; what would be read as a share or a match at its place is not."""
    return re.sub(r"^%", r"\\%", escaped(text)).replace("->", "-\\>")


def plain(text: str) -> str:
    """The text that an escaped one means."""
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], text, flags=re.DOTALL)


def split_at(text: str, signs: str) -> list[int]:
    """Where any of the signs stands without a backslash before it."""
    found = re.finditer(r"\\.|[" + re.escape(signs) + "]", text, re.DOTALL)
    return [match.start() for match in found if len(match[0]) == 1]


class Choice(NamedTuple):
    """An answer: ``=`` or ``~``, its weight in percent where it has one, its text, and where it stands."""

    sign: str
    weight: float | None
    text: str
    line_offset: int


class Answers(NamedTuple):
    """What stands in the braces."""

    kind: Literal["single", "multiple", "true_false", "fill_in", "essay"]
    choices: tuple[Choice, ...]
    feedback: str
    is_true: bool = False

    def question(self, shared: dict[str, Any], model_answer: str) -> AnyQuestion:
        """The question of this kind.

        Raises:
            FlawError: it cannot be as it is.
            GiftError: more options than may be.
        """
        if self.kind == "true_false":
            return TrueFalse(**shared, answer=self.is_true)
        if self.kind == "essay":
            return ShortAnswer(**shared, model_answer=Words(model_answer or "—", ""))
        if self.kind == "fill_in":
            return FillIn(**shared, blanks=(tuple(dict.fromkeys(one.text for one in self.choices)),))
        options = options_of(Words(one.text, "") for one in self.choices)
        right = tuple(
            option.id
            for option, one in zip(options, self.choices, strict=True)
            if (one.sign == "=" if one.weight is None else one.weight > 0)
        )
        kind = SingleChoice if self.kind == "single" else MultipleChoice
        return kind(**shared, options=options, answer=right)


def answers_of(inside: str, offset: int) -> Answers:
    """The answers in the text between the braces, which begins ``offset`` lines below the question's first.

    Raises:
        GiftError: they cannot be read, or are of a kind that is not taken.
    """
    body, feedback = _parted(inside)
    if not body.strip():
        return Answers("essay", (), feedback)
    if body.lstrip().startswith("#"):
        raise GiftError(
            say("numerical answers {{#…}} are not taken; write the accepted numbers as {{=60 =sixty}}"), offset
        )
    word, *_ = re.split(r"(?<!\\)#", body.strip(), maxsplit=1)
    if word.strip().upper() in _TRUE_FALSE:
        return Answers("true_false", (), feedback, _TRUE_FALSE[word.strip().upper()])
    places = split_at(body, "=~")
    if not places or body[: places[0]].strip():
        raise GiftError(say("an answer begins with = (right) or ~ (wrong)"), offset)
    bounds = zip(places, [*places[1:], len(body)], strict=True)
    choices = tuple(_choice(body[start:end], offset + body[:start].count("\n")) for start, end in bounds)
    if all(one.sign == "=" for one in choices):
        return Answers("fill_in", choices, feedback)
    weighted = [one for one in choices if one.weight is not None]
    right = sum(one.sign == "=" or (one.weight or 0) > 0 for one in choices)
    is_multiple = bool(weighted) and right > 1
    if not right:
        raise GiftError(say("no answer is right: mark one with ="), offset)
    if not is_multiple and right > 1:
        raise GiftError(say("several answers are right; give each a share such as ~%50%"), offset)
    return Answers("multiple" if is_multiple else "single", choices, feedback)


def _parted(inside: str) -> tuple[str, str]:
    """Answers and the general feedback behind ``####``."""
    place = next((at for at in split_at(inside, "#") if inside.startswith("####", at)), None)
    if place is None:
        return inside, ""
    return inside[:place], plain(inside[place + 4 :].strip())


def _choice(written: str, offset: int) -> Choice:
    sign, rest = written[0], written[1:].lstrip()
    weight = _WEIGHT.match(rest)
    if weight:
        rest = rest[weight.end() :]
        if not -100 <= float(weight[1]) <= 100:
            raise GiftError(say("a share is from -100 to 100 percent, not {share}", share=weight[1]), offset)
    elif rest.startswith("%"):
        raise GiftError(say("a share is written %50% before its answer; write \\\\% for a percent sign there"), offset)
    # A single # parts the answer's own feedback, which we have no place for; the explanation says it once for all.
    text = rest[: next(iter(split_at(rest, "#")), len(rest))].strip()
    if re.search(r"(?<!\\)->", text):
        raise GiftError(say("matching answers (=a -> b) are not taken"), offset)
    if not text:
        raise GiftError(say("an answer has no text"), offset)
    share = float(weight[1]) if weight else None
    if sign == "=" and share is not None and share < 100:
        raise GiftError(say("accepted answers of partial worth (=%50%…) are not taken"), offset)
    return Choice(sign, share, plain(text), offset)
