"""Brings the catalogs of words for people up to date with the code.

    scripts/translations            new messages go in, unused ones out; lists what is not translated yet
    scripts/translations --check    changes nothing; fails if something is missing, unused, uncertain or not compilable

There are two: what pages say is Chinese in the code and gets its English here; what is said of mistakes in files is English
in the code (``say(…)`` of ``qaplatform/audit/saying.py``) and gets its Chinese. Nothing is guessed: a message that was
changed is a new one.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "qaplatform"


@dataclass(frozen=True)
class Words:
    """A catalog: where its messages stand in the code, and what they are translated into."""

    language: str
    name: str
    called: str
    """The language, for people."""
    methods: list[tuple[str, str]]
    keywords: Mapping[str, Any]
    options: Mapping[str, dict[str, str]] = field(default_factory=dict)
    braces: bool = False
    """Whether values stand in braces."""

    @property
    def path(self) -> Path:
        """The file."""
        return PACKAGE / "locale" / self.language / "LC_MESSAGES" / f"{self.name}.po"


PAGES = Words(
    "en",
    "messages",
    "English",
    [("web/**.py", "python"), ("web/templates/**.html", "jinja2")],
    # plural() is called with one text, which stands for both forms.
    {"_": None, "lazy": None, "plural": (1, 1), "gettext": None, "ngettext": (1, 2)},
    {
        "web/templates/**.html": {
            "extensions": "jinja2.ext.i18n,jinja2.ext.do",
            "newstyle_gettext": "true",
            "silent": "false",
        }
    },
)
ROOMS = ("audit", "exam", "llm", "training", "samples", "services")
"""Where mistakes in files are found; elsewhere ``say`` may be something else."""
MISTAKES = Words(
    "zh", "problems", "Chinese", [(f"{room}/**.py", "python") for room in ROOMS], {"say": None}, braces=True
)
CATALOGS = (PAGES, MISTAKES)
_DROPPED = tuple(
    f'"{name}'.encode()
    for name in (
        "Project-Id",
        "Report-Msgid",
        "POT-Creation",
        "PO-Revision",
        "Last-Translator",
        "Language-Team",
        "Generated",
    )
)
HEADER = "# {called} words of the workplace. Written by scripts/translations; the msgstr lines are by people."


def extracted(words: Words = PAGES) -> Catalog:
    """Every message of the code, sorted by text, with the files it stands in."""
    header = HEADER.format(called=words.called)
    catalog = Catalog(locale=words.language, project="qaplatform", header_comment=header, charset="utf-8", fuzzy=False)
    found = extract_from_dir(PACKAGE, words.methods, words.options, keywords=words.keywords)
    for file, _line, text, _comments, context in sorted(found, key=lambda one: (str(one[2]), one[0])):
        # No line numbers: they change with every edit, and nobody reads them.
        catalog.add(text, None, [(f"qaplatform/{file}", None)], context=context)  # type: ignore[list-item]
    return catalog


def translated(words: Words = PAGES) -> Catalog:
    """The catalog as it stands in the repository."""
    if not words.path.exists():
        return Catalog(locale=words.language)
    with words.path.open("rb") as file:
        return read_po(file, locale=words.language)


def joined(words: Words = PAGES) -> Catalog:
    """The messages of the code with the translations that are there."""
    new, old = extracted(words), translated(words)
    for message in messages_of(new):
        known = old.get(message.id, message.context)
        if known is not None and shape(known) == shape(message):
            message.string = known.string
    return new


def messages_of(catalog: Catalog) -> Iterator[Message]:
    """All messages but the header."""
    return (message for message in catalog if message.id)


def shape(message: Message) -> bool:
    """Whether it has a plural."""
    return isinstance(message.id, (tuple, list))


def text_of(message: Message) -> str:
    """The text in the code."""
    return str(message.id[0] if shape(message) else message.id)


def fields(template: str) -> set[str]:
    """The values a template in braces takes."""
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def faults(words: Words = PAGES) -> list[str]:
    """What is wrong with a catalog in the repository."""
    out = []
    code, there = extracted(words), translated(words)
    wanted = {(text_of(one), one.context): one for one in messages_of(code)}
    known = {(text_of(one), one.context): one for one in messages_of(there)}
    out += [f"not in the catalog: {text}" for text, context in wanted.keys() - known.keys()]
    out += [f"no longer used: {text}" for text, context in known.keys() - wanted.keys()]
    for key in sorted(wanted.keys() & known.keys(), key=str):
        message = known[key]
        strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        if not all(strings):
            out.append(f"no {words.called}: {key[0]}")
        elif words.braces and fields(key[0]) != fields(strings[0]):
            out.append(f"other values in {words.called}: {key[0]}")
        if message.fuzzy:
            out.append(f"uncertain: {key[0]}")
        if not words.braces:
            out += [f"{error}: {key[0]}" for error in message.check(there)]
    if there.obsolete:
        out.append(f"{len(there.obsolete)} obsolete entries")
    write_mo(io.BytesIO(), there)
    return out


def write(words: Words) -> None:
    """Bring a catalog up to date with the code."""
    out = io.BytesIO()
    write_po(out, joined(words), sort_output=True, omit_header=False, width=118, include_lineno=False)
    # Lines that change by themselves, or name nobody, only get in the way of merging.
    lines = [line for line in out.getvalue().split(b"\n") if not line.startswith(_DROPPED)]
    words.path.parent.mkdir(parents=True, exist_ok=True)
    words.path.write_bytes(b"\n".join(lines).rstrip() + b"\n")


def main() -> int:
    """Write the catalogs, or check them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    only_checks = parser.parse_args().check
    wrong = []
    for words in CATALOGS:
        if not only_checks:
            write(words)
        wrong += faults(words)
        print(f"{sum(1 for _ in messages_of(translated(words)))} messages into {words.called}")
    print("\n".join(wrong) or "all are translated")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
