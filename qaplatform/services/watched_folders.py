"""Whether a folder can be watched for files to take in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar

from qaplatform.errors import QAPlatformError

_MOST_CHARS = 1000


class FolderError(QAPlatformError):
    """The folder cannot be watched."""

    code: ClassVar[str] = "folders.unusable"


class RelativeFolderError(FolderError):
    """Write the whole path, from the root of the server's file system on."""

    code: ClassVar[str] = "folders.relative"


class MissingFolderError(FolderError):
    """There is no such folder on the server; make it first."""

    code: ClassVar[str] = "folders.missing"


class NotAFolderError(FolderError):
    """This is a file and no folder."""

    code: ClassVar[str] = "folders.not_a_folder"


class UnreadableFolderError(FolderError):
    """The server may not read this folder; give its user the right to."""

    code: ClassVar[str] = "folders.unreadable"


class OwnFolderError(FolderError):
    """The workplace keeps its own data here, or below; take a folder elsewhere."""

    code: ClassVar[str] = "folders.own"


class FolderTakenError(FolderError):
    """Another shop watches this folder: each file would come in twice."""

    code: ClassVar[str] = "folders.taken"


def checked_folder(text: str, data_folder: Path) -> str:
    """The path of a folder that is there and can be read, without ``..`` and doubled slashes.

    Raises:
        FolderError: one of its kinds.
    """
    if len(text) > _MOST_CHARS or "\0" in text:
        raise MissingFolderError
    if not Path(text).is_absolute():
        raise RelativeFolderError
    path = Path(os.path.normpath(text))
    try:
        if not path.exists():
            raise MissingFolderError
        if not path.is_dir():
            raise NotAFolderError
        # Whether one may is known for sure only by doing it.
        with os.scandir(path) as entries:
            next(entries, None)
    except OSError as error:
        raise UnreadableFolderError from error
    real, own = path.resolve(), data_folder.resolve()
    # Nor above: what others upload lies below.
    if real.is_relative_to(own) or own.is_relative_to(real):
        raise OwnFolderError
    return str(path)
