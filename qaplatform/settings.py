"""What an installation is told when it starts, and the folder in which it keeps its own secrets."""

from __future__ import annotations

import os
import secrets
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict, Unpack

from qaplatform.errors import QAPlatformError

KEY_FILE = "secret-key"
MEBIBYTE = 1024 * 1024
_KEY_BYTES = 32


class DataFolderError(QAPlatformError):
    """The data folder cannot be used; name another with --data, or give this one back to its owner."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What does not change while the program runs."""

    database_url: str = field(repr=False)
    """May hold a password, and is therefore never shown."""
    data_folder: Path
    secret_key: str = field(repr=False)
    """Signs the cookie that holds the form token and short messages."""
    demo: bool = False
    """Show the demo banner, and the demo logins on the sign-in page."""
    secure_cookies: bool = False
    """The people come by https, whatever this server sees of it."""
    upload_limit_bytes: int = 1024 * MEBIBYTE
    """The largest file that may be uploaded; every other request must stay under a mebibyte."""
    trusted_proxies: int = 0
    """So many proxies stand before this server; their word on address, scheme and host is taken."""
    timezone: str = "Asia/Shanghai"
    """The zone in which times are shown that belong to no shop."""
    own_folder: Path | None = None
    """On a demo: where one's own workplace is made when somebody asks for it."""
    own_address: str = ""
    """Where that is served then."""
    developing: bool = False
    """Pages for developers exist: the style guide."""
    testing: bool = False
    """Unexpected errors are raised instead of shown."""


class More(TypedDict, total=False):
    """What an installation may be told beside its places; see :class:`Settings`."""

    demo: bool
    secure_cookies: bool
    upload_limit_bytes: int
    trusted_proxies: int
    own_folder: Path | None
    own_address: str
    developing: bool


def settings_for(database_url: str | None, data_folder: Path, **more: Unpack[More]) -> Settings:
    """The settings of an installation; makes its data folder and key if they are not there.

    Without a URL the database is an SQLite file in the data folder.

    Raises:
        DataFolderError: the folder cannot be made or read.
    """
    folder = data_folder.absolute()
    key = secret_key_in(folder)
    url = database_url or f"sqlite:///{folder / 'qaplatform.sqlite'}"
    return Settings(database_url=url, data_folder=folder, secret_key=key, **more)


def secret_key_in(folder: Path) -> str:
    """The key kept in a data folder, made by whoever comes first; only its owner may read it.

    Raises:
        DataFolderError: it can be neither read nor made.
    """
    path = folder / KEY_FILE
    try:
        # What lies in it are other people's conversations.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _make_key(path)
        key = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise DataFolderError(f"{path} cannot be used: {error}; free its disk, or name another folder") from error
    if not key:
        raise DataFolderError(f"{path} is empty; remove it, and everybody signs in again")
    return key


def _make_key(path: Path) -> None:
    # Written whole under another name and then linked, so that two programs starting at once end with the same key.
    handle, name = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)  # for its owner alone
    draft = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(_KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            return
    finally:
        draft.unlink()
