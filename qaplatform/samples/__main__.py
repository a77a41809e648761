"""``python -m qaplatform.samples``: builds ``conversations.jsonl`` and ``accompanied.jsonl`` from the written dialogues."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import msgspec

from qaplatform.audit.conversation import Conversation
from qaplatform.audit.problem import SourceError
from qaplatform.samples.building import build_accompanied, build_samples
from qaplatform.samples.world import load_world, load_written

SEED = 2026
NEW_HIRES = ("a04", "a11")
FIRST_WEEKS = (date(2026, 10, 12), date(2026, 10, 30))
"""When they take five chats a day beside their mentors."""
ACCOMPANIED = 130


def read_and_build(
    folder: Path, *, seed: int = SEED, count: int = 400, accompanied: int = ACCOMPANIED
) -> tuple[list[Conversation], list[Conversation]]:
    """The samples of a folder that holds ``world.yaml``, ``context.yaml`` and ``written/*.yaml``; and those of new hires.

    Raises:
        SourceError: a file has mistakes.
        OSError: a file cannot be read.
    """
    world, context = folder / "world.yaml", folder / "context.yaml"
    known = load_world(
        (world.name, world.read_text(encoding="utf-8")), (context.name, context.read_text(encoding="utf-8"))
    )
    files = sorted((folder / "written").glob("*.yaml"))
    written = load_written((f"written/{file.name}", file.read_text(encoding="utf-8")) for file in files)
    beside = (
        build_accompanied(written, known, seed=seed, agents=NEW_HIRES, days=FIRST_WEEKS, count=accompanied)
        if accompanied
        else []
    )
    return build_samples(written, known, seed=seed, count=count), beside


def lines(conversations: Sequence[Conversation]) -> bytes:
    """Conversation JSONL."""
    return b"".join(msgspec.json.encode(one) + b"\n" for one in conversations)


def main(arguments: Sequence[str] | None = None) -> int:
    """Build and write; 0, or 2 when the files cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m qaplatform.samples", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("samples"), help="where the YAML files are (samples)")
    parser.add_argument("--out", type=Path, help="the file to write (FOLDER/conversations.jsonl)")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--accompanied", type=int, default=ACCOMPANIED, help="conversations of new hires, beside --out")
    given = parser.parse_args(arguments)
    out: Path = given.out or given.folder / "conversations.jsonl"
    try:
        made, beside = read_and_build(given.folder, seed=given.seed, count=given.count, accompanied=given.accompanied)
        out.write_bytes(lines(made))
        if beside:
            out.with_name("accompanied.jsonl").write_bytes(lines(beside))
    except (SourceError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"{len(made)} conversations → {out}, {len(beside)} beside them\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
