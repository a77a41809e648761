"""Every word the writers add of their own, from ``words.yaml``, in one language."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import yaml

LANGUAGES = ("zh", "en")


@cache
def table() -> dict[str, dict[str, str]]:
    """Key → language → text.

    Raises:
        ValueError: a key lacks a language or is no text.
    """
    raw = yaml.safe_load((files(__package__) / "words.yaml").read_text(encoding="utf-8"))
    words: dict[str, dict[str, str]] = {}
    for key, texts in raw.items():
        if not isinstance(key, str) or not isinstance(texts, dict) or set(texts) != set(LANGUAGES):
            raise ValueError(f"words.yaml: {key!r} needs exactly the languages {', '.join(LANGUAGES)}")
        words[key] = {language: str(text) for language, text in texts.items()}
    return words


class Chrome:
    """The words of one language by key."""

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            raise ValueError(f"unknown language {language!r}; there are {', '.join(LANGUAGES)}")
        self.language = language
        self._words = {key: texts[language] for key, texts in table().items()}

    def __getitem__(self, key: str) -> str:
        return self._words[key]

    def get(self, key: str, otherwise: str) -> str:
        """The text of a key made from data, else the given text."""
        return self._words.get(key, otherwise)

    def say(self, key: str, **values: object) -> str:
        """The text with its ``{places}`` filled in; numbers get thousands separators."""
        shown = {name: f"{value:,}" if isinstance(value, int) else value for name, value in values.items()}
        return self._words[key].format_map(shown)

    def duration(self, seconds: float) -> str:
        """A length of time in its two largest units, from seconds up to days."""
        whole = int(seconds)
        units = ((86400, "days"), (3600, "hours"), (60, "minutes"), (1, "seconds"))
        parts: list[str] = []
        for size, name in units:
            if whole >= size and len(parts) < 2:
                parts.append(self.say("duration_" + name, n=whole // size))
                whole %= size
            elif parts:
                break
        return self["duration_join"].join(parts) or self.say("duration_seconds", n=0)
