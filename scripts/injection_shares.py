#!/usr/bin/env python
"""How many conversations have signs of injection: of the corpus, of the samples, and of any JSONL files given.

    scripts/injection_shares.py [--show] [PATH …]

A line of a file is a conversation with ``messages`` of ``role`` and ``text``. ``--show`` prints what is flagged, to be
read; texts of data sets that may only be measured stay out of this repository.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from qaplatform.llm.injection import signs_of_injection
from qaplatform.llm.transcript import ROLES, Said
from qaplatform.resources import shipped_file
from qaplatform.testing.injections import Payload, chats, payloads, unseen_payloads


def of_corpus(name: str, chosen: Iterable[Payload], *, show: bool) -> None:
    """Print the share of the payloads' chats that are flagged, by class and by position."""
    chats_of: Counter[str] = Counter()
    flagged: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for chat in chats(chosen):
        found = any(sign.message in chat.held_in for sign in signs_of_injection(chat.messages))
        for key in ("all", f"class {chat.payload.group}", f"position {chat.position}"):
            chats_of[key] += 1
            flagged[key] += found
        if not found:
            missed[f"{chat.payload.group} {chat.payload.written!r}"] += 1
    print(name)
    for key, count in chats_of.items():
        print(f"  {key:24} {flagged[key] / count:7.2%} of {count}")
    if show:
        for key, count in missed.items():
            print(f"  missed in {count} places: {key}")


def of_file(path: Path, *, show: bool) -> None:
    """Print the share of a file's conversations that are flagged."""
    conversations = flagged = 0
    kinds: Counter[str] = Counter()
    for line in path.read_text(encoding="utf-8").splitlines():
        given = json.loads(line)["messages"]
        messages = [
            Said(number, one["role"] if one["role"] in ROLES else "system", one.get("text") or "")
            for number, one in enumerate(given)
        ]
        signs = signs_of_injection(messages)
        conversations += 1
        flagged += bool(signs)
        kinds.update({sign.kind for sign in signs})
        for sign in signs if show else ():
            text = messages[sign.message].text
            print(f"    {sign.kind:10} {text[max(sign.start - 20, 0) : sign.start]}«{text[sign.start : sign.end]}»")
    print(f"{path.name}: {flagged / max(conversations, 1):.2%} of {conversations} {dict(kinds)}")


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH")
    parser.add_argument("--show", action="store_true", help="print what is flagged, and what of the corpus is missed")
    given = parser.parse_args()
    if not given.paths:
        of_corpus("for development", [one for one in payloads() if not one.held_out], show=given.show)
        of_corpus("held out", [one for one in payloads() if one.held_out], show=False)
        of_corpus("unseen", unseen_payloads(), show=False)
    for path in given.paths or [shipped_file("samples", "conversations.jsonl")]:
        of_file(path, show=given.show)


if __name__ == "__main__":
    main()
