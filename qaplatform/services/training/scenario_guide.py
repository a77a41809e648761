"""The guide to a first scenario, as it ships beside the scenarios: for a page where scenarios are written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import msgspec

from qaplatform.resources import shipped_file

_FILES: Mapping[str, str] = {"zh": "README.md", "en": "guide-en.md"}
_BEGINS: Mapping[str, str] = {"zh": "## 三十分钟", "en": "# Your first scenario"}
_ENDS: Mapping[str, str] = {"zh": "## In English", "en": ""}
_LINK_ALONE = re.compile(r"^\[[^\]]*\]\([^)]*\)\n+", re.MULTILINE)


class Guide(msgspec.Struct, frozen=True):
    """Its heading, and the Markdown below."""

    title: str
    body: str


@lru_cache(maxsize=2)
def scenario_guide(language: str) -> Guide:
    """The guide in a language, without what only leads from one file to another."""
    text = shipped_file("scenarios", _FILES[language]).read_text(encoding="utf-8")
    text = text[text.index(_BEGINS[language]) :]
    if _ENDS[language]:
        text = text[: text.index(_ENDS[language])]
    title, _, body = text.partition("\n")
    return Guide(title.lstrip("# "), _LINK_ALONE.sub("", body).strip())
