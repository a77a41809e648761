"""Which classes each style sheet knows, so that no page uses a piece whose look lies in a sheet of other pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import qaplatform.web

_STATIC = Path(qaplatform.web.__file__).parent / "static"
_ELSEWHERE = {"line-margin"}
"""Looks different at the desk, and like what is around it on other pages."""


def foreign_classes(page: str) -> list[str]:
    """Classes of a page that a sheet of ours styles, but none of the sheets the page loads."""
    loaded = frozenset(re.findall(r"/(?:css|tabler)/(\w+)[.-][^\"]*\"", page[: page.find("</head>")]))
    used = {one for words in set(re.findall(r'\bclass="([^"]*)"', page)) for one in words.split()}
    return sorted(used & _unknown_with(loaded))


@cache
def _unknown_with(loaded: frozenset[str]) -> frozenset[str]:
    sheets = _sheets()
    known = frozenset().union(*(sheets[name] for name in loaded & sheets.keys()))
    return frozenset().union(*sheets.values()) - known - _ELSEWHERE


@cache
def _sheets() -> Mapping[str, frozenset[str]]:
    paths = [*(_STATIC / "css").glob("*.css"), _STATIC / "vendor" / "tabler" / "tabler.min.css"]
    return {path.name.split(".")[0]: _classes(path.read_text()) for path in paths}


def _classes(sheet: str) -> frozenset[str]:
    rules = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL).split("{")
    selectors = [before.rpartition("}")[2] for before in rules[:-1]]
    return frozenset(re.findall(r"\.([A-Za-z_][\w-]*)", " ".join(selectors)))
