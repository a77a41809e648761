"""Which files to read: files, folders, globs and ``-``, each file once."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from qaplatform.errors import InputError
from qaplatform.formats.report import Notice

SUFFIXES = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".txt", ".log", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
"""What is read from folders, each also with ``.gz`` behind; a file named by itself may be called anything."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file: ``path`` is ``None`` for standard input; ``label`` (no suffix) begins the ids made for it."""

    path: Path | None
    name: str
    label: str
    size_bytes: int | None


@dataclass(frozen=True, slots=True)
class FoundInputs:
    """The files in the order they will be read, and what to say about finding them."""

    files: tuple[InputFile, ...]
    notices: tuple[Notice, ...] = ()

    @property
    def total_bytes(self) -> int | None:
        """Bytes on disk for progress; ``None`` where a size is unknown (standard input, pipes)."""
        sizes = [file.size_bytes for file in self.files]
        return None if None in sizes else sum(size for size in sizes if size is not None)


def known_suffix(path: Path) -> str:
    """The suffix that tells the form, in lower case, without ``.gz``."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def find_inputs(inputs: Sequence[str]) -> FoundInputs:
    """Find every file that the inputs name; folders are walked in sorted order, hidden names are skipped.

    Raises:
        InputError: an input does not exist, a glob matches nothing, a folder holds no readable file.
    """
    if not inputs:
        raise InputError(
            "no input was named", way_out="name files, folders, a pattern in quotes, or - for standard input"
        )
    files: list[InputFile] = []
    notices: list[Notice] = []
    seen: set[object] = set()
    for text in inputs:
        for file in _found(text):
            key = _identity(file)
            if key in seen:
                notices.append(
                    Notice(file.name, 0, "", "file_twice", "the same file was named before and is read once")
                )
                continue
            seen.add(key)
            files.append(file)
    return FoundInputs(tuple(files), tuple(notices))


def input_named(path: Path, name: str) -> InputFile:
    """One file that is known under another name than that of its path, such as an upload.

    Raises:
        InputError: it cannot be opened.
    """
    return replace(_file(path, name), name=name)


def _found(text: str) -> list[InputFile]:
    if text == "-":
        return [InputFile(None, "-", "stdin", None)]
    if "\0" in text or not text:
        raise InputError("not a file name", file=text or "''")
    path = Path(text)
    try:
        if path.is_dir():
            return _in_folder(path)
        if os.path.lexists(path):
            return [_file(path, path.name)]
        magic = glob.has_magic(text)
        # Path.glob knows no absolute patterns.
        matches = sorted(glob.glob(text, recursive=True)) if magic else []  # noqa: PTH207
        if matches:
            return [file for match in matches for file in _matched(Path(match))]
    except OSError as error:
        raise InputError(error.strerror or "cannot be read", file=text) from error
    if glob.has_magic(text):
        raise InputError("no file matches this pattern", file=text)
    raise InputError("there is no such file", file=text, way_out="check the name; a pattern such as *.csv also works")


def _matched(path: Path) -> list[InputFile]:
    if path.is_dir():
        try:
            return _in_folder(path)
        except InputError:
            return []
    return [_file(path, path.name)]


def _in_folder(folder: Path) -> list[InputFile]:
    found: list[InputFile] = []

    def refuse(error: OSError) -> None:
        raise InputError(error.strerror or "cannot be read", file=error.filename)

    for parent, names, file_names in os.walk(folder, onerror=refuse):
        names[:] = sorted(name for name in names if not name.startswith("."))
        for name in sorted(file_names):
            path = Path(parent, name)
            if not name.startswith((".", "~$")) and known_suffix(path) in SUFFIXES and path.is_file():
                found.append(_file(path, path.relative_to(folder).as_posix()))
    if not found:
        raise InputError(
            "the folder holds no file that can be read", file=str(folder), way_out=f"known: {' '.join(SUFFIXES)}"
        )
    return found


def _file(path: Path, relative: str) -> InputFile:
    try:
        status = path.stat()
        with path.open("rb"):
            pass
    except FileNotFoundError as error:
        raise InputError("there is no such file", file=str(path)) from error
    except OSError as error:
        raise InputError(
            error.strerror or "cannot be read", file=str(path), way_out="check the file's rights"
        ) from error
    label = relative
    while Path(label).suffix.lower() in (*SUFFIXES, ".gz"):
        label = label[: -len(Path(label).suffix)]
    return InputFile(path, str(path), label or relative, status.st_size if path.is_file() else None)


def _identity(file: InputFile) -> object:
    if file.path is None:
        return "-"
    status = file.path.stat()
    return (status.st_dev, status.st_ino) if status.st_ino else str(file.path.resolve())
