"""Finding and loading what a run is judged by: the rubric and the context."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from qaplatform.audit.context import Context
from qaplatform.audit.context_loading import load_context
from qaplatform.audit.problem import Problem
from qaplatform.audit.rubric import Rubric
from qaplatform.errors import InputError
from qaplatform.resources import rubric_source, shipped_prompts, shipped_rubrics
from qaplatform.services.rubric_reading import look_through, read_rubric

DEFAULT_RUBRIC = "ecommerce-service"


def rubric_named(name_or_path: str = DEFAULT_RUBRIC) -> Rubric:
    """A shipped rubric by its name, or one in a file.

    Raises:
        RubricError: with every mistake at path:line:column.
        MissingResourceError: there is no shipped rubric of that name.
    """
    path, read = rubric_source(name_or_path)
    return read_rubric(path, read, prompts=shipped_prompts())


@dataclass(frozen=True)
class RubricInForce:
    """A rubric that conversations are judged by, with its files by path, as they were read."""

    rubric: Rubric
    files: Mapping[str, str]


@lru_cache(maxsize=1)
def rubrics_in_force() -> tuple[RubricInForce, ...]:
    """The rubrics by which conversations are judged on arrival; which of them, ``select_rubric`` says.

    Raises:
        RubricError: one of them cannot be used.
    """
    return tuple(_with_files(name) for name in shipped_rubrics())


def _with_files(name: str) -> RubricInForce:
    path, read = rubric_source(name)
    folder = Path(path).parent
    files: dict[str, str] = {}

    def noted(wanted: str) -> str:
        text = read(wanted)
        files[Path(wanted).relative_to(folder).as_posix()] = text
        return text

    rubric = read_rubric(path, noted)
    return RubricInForce(rubric, files)


def problems_of(name_or_path: str) -> tuple[Rubric | None, Sequence[Problem]]:
    """A rubric and everything that is wrong or doubtful in its files (``None`` if it cannot be used)."""
    path, read = rubric_source(name_or_path)
    return look_through(path, read, thorough=True)


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
