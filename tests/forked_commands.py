"""``qaplatform …`` at once, in a process of its own: forked from one that has loaded what all commands load."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

_PATIENCE_SECONDS = 120
_FORKING = get_context("forkserver")
_FORKING.set_forkserver_preload(
    ["qaplatform.app", "qaplatform.cli.serve", "qaplatform.worker", "tests.forked_commands"]
)


def run_forked(*arguments: object, cwd: Path, stdout: Path | None = None, most_bytes: int = 0) -> tuple[int, str]:
    """The exit code of a command and what it said on its standard error.

    Args:
        arguments: of the command line.
        cwd: where it runs.
        stdout: a file for what it prints.
        most_bytes: no file may become larger, as if the disk were full.
    """
    with TemporaryDirectory() as folder:
        said = Path(folder, "said.txt")
        process = _FORKING.Process(
            target=_be, args=([str(one) for one in arguments], cwd, stdout or Path(os.devnull), said, most_bytes)
        )
        process.start()
        process.join(_PATIENCE_SECONDS)
        assert process.exitcode is not None, "it did not end"
        return process.exitcode, said.read_text(encoding="utf-8")


class Forked:
    """A command that runs: what it prints is read as it comes."""

    def __init__(self, process: ForkServerProcess, stdout: TextIO, said: Path) -> None:
        self.process, self.stdout, self._said = process, stdout, said

    def end(self) -> tuple[int | None, str]:
        """Told to end, its exit code and what it has said on its standard error."""
        self.process.terminate()
        self.process.join(_PATIENCE_SECONDS)
        return self.process.exitcode, self._said.read_text(encoding="utf-8")


@contextmanager
def forked(*arguments: object, cwd: Path, most_bytes: int = 0) -> Iterator[Forked]:
    """A command that runs until it is told to end, with the block at the latest; for the rest see :func:`run_forked`."""
    with TemporaryDirectory() as folder:
        said, printed = Path(folder, "said.txt"), Path(folder, "printed")
        os.mkfifo(printed)
        process = _FORKING.Process(
            target=_be, args=([str(one) for one in arguments], cwd, printed, said, most_bytes)
        )  # fmt: skip
        process.start()
        try:
            with printed.open(encoding="utf-8") as stdout:
                yield Forked(process, stdout, said)
        finally:
            process.kill()
            process.join(_PATIENCE_SECONDS)


def _be(arguments: list[str], cwd: Path, stdout: Path, said: Path, most_bytes: int) -> None:
    """Be that command."""
    from qaplatform.cli import main  # noqa: PLC0415 - by then it is loaded

    for path, number in ((stdout, 1), (said, 2)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), number)
    os.chdir(cwd)
    if most_bytes:
        sys.dont_write_bytecode = True  # Half a compiled module would stay, and break whoever loads it next.
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
    sys.argv = ["qaplatform", *arguments]
    main()
