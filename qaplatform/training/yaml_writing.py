"""Values as YAML on one line, for texts that are written by forms."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from qaplatform.audit.phrases import Words

_PLAIN = re.compile(r"(?![-?:,\[\]{}#&*!|>'\"%@`~\s])[^\n\t:#,\[\]{}\"'\\]*(?<!\s)")
"""What may stand in YAML as it is, in a list or mapping on one line as well."""


def text_yaml(text: str) -> str:
    """As it is where YAML reads it so, else in quotes, as JSON writes it."""
    is_plain = _PLAIN.fullmatch(text) and text not in ("", "null")
    return text if is_plain else json.dumps(text, ensure_ascii=False)


def list_yaml(texts: Iterable[str]) -> str:
    """A list."""
    return f"[{', '.join(map(text_yaml, texts))}]"


def words_yaml(words: Words) -> str:
    """A text in its languages."""
    english = f", en: {text_yaml(words.en)}" if words.en else ""
    return f"{{zh: {text_yaml(words.zh)}{english}}}"
