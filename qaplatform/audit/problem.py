"""A mistake in somebody's YAML file, said at the place where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from qaplatform.errors import QAPlatformError

Weight = Literal["error", "warning"]


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
    message: str
    severity: Weight = "error"

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.severity}: {self.message}"


class SourceError(QAPlatformError):
    """A YAML file cannot be used; every mistake found in it is in ``problems``, in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__(str(self))

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))

    def __reduce__(self) -> tuple[type[SourceError], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)
