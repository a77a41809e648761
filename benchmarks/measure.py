"""Run the comparisons of docs/benchmarks.md: tables on the standard output, figures in out/benchmarks/results.json.

(a) the whole job against decoding   (b) five rules against a plain program   (c) phrases against spaCy and Presidio
(d) 5,000 phrases against 100        (e) one conversation alone

Each comparison runs in a process of its own. Everything is taken in one run, both sides in turn.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec

from benchmarks.corpus import OUT
from benchmarks.timing import HEAD, Figure, Setup

TITLES = {
    "a": "The whole job",
    "b": "Five rules",
    "c": "Phrases with their places",
    "d": "Long lists",
    "e": "One conversation alone",
}


def _figures(letter: str, setup: Setup) -> Iterable[Figure]:
    # The peers' modules are heavy, and a comparison is to hold only its own in memory.
    if letter == "a":
        from benchmarks.whole import figures  # noqa: PLC0415
    elif letter == "b":
        from benchmarks.five import figures  # noqa: PLC0415
    elif letter == "c":
        from benchmarks.scanning import against_peers as figures  # noqa: PLC0415
    elif letter == "d":
        from benchmarks.scanning import by_number as figures  # noqa: PLC0415
    else:
        from benchmarks.single import figures  # noqa: PLC0415
    return figures(setup)


def _measured(letter: str, setup: Setup) -> list[Figure] | None:
    """One comparison in a process of its own; ``None`` if it failed."""
    words = [sys.executable, "-m", "benchmarks.measure", "--only", letter, "--rubric", setup.rubric]
    words += ["--quick"] if setup.quick else []
    done = subprocess.run(words, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        return None
    return msgspec.json.decode(done.stdout, type=list[Figure])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benchmarks/run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("which", nargs="*", metavar="a|b|c|d|e", help="only these (default: all)")
    parser.add_argument("--quick", action="store_true", help="small sizes, few rounds: to see that all works")
    parser.add_argument("--rubric", default=Setup().rubric, help="the full rubric of (a), (c) and (e)")
    parser.add_argument("--only", choices=TITLES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    unknown = [letter for letter in options.which if letter not in TITLES]
    if unknown:
        parser.error(f"there is no comparison {unknown[0]!r}; there are {', '.join(TITLES)}")
    return options


def main() -> None:
    """Measure and print; exit code 1 where a comparison could not be made or a floor was missed in a full run."""
    options = _options()
    setup = Setup(options.quick, options.rubric)
    if options.only:
        figures = list(_figures(options.only, setup))
        sys.stdout.buffer.write(msgspec.json.encode(figures))
        return
    OUT.mkdir(parents=True, exist_ok=True)
    results: dict[str, object] = {"quick": options.quick, "machine": _machine()}
    good = True
    for letter in options.which or TITLES:
        print(f"\n### ({letter}) {TITLES[letter]}\n", flush=True)
        measured = _measured(letter, setup)
        if measured is None:
            print("could not be measured: see above")
            good = False
            continue
        print(HEAD)
        for figure in measured:
            print(figure.row(), flush=True)
        good = good and (options.quick or all(figure.kept is not False for figure in measured))
        results[letter] = [
            {**msgspec.to_builtins(figure), "median": figure.median, "kept": figure.kept} for figure in measured
        ]
    path = OUT / ("results-quick.json" if options.quick else "results.json")
    path.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"\n{_machine()}; figures in {path.relative_to(Path.cwd())}")
    sys.exit(not good)


def _machine() -> str:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {cores} cores"


if __name__ == "__main__":
    main()
