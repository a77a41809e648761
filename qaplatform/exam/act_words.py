"""What acts, their subjects, signs and gaming are called in people's words: ``packs/act_words.yaml``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

import msgspec

from qaplatform.audit.phrases import Words
from qaplatform.audit.problem import Report
from qaplatform.audit.yaml_source import compose
from qaplatform.audit.yaml_structs import read_struct
from qaplatform.audit.yaml_values import Values
from qaplatform.resources import shipped_file


class ActWords(msgspec.Struct, frozen=True):
    """Words by code."""

    acts: Mapping[str, Words]
    abouts: Mapping[str, Words]
    signs: Mapping[str, Words]
    gaming: Mapping[str, Words]
    with_time: Words
    """``{act}`` is what was promised."""


@lru_cache(maxsize=1)
def act_words() -> ActWords:
    """The words that ship."""
    report = Report()
    root = compose("act_words.yaml", shipped_file("packs", "act_words.yaml").read_text(encoding="utf-8"), report)
    words = read_struct(Values(report), root, ActWords, "the words of acts")
    if words is None:
        raise ValueError("\n".join(map(str, report.problems)))
    return words


def act_word(act: str, language: str) -> str:
    """An act; the code where it has no word."""
    return _word(act_words().acts, act, language)


def about_word(about: str, language: str) -> str:
    """What an act is about."""
    return _word(act_words().abouts, about, language)


def sign_word(sign: str, language: str) -> str:
    """What the live rubric saw."""
    return _word(act_words().signs, sign, language)


def gaming_word(kind: str, language: str) -> str:
    """How an answer is written for the marking."""
    return _word(act_words().gaming, kind, language)


def wanted_words(acts: Iterable[str], abouts: Iterable[str], language: str, *, due: bool) -> str:
    """What is done or to be done: one of these acts, about one of these things, perhaps by a time."""
    said = " / ".join(act_word(one, language) for one in acts)
    named = " / ".join(about_word(one, language) for one in abouts)
    said = f"{said} · {named}" if named else said
    return act_words().with_time.in_language(language).format(act=said) if due else said


def _word(words: Mapping[str, Words], code: str, language: str) -> str:
    return words[code].in_language(language) if code in words else code
