"""A mistake in somebody's YAML file, said at the place where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Protocol

import msgspec

from qaplatform.audit.saying import Saying
from qaplatform.errors import QAPlatformError

ProblemSeverity = Literal["error", "warning"]


class Mark(msgspec.Struct, frozen=True, order=True, gc=False):
    """A place in a source file; ``line`` and ``column`` count from 1, columns in characters."""

    path: str = ""
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


class Problem(msgspec.Struct, frozen=True, order=True, gc=False):
    """One mistake; only those of severity ``error`` stop a file from being used."""

    path: str
    line: int
    column: int
    message: Saying
    severity: ProblemSeverity = "error"

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.severity}: {self.message}"


class _HasMark(Protocol):
    @property
    def mark(self) -> Mark: ...


Placed = Mark | _HasMark
"""A place, or something that knows its place."""


class SourceError(QAPlatformError):
    """A YAML file cannot be used; every mistake found in it is in ``problems``, in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__(str(self))

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))

    def __reduce__(self) -> tuple[type[SourceError], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


class Report:
    """Collects the mistakes of one load; they come out in the order in which files were opened, then by place."""

    def __init__(self) -> None:
        self._problems: set[Problem] = set()
        self._files: dict[str, int] = {}
        self.errors = 0
        """How many errors were reported so far (warnings don't count)."""

    def opened(self, path: str) -> None:
        """Note that a file is read now."""
        self._files.setdefault(path, len(self._files))

    def error(self, where: Placed, message: Saying) -> None:
        """A mistake that keeps the file from being used."""
        self._add(where, message, "error")

    def warning(self, where: Placed, message: Saying) -> None:
        """Something that should be better."""
        self._add(where, message, "warning")

    def _add(self, where: Placed, message: Saying, severity: ProblemSeverity) -> None:
        mark = where if isinstance(where, Mark) else where.mark
        self.errors += severity == "error"
        self._problems.add(Problem(mark.path, mark.line, mark.column, message, severity))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All of them, each once."""
        return tuple(sorted(self._problems, key=lambda one: (self._files.get(one.path, -1), one)))

    @property
    def failed(self) -> bool:
        """Whether there is any error."""
        return self.errors > 0
