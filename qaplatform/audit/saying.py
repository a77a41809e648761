"""A sentence that remembers how it was made, so that whoever shows it can say it in another language.

Mistakes in files are said in English where they are found; a page says them in the reader's language, by the template.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from string import Formatter
from typing import Any, Protocol, Self, runtime_checkable


@runtime_checkable
class Bilingual(Protocol):
    """A text that is there in both languages, such as the words of a rubric."""

    def in_language(self, language: str) -> str:
        """The text in that one."""
        ...


class Saying(str):
    """A text that was made of a template and values; values may be sayings themselves, texts in both languages, or several."""

    __slots__ = ("template", "values")

    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, values: dict[str, Any]) -> Self:
        """The text of a template (of ``str.format``, fields by name) with its values."""
        made = super().__new__(cls, _ENGLISH.vformat(template, (), values) if values else template.format())
        made.template, made.values = template, values
        return made

    def __reduce__(self) -> tuple[type[Saying], tuple[str, dict[str, Any]]]:
        return type(self), (self.template, self.values)


class _English(Formatter):
    """Several names, a tuple, are separated by commas; ``!r`` is of each."""

    def convert_field(self, value: Any, conversion: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(super(_English, self).convert_field(one, conversion) for one in value)
        return super().convert_field(value, conversion)

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, tuple):
            return ", ".join(map(str, value))
        if not isinstance(value, str) and isinstance(value, Bilingual):
            return value.in_language("en")
        return str(super().format_field(value, format_spec))


_ENGLISH = _English()


def say(template: str, **values: Any) -> Saying:
    """A sentence about a mistake: ``say("there is no step {step!r}{near}", step=…, near=did_you_mean(…))``.

    The template is a literal, for it is looked up in ``locale/zh/LC_MESSAGES/problems.po`` by those who show it; braces
    that are meant are doubled. ``scripts/translations`` puts new ones there.
    """
    return Saying(template, values)


def said_in(error: Exception) -> Saying:
    """What an error says, as it was said where it was raised."""
    first = error.args[0] if error.args else None
    return first if isinstance(first, Saying) else say("{reason}", reason=str(error))


def either(parts: Sequence[str]) -> str:
    """``a or b or c``."""
    return reduce(lambda first, second: say("{first} or {second}", first=first, second=second), parts)
