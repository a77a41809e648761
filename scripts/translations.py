"""Brings the catalog of words for people up to date with the code.

    scripts/translations            new messages go in, unused ones out; lists what has no English yet
    scripts/translations --check    changes nothing; fails if something is missing, unused, uncertain or not compilable

The message id is the Chinese text. Nothing is guessed: a message that was changed is a new one.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "qaplatform"
CATALOG = PACKAGE / "locale" / "en" / "LC_MESSAGES" / "messages.po"
METHODS = [("web/**.py", "python"), ("web/templates/**.html", "jinja2")]
OPTIONS = {
    "web/templates/**.html": {
        "extensions": "jinja2.ext.i18n,jinja2.ext.do",
        "newstyle_gettext": "true",
        "silent": "false",
    }
}
# plural() is called with one text, which stands for both forms.
KEYWORDS: dict[str, Any] = {"_": None, "lazy": None, "plural": (1, 1), "gettext": None, "ngettext": (1, 2)}
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
HEADER = "# English words of the workplace. Written by scripts/translations; the msgstr lines are by people."


def extracted() -> Catalog:
    """Every message of the code, sorted by text, with the files it stands in."""
    catalog = Catalog(locale="en", project="qaplatform", header_comment=HEADER, charset="utf-8", fuzzy=False)
    found = extract_from_dir(PACKAGE, METHODS, OPTIONS, keywords=KEYWORDS)
    for file, _line, text, _comments, context in sorted(found, key=lambda one: (str(one[2]), one[0])):
        # No line numbers: they change with every edit, and nobody reads them.
        catalog.add(text, None, [(f"qaplatform/{file}", None)], context=context)  # type: ignore[list-item]
    return catalog


def translated() -> Catalog:
    """The catalog as it stands in the repository."""
    if not CATALOG.exists():
        return Catalog(locale="en")
    with CATALOG.open("rb") as file:
        return read_po(file, locale="en")


def joined() -> Catalog:
    """The messages of the code with the translations that are there."""
    new, old = extracted(), translated()
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
    """The Chinese text."""
    return str(message.id[0] if shape(message) else message.id)


def faults() -> list[str]:
    """What is wrong with the catalog in the repository."""
    out = []
    code, there = extracted(), translated()
    wanted = {(text_of(one), one.context): one for one in messages_of(code)}
    known = {(text_of(one), one.context): one for one in messages_of(there)}
    out += [f"not in the catalog: {text}" for text, context in wanted.keys() - known.keys()]
    out += [f"no longer used: {text}" for text, context in known.keys() - wanted.keys()]
    for key in sorted(wanted.keys() & known.keys(), key=str):
        message = known[key]
        strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        if not all(strings):
            out.append(f"no English: {key[0]}")
        if message.fuzzy:
            out.append(f"uncertain: {key[0]}")
        out += [f"{error}: {key[0]}" for error in message.check(there)]
    if there.obsolete:
        out.append(f"{len(there.obsolete)} obsolete entries")
    write_mo(io.BytesIO(), there)
    return out


def main() -> int:
    """Write the catalog, or check it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    if not parser.parse_args().check:
        out = io.BytesIO()
        write_po(out, joined(), sort_output=True, omit_header=False, width=118, include_lineno=False)
        # Lines that change by themselves, or name nobody, only get in the way of merging.
        lines = [line for line in out.getvalue().split(b"\n") if not line.startswith(_DROPPED)]
        CATALOG.parent.mkdir(parents=True, exist_ok=True)
        CATALOG.write_bytes(b"\n".join(lines).rstrip() + b"\n")
    wrong = faults()
    print("\n".join(wrong) or f"{sum(1 for _ in messages_of(translated()))} messages, all in English")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
