"""Passwords: hashing them with argon2id, making readable ones, and saying which are too weak."""

from __future__ import annotations

import secrets
import unicodedata
from functools import cache
from typing import ClassVar

import msgspec
import yaml
from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from qaplatform.errors import QAPlatformError
from qaplatform.resources import shipped_file

FEWEST_CHARS = 10
MOST_CHARS = 500
"""Nobody types more; a machine that sends megabytes shall not have them hashed."""
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look alike."""
_GROUPS = 4
_GROUP_CHARS = 4


class WeakPasswordError(QAPlatformError):
    """This password is too weak; choose another one."""

    code: ClassVar[str] = "password.weak"


class ShortPasswordError(WeakPasswordError):
    """A password needs at least 10 characters; a sentence is easy to remember."""

    code: ClassVar[str] = "password.short"


class LongPasswordError(WeakPasswordError):
    """A password may have at most 500 characters."""

    code: ClassVar[str] = "password.long"


class LoginAsPasswordError(WeakPasswordError):
    """The password must not be the login or the name."""

    code: ClassVar[str] = "password.login"


class CommonPasswordError(WeakPasswordError):
    """This password is one of the first that anybody tries; choose another one."""

    code: ClassVar[str] = "password.common"


class SamePasswordError(WeakPasswordError):
    """This is the password you have; choose another one."""

    code: ClassVar[str] = "password.same"


class Cost(msgspec.Struct, frozen=True):
    """What one hash costs. About 80 ms and 32 MiB: several at once must not take the server's memory."""

    passes: int = 3
    memory_kibibytes: int = 32 * 1024
    lanes: int = 1
    salt_bytes: int = 16
    hash_bytes: int = 32


class Passwords:
    """Hashes passwords and compares them, at a cost."""

    def __init__(self, cost: Cost = Cost()) -> None:  # noqa: B008 - a frozen value
        self._hasher = PasswordHasher(
            time_cost=cost.passes,
            memory_cost=cost.memory_kibibytes,
            parallelism=cost.lanes,
            hash_len=cost.hash_bytes,
            salt_len=cost.salt_bytes,
            type=Type.ID,
        )

    def hashed(self, password: str) -> str:
        """The hash to keep, with its salt and its cost."""
        return self._hasher.hash(_bytes(password))

    def fits(self, password_hash: str | None, password: str) -> bool:
        """Whether a password is the one that was hashed.

        Where there is no hash (nobody has the login) the same work is done for a no, so that the time tells nothing.
        """
        if password_hash is None:
            self._hasher.hash(_bytes(password))
            return False
        try:
            self._hasher.verify(password_hash, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False
        return len(password) <= MOST_CHARS

    def is_outdated(self, password_hash: str) -> bool:
        """Whether a hash was made at another cost and should be made anew."""
        return self._hasher.check_needs_rehash(password_hash)


def _bytes(password: str) -> bytes:
    # The same characters may be typed as one code point or as two. What can be no text is still a wrong password.
    return unicodedata.normalize("NFKC", password[:MOST_CHARS]).encode("utf-8", "surrogatepass")


STANDARD = Passwords()


def readable_password() -> str:
    """A random password of four groups, to be read from a screen and typed once; about 79 bits."""
    groups = ("".join(secrets.choice(_READABLE) for _ in range(_GROUP_CHARS)) for _ in range(_GROUPS))
    return "-".join(groups)


def check_password(password: str, *, login: str, name: str = "") -> None:
    """Refuse what is too weak: length, the login, the commonest. Nothing else is asked of it.

    Raises:
        WeakPasswordError: one of its kinds.
    """
    if len(password) < FEWEST_CHARS:
        raise ShortPasswordError
    if len(password) > MOST_CHARS:
        raise LongPasswordError
    folded = _folded(password)
    if folded in {_folded(login), _folded(name)}:
        raise LoginAsPasswordError
    if folded in _commonest():
        raise CommonPasswordError


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


@cache
def _commonest() -> frozenset[str]:
    text = shipped_file("packs", "passwords.yaml").read_text(encoding="utf-8")
    return frozenset(_folded(str(one)) for one in yaml.safe_load(text)["commonest"])
