"""Processes kept running beside each other: each that ends by itself is started again, all end together.

Whatever ends the supervisor ends the children, SIGKILL included: see ``ending_together.py``.
A process that keeps falling over is started ever later (up to half a minute), so that a lasting fault fills no log.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType

_STEP_SECONDS = 0.2
_LONGEST_WAIT_SECONDS = 30.0
_STEADY_SECONDS = 60.0
_PATIENCE_SECONDS = 20.0


@dataclass
class Child:
    """A command of this program that is to be running."""

    name: str
    arguments: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    wait_seconds: float = 0.0
    again_at: float = 0.0

    def start(self) -> None:
        """Start it."""
        self.started = time.monotonic()
        # Nothing is written to the pipe. Only this process holds its end, and so the child sees when it is gone.
        command = [sys.executable, "-m", "qaplatform", *self.arguments, "--supervised"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 - our own

    def let_go(self) -> None:
        """Close the pipe of a process that has ended."""
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()
        self.process = None

    def look(self, say: Callable[[str], None]) -> None:
        """Start it where it is not running and its wait is over."""
        now = time.monotonic()
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                return
            self.let_go()
            steady = now - self.started > _STEADY_SECONDS
            self.wait_seconds = 0.5 if steady else min(max(0.5, 2 * self.wait_seconds), _LONGEST_WAIT_SECONDS)
            self.again_at = now + self.wait_seconds
            say(f"{self.name} ended with code {code}; starting it again in {self.wait_seconds:g} s")
        if now >= self.again_at:
            self.start()


@dataclass
class Supervisor:
    """Runs children until it is told to stop (Ctrl-C, SIGTERM)."""

    children: list[Child]
    say: Callable[[str], None]
    every_step: Callable[[Supervisor], None] = lambda _: None
    """Called a few times a second; it may add children."""
    _stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Start all and keep them running; returns when all have ended."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        try:
            while not self._stopping.is_set():
                for child in self.children:
                    child.look(self.say)
                self.every_step(self)
                self._stopping.wait(_STEP_SECONDS)
        finally:
            self._end_all()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping.set()

    def _end_all(self) -> None:
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            if process.poll() is None:
                process.terminate()
        until = time.monotonic() + _PATIENCE_SECONDS
        for process in running:
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for child in self.children:
            child.let_go()
