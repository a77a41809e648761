"""How long a start takes until the first page is answered: ``python -m benchmarks.start``.

The real command in a process of its own, on a data folder of its own: the first start makes the demo workplace, the later
ones find it. Beside the time on the wall stands the processor time of all its processes, which a busy machine blurs less; it
holds more than the wait, because the worker and the warm-up go on beside the first page.
"""

from __future__ import annotations

import argparse
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_PROGRAM = "import sys; sys.path.insert(0, sys.argv.pop(1)); from qaplatform.cli import main; main()"
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
_LONGEST_SECONDS = 300.0


@dataclass(frozen=True)
class Taken:
    """One start."""

    seconds: float
    cpu_seconds: float


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=5, help="later starts, and calls for help")
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory() as folder:
        first = [started(Path(folder))]
        later = [started(Path(folder)) for _ in range(times)]
    helped = [asked_for_help() for _ in range(times)]
    print("| | best, s | median, s | worst, s | processor, s |\n|---|---:|---:|---:|---:|")
    for name, taken in (("first start", first), ("later start", later), ("`qaplatform --help`", helped)):
        print(f"| {name} | {' | '.join(f'{one:.2f}' for one in _summed_up(taken))} |")


def _summed_up(taken: Sequence[Taken]) -> Sequence[float]:
    seconds = [one.seconds for one in taken]
    processor = statistics.median(one.cpu_seconds for one in taken)
    return min(seconds), statistics.median(seconds), max(seconds), processor


def started(data: Path) -> Taken:
    """Start the workplace in a folder, ask for its first page, and end it."""
    port = _free_port()
    begun, cpu = time.perf_counter(), _cpu()
    options = ["start", "--demo", "--data", str(data), "--no-browser", "--port", str(port)]
    with subprocess.Popen(
        _command(*options), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=_ENVIRONMENT
    ) as process:
        try:
            _wait_for_page(port, begun)
            seconds = time.perf_counter() - begun
        finally:
            process.terminate()
    return Taken(seconds, _cpu() - cpu)


def asked_for_help() -> Taken:
    """Ask the command what it can do."""
    begun, cpu = time.perf_counter(), _cpu()
    subprocess.run(_command("--help"), stdout=subprocess.DEVNULL, check=True, env=_ENVIRONMENT)
    return Taken(time.perf_counter() - begun, _cpu() - cpu)


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-c", _PROGRAM, str(_ROOT), *arguments]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for_page(port: int, begun: float) -> None:
    while time.perf_counter() - begun < _LONGEST_SECONDS:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/login", timeout=10) as answer:
                answer.read()
                return
        except OSError:
            time.sleep(0.02)
    raise TimeoutError("the workplace did not start")


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
