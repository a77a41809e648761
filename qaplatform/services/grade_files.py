"""What the grader has answered and what that cost, in a file of lines: for grading on the command line."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import IO

import msgspec

from qaplatform.errors import InputError
from qaplatform.llm.answers import Answer
from qaplatform.llm.memory import Call, Known


class _Line(msgspec.Struct, frozen=True):
    call: Call
    answers: dict[str, Answer]


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Line).decode


class GradeFile:
    """A :class:`qaplatform.llm.memory.Memory`: every call is a line, written before the next one is asked.

    A last line that was cut off by a crash is left aside; its call is asked again.

    Args:
        path: the file; made if it is not there. ``None``: nothing is kept beyond this run.

    Raises:
        InputError: a line is none of this program's.
    """

    def __init__(self, path: Path | None) -> None:
        self._answers: dict[str, Known] = {}
        self._lock = threading.Lock()
        self._out: IO[bytes] | None = None
        if path is None:
            return
        whole = self._read(path) if path.exists() else 0
        # Open for as long as there may be calls; closed by close().
        self._out = path.open("r+b" if path.exists() else "w+b")
        self._out.seek(whole)
        self._out.truncate()

    def _read(self, path: Path) -> int:
        """Take the lines in; how many bytes are whole lines."""
        whole = 0
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if not line.endswith(b"\n"):
                    break
                try:
                    self._take(_decode(line))
                except msgspec.MsgspecError as error:
                    raise InputError(
                        f"this is no line of a memory of the grader: {error}", file=str(path), line=number,
                        way_out="name another file, which is then made",
                    ) from error  # fmt: skip
                whole += len(line)
        return whole

    def recall(self, key: str) -> Known | None:
        """The answer that was given to the same question."""
        return self._answers.get(key)

    def note_sent(self, conversation: str, text_hash: str, text: str) -> None:
        """Nothing is kept of it: whoever has the conversations can make the same text again."""

    def keep(self, call: Call, answers: dict[str, Answer]) -> None:
        """Write a call down, with the answers it gave by key."""
        line = _Line(call, answers)
        with self._lock:
            self._take(line)
            if self._out is not None:
                self._out.write(_encode(line) + b"\n")
                self._out.flush()

    def _take(self, line: _Line) -> None:
        model = line.call.answered_by or line.call.model
        self._answers |= {key: Known(answer, model) for key, answer in line.answers.items()}

    def close(self) -> None:
        """Close the file."""
        if self._out is not None:
            self._out.close()
