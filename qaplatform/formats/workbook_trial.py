"""Opens a spreadsheet in a process of its own first, to see whether it can be opened at all.

The reader lays out every sheet as one block from its first cell to its last, so that a file of a kilobyte with a cell
in row 1,048,576 takes hundreds of gigabytes; and where memory runs out the whole process is gone, be it the server.
Such a file shall take a process with it that nobody misses.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from functools import lru_cache
from typing import Literal

Outcome = Literal["good", "too_large", "broken"]

_SECONDS = 300
_PROGRAM_BYTES = 512 << 20
"""Addresses that the program and its libraries take themselves."""
_NO_ROOM, _BROKEN = 3, 4
_PROGRAM = f"""
import io, resource, sys
most = int(sys.argv[1])
for kind, size in ((resource.RLIMIT_AS, most), (resource.RLIMIT_CORE, 0)):
    hard = resource.getrlimit(kind)[1]
    size = size if hard == resource.RLIM_INFINITY else min(size, hard)
    resource.setrlimit(kind, (size, size))
try:
    import python_calamine
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
    for sheet in book.sheets_metadata:
        if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet:
            book.get_sheet_by_name(sheet.name)
except MemoryError:
    sys.exit({_NO_ROOM})
except BaseException:
    sys.exit({_BROKEN})
"""


def tried(data: bytes, most_bytes: int) -> Outcome:
    """Whether a spreadsheet can be opened with so much memory (beside the program's own)."""
    return _outcome(_Trial(data, most_bytes))


class _Trial:
    """A file and its limit, known by the file's content: whoever looks at a file opens it several times in a row."""

    def __init__(self, data: bytes, most_bytes: int) -> None:
        self.data: bytes | None = data
        self.most_bytes = most_bytes
        self._key = (hashlib.sha256(data).digest(), most_bytes)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Trial) and other._key == self._key


@lru_cache(maxsize=32)
def _outcome(trial: _Trial) -> Outcome:
    data, trial.data = trial.data, None  # What is remembered of a file is not the file.
    command = [sys.executable, "-c", _PROGRAM, str(trial.most_bytes + _PROGRAM_BYTES)]
    try:
        ended = subprocess.run(  # noqa: S603 - our own program
            command, input=data, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return "too_large"
    if ended.returncode == 0:
        return "good"
    return "broken" if ended.returncode == _BROKEN else "too_large"
