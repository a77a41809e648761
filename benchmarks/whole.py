"""(a) The main job, JSONL in and audit JSONL out under the full rubric: against decoding alone, by workers, by size."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from benchmarks.corpus import OUT, corpus_file
from benchmarks.timing import Figure, Setup, alternate, one_core, ratios
from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation
from qaplatform.formats.inputs import find_inputs
from qaplatform.services.auditing import AuditJob, audit_blocks
from qaplatform.services.rubrics import rubric_named

_MEBIBYTE = 1 << 20
_LARGE, _LARGEST = 1_000_000, 4_000_000


def decode_whole(path: Path) -> int:
    """The floor: msgspec decoding the file into the typed values, in blocks of 1 MiB; how many messages."""
    decode, count = msgspec.json.Decoder(Conversation).decode_lines, 0
    with path.open("rb", buffering=0) as file:
        rest = b""
        while chunk := file.read(_MEBIBYTE):
            cut = chunk.rfind(b"\n") + 1
            if cut:
                count += sum([len(one.messages) for one in decode(rest + chunk[:cut])])
                rest = chunk[cut:]
            else:
                rest += chunk
        return count + sum([len(one.messages) for one in decode(rest)])


def audit_to(out: Path, path: Path, rubric: str = "ecommerce-service") -> None:
    """The audit by the command's own steps in this process."""
    job = AuditJob(find_inputs([str(path)]), rubric_named(rubric), Context(), keep_conversations=False)
    with out.open("wb") as file:
        for audited in audit_blocks(job):
            file.write(audited.lines)


def against_decoding(rubric: str, messages: int, rounds: int) -> Iterator[Figure]:
    """The audit by the command's own steps in this process, on one core, over decoding alone."""
    path, out = corpus_file(messages), OUT / "audited.jsonl"
    sides = {"decode": lambda: decode_whole(path), "audit": lambda: audit_to(out, path, rubric)}
    seconds = alternate(sides, rounds)
    out.unlink()
    name = f"audit of {messages:,} messages over decoding them"
    yield Figure(name, ratios(seconds["audit"], seconds["decode"]), floor=8.0, better="most")


@dataclass(frozen=True, slots=True)
class Run:
    """A run of the command: wall clock, CPU of all its processes, peak memory of the greatest of them."""

    wall_seconds: float
    cpu_seconds: float
    peak_mebibytes: float
    lines: int


def command(rubric: str, messages: int, workers: int) -> Run:
    """``qaplatform audit`` on a corpus, as a user runs it."""
    path, out = corpus_file(messages), OUT / f"audited-{workers}.jsonl"
    words = [sys.executable, "-c", "from qaplatform.cli import main; main()"]
    arguments = ["audit", str(path), "--format", "jsonl", "--out", str(out), "--workers", str(workers)]
    arguments += ["--rubric", rubric]
    begun = time.perf_counter()
    process = subprocess.Popen([*words, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"qaplatform {' '.join(arguments)} ended with {process.returncode}")
    with out.open("rb") as file:
        lines = sum(block.count(b"\n") for block in iter(lambda: file.read(_MEBIBYTE), b""))
    out.unlink()
    # Linux counts kibibytes here, macOS bytes.
    unit = _MEBIBYTE if sys.platform == "darwin" else 1024
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit, lines)


def by_workers(rubric: str, messages: int, rounds: int) -> Iterator[Figure]:
    """The command with one worker over the command with two, start included; memory of the greatest process."""
    one, two = [], []
    for _ in range(rounds):
        one.append(command(rubric, messages, 1))
        two.append(command(rubric, messages, 2))
    if len({run.lines for run in (*one, *two)}) != 1:
        raise RuntimeError("one worker and two wrote different numbers of lines")
    walls = ratios([run.wall_seconds for run in one], [run.wall_seconds for run in two])
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    yield Figure(f"one worker over two, {messages:,} messages, {cores} cores", walls, floor=1.6, better="least")
    peaks = tuple(run.peak_mebibytes for run in (*one, *two))
    yield Figure(f"peak memory of the greatest process, {messages:,} messages", peaks, "MiB", 250.0)


def by_size(rubric: str, rounds: int) -> Iterator[Figure]:
    """From one million messages to four: cost per message and peak memory, one worker and two."""
    costs, memory, memory_of_two, peaks = [], [], [], []
    for _ in range(rounds):
        large, largest = command(rubric, _LARGE, 1), command(rubric, _LARGEST, 1)
        costs.append(largest.cpu_seconds / _LARGEST / (large.cpu_seconds / _LARGE))
        memory.append(largest.peak_mebibytes / large.peak_mebibytes)
        large, largest = command(rubric, _LARGE, 2), command(rubric, _LARGEST, 2)
        memory_of_two.append(largest.peak_mebibytes / large.peak_mebibytes)
        peaks.append(largest.peak_mebibytes)
    yield Figure("cost per message, 4 M over 1 M messages", tuple(costs), floor=1.1)
    yield Figure("peak memory, 4 M over 1 M messages, one worker", tuple(memory), floor=1.1)
    yield Figure("peak memory, 4 M over 1 M messages, two workers", tuple(memory_of_two), floor=1.1)
    yield Figure("peak memory of the greatest process, 4 M messages, two workers", tuple(peaks), "MiB", 250.0)


def figures(setup: Setup) -> Iterator[Figure]:
    """All figures of comparison (a). The command is run before this process binds itself to one core."""
    yield from by_workers(setup.rubric, 100_000 if setup.quick else _LARGE, 2 if setup.quick else 3)
    if not setup.quick:
        yield from by_size(setup.rubric, 1)
    one_core()
    yield from against_decoding(setup.rubric, 40_000 if setup.quick else 400_000, 3 if setup.quick else 5)
