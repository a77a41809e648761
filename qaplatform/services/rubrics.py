"""Finding and loading what a run is judged by: the rubric and the context."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qaplatform.audit.checking import checks
from qaplatform.audit.context import Context
from qaplatform.audit.context_loading import load_context
from qaplatform.audit.observing import observers
from qaplatform.audit.problem import Problem
from qaplatform.audit.rubric import Rubric
from qaplatform.audit.rubric_loading import check_rubric, load_rubric
from qaplatform.errors import InputError
from qaplatform.resources import rubric_source

DEFAULT_RUBRIC = "ecommerce-service"


def rubric_named(name_or_path: str = DEFAULT_RUBRIC) -> Rubric:
    """A shipped rubric by its name, or one in a file.

    Raises:
        RubricError: with every mistake at path:line:column.
        MissingResourceError: there is no shipped rubric of that name.
    """
    path, read = rubric_source(name_or_path)
    return load_rubric(path, read, checks(), {name: one.params for name, one in observers().items()})


def problems_of(name_or_path: str) -> tuple[Rubric | None, Sequence[Problem]]:
    """A rubric and everything that is wrong or doubtful in its files (``None`` if it cannot be used)."""
    path, read = rubric_source(name_or_path)
    return check_rubric(path, read, checks(), {name: one.params for name, one in observers().items()}, thorough=True)


def context_named(path: str | Path | None) -> Context:
    """The context in a file, or the defaults.

    Raises:
        ContextError: with every mistake at path:line:column.
        InputError: the file cannot be read.
    """
    if path is None:
        return Context()
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the context cannot be read: {error}", file=str(path)) from error
    return load_context(str(path), text)
