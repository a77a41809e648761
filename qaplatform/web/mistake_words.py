"""What is said of a mistake in a file, in the reader's language.

Where mistakes are found they are said in English (:mod:`qaplatform.audit.saying`); Chinese stands in the catalog
``locale/zh/LC_MESSAGES/problems.po``, by template. Names, quotes and places stay as they are.
"""

from __future__ import annotations

from gettext import NullTranslations
from string import Formatter
from typing import Any

from flask import Flask

from qaplatform.audit.saying import Bilingual, Saying
from qaplatform.web.i18n import catalog, language

_COMMA = "\u3001"
_HAN = range(0x3400, 0xA000)


def set_up(app: Flask) -> None:
    """Give templates the filter ``in_words``."""
    app.jinja_env.filters["in_words"] = in_words


def in_words(said: str) -> str:
    """A sentence about a mistake in the language of this answer; one that does not know how it was made as it is."""
    return _retold(said, catalog("zh", "problems")) if language() == "zh" else str(said)


def _retold(said: str, words: NullTranslations) -> str:
    if not isinstance(said, Saying):
        return said
    told = ""
    for literal, name, spec, conversion in Formatter().parse(words.gettext(said.template)):
        told = _beside(told, literal)
        if name is not None:
            told = _beside(told, _value(said.values[name], spec or "", conversion, words))
    return told


def _value(value: Any, spec: str, conversion: str | None, words: NullTranslations) -> str:
    if isinstance(value, tuple):
        return _COMMA.join(_value(one, spec, conversion, words) for one in value)
    if conversion == "r" and isinstance(value, str):
        return f"“{repr(value)[1:-1]}”"
    if not isinstance(value, str) and isinstance(value, Bilingual):
        return value.in_language(language())
    return _retold(value, words) if isinstance(value, Saying) else format(value, spec)


def _beside(before: str, after: str) -> str:
    """Two pieces of a sentence, with a blank where Chinese meets what stands in Latin letters or digits."""
    ends = (before[-1:], after[:1])
    parted = all(ends) and any(map(_is_latin, ends)) and any(map(_is_han, ends))
    return f"{before} {after}" if parted else before + after


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _is_han(character: str) -> bool:
    return ord(character) in _HAN
