"""Files that appear whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from qaplatform.errors import QAPlatformError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class OutputError(QAPlatformError):
    """The result cannot be written where it was asked for."""


@contextmanager
def explained(target: Path) -> Iterator[None]:
    """Turn the system's errors about an output file into sentences.

    Raises:
        OutputError: the disk is full, the folder is missing, or it may not be written to.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        if error.errno in _FULL:
            raise OutputError(f"{target}: the disk is full; nothing was written") from error
        if isinstance(error, FileNotFoundError):
            raise OutputError(f"{target}: the folder {target.parent} does not exist") from error
        if isinstance(error, PermissionError):
            raise OutputError(f"{target}: no permission to write there") from error
        raise OutputError(f"{target}: {error.strerror or error}") from error


@contextmanager
def whole_file(target: Path, *, private: bool = False) -> Iterator[Path]:
    """A temporary path beside ``target``; it takes the target's place when the block ends without an error.

    On any exception, Ctrl-C included, the temporary file is removed and an older target stays as it was.
    A device or pipe is handed out as it is. A link is followed, its target replaced. A ``private`` file is for its owner
    alone; others have the rights of the file they replace, or those the process gives new files.

    Raises:
        OutputError: the target is a folder or cannot be written.
    """
    if target.is_dir():
        raise OutputError(f"{target}: this is a folder; name a file")
    if target.exists() and not target.is_file():
        with explained(target):
            yield target
        return
    real = target.resolve()
    with explained(target):
        handle, name = tempfile.mkstemp(dir=real.parent, prefix=f".{real.name[:100]}.", suffix=".part")
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            with temporary.open("rb") as written:
                os.fsync(written.fileno())
            if not private:  # It was made so.
                temporary.chmod(_mode(real))
            temporary.replace(real)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def _mode(target: Path) -> int:
    """The permissions of the file that is replaced, else what the process gives new files."""
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


@contextmanager
def output(target: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A binary stream onto ``target``, whole or not at all; ``-`` is the standard output."""
    if os.fspath(target) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(target)
    with whole_file(path) as temporary, temporary.open("wb") as stream:
        yield stream
