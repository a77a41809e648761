"""The top-level folders that ship with the program: rubrics, packs, prompts, scenarios, samples, migrations.

In a checkout they stand beside the package, in an installed wheel under ``qaplatform/_data``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from qaplatform.errors import QAPlatformError

Folder = Literal["rubrics", "packs", "prompts", "scenarios", "samples", "migrations"]
_PACKAGE = Path(__file__).resolve().parent


class MissingResourceError(QAPlatformError):
    """A file that ships with the program is not there: the installation is damaged."""


def shipped_folder(name: Folder) -> Path:
    """The folder of that name.

    Raises:
        MissingResourceError: neither the checkout nor the wheel has it.
    """
    for candidate in (_PACKAGE.parent / name, _PACKAGE / "_data" / name):
        if candidate.is_dir() and (candidate.parent.name == "_data" or (_PACKAGE.parent / "pyproject.toml").is_file()):
            return candidate
    raise MissingResourceError(f"the folder {name}/ that ships with the program is missing; install it again")


def shipped_file(folder: Folder, name: str) -> Path:
    """A file in one of the folders, by its path inside it.

    Raises:
        MissingResourceError: it is not there.
    """
    path = shipped_folder(folder) / name
    if not path.is_file():
        raise MissingResourceError(f"{folder}/{name} is not among the files that ship with the program")
    return path


def folder_texts(folder: Path, pattern: str = "*.yaml") -> dict[str, str]:
    """The texts of a folder's files by path, sorted; bytes that are not UTF-8 become U+FFFD, which loaders complain about."""
    return {path.as_posix(): file_text(path) for path in sorted(folder.glob(pattern))}


def file_text(path: Path) -> str:
    """The text of a file; bytes that are not UTF-8 become U+FFFD."""
    return path.read_bytes().decode("utf-8-sig", "replace")


def shipped_rubrics() -> tuple[str, ...]:
    """Ids of the rubrics that ship with the program, sorted."""
    return tuple(sorted(path.stem for path in shipped_folder("rubrics").glob("*.yaml")))


def shipped_prompts() -> tuple[str, ...]:
    """Ids of the questions that ship with the program, sorted; a rubric may name these."""
    return tuple(sorted({path.stem for path in shipped_folder("prompts").glob("*.yaml")} - {"frame", "repair"}))


def rubric_source(name_or_path: str) -> tuple[str, Callable[[str], str]]:
    """Where a rubric stands (its path) and how its files are read, for ``load_rubric``.

    A name such as ``ecommerce-service`` is one that ships with the program; anything that ends in ``.yaml`` or
    ``.yml`` or holds a slash is a path. A file that a user's rubric includes and does not bring along is taken
    from the shipped folder, so that it can build on the shipped word lists; ``packs/…`` from the shipped packs.

    Raises:
        MissingResourceError: there is no shipped rubric of that name.
    """
    shipped = shipped_folder("rubrics")
    if not name_or_path.endswith((".yaml", ".yml")) and "/" not in name_or_path and "\\" not in name_or_path:
        if name_or_path not in shipped_rubrics():
            raise MissingResourceError(f"there is no rubric {name_or_path!r}; there are {', '.join(shipped_rubrics())}")
        path = shipped / f"{name_or_path}.yaml"
    else:
        path = Path(name_or_path)
    folder = path.parent

    def read(name: str) -> str:
        wanted = Path(name)
        if not wanted.exists() and wanted != path and wanted.is_relative_to(folder):
            inside = wanted.relative_to(folder)
            packs = shipped_folder("packs") / Path(*inside.parts[1:]) if inside.parts[0] == "packs" else None
            wanted = next((one for one in (shipped / inside, packs) if one and one.is_file()), wanted)
        return wanted.read_text(encoding="utf-8-sig")

    return path.as_posix(), read
