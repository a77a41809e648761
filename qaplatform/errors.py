"""The program's own errors: a short family, so that an edge can catch one base class and say what to do.

The first line of a class's docstring is its default message. ``exit_code`` is what the command line
returns: 0 everything was done, 1 the work failed, 2 the call or an input cannot be used, 3 the work was
done but some of the input was rejected (no exception: see ``formats.report.Tally.exit_code``).
"""

from __future__ import annotations

import inspect
from typing import ClassVar


class QAPlatformError(Exception):
    """The work could not be done."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str | None = None) -> None:
        doc = inspect.getdoc(type(self)) or ""
        self.message = message or doc.partition("\n")[0]
        super().__init__(self.message)


class InputError(QAPlatformError):
    """An input cannot be read."""

    exit_code: ClassVar[int] = 2

    def __init__(
        self,
        reason: str | None = None,
        *,
        file: str | None = None,
        line: int | None = None,
        field: str | None = None,
        way_out: str | None = None,
    ) -> None:
        """Where it went wrong (``line`` counts from 1), why, and what the person can do about it."""
        super().__init__(reason)
        self.reason = self.message
        self.file = file
        self.line = line
        self.field = field
        self.way_out = way_out

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        parts = [part for part in (place, self.field, self.reason) if part]
        text = ": ".join(parts)
        return f"{text} ({self.way_out})" if self.way_out else text

    def __reduce__(self) -> tuple[object, ...]:
        """Keep every field when the error crosses from a worker process."""
        fields = {"file": self.file, "line": self.line, "field": self.field, "way_out": self.way_out}
        return (_rebuilt, (type(self), self.reason, fields))


def _rebuilt(kind: type[InputError], reason: str, fields: dict[str, object]) -> InputError:
    return kind(reason, **fields)  # type: ignore[arg-type]
