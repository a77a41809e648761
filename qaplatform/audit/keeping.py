"""Where what was costly to make may be kept between runs; the core itself touches no disk."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol


class Store(Protocol):
    """Bytes by key. It is only ever an economy: what is not there is made anew."""

    def get(self, key: str) -> bytes | None:
        """What was put under a key, or ``None``."""

    def put(self, key: str, body: bytes) -> None:
        """Keep bytes under a key."""

    def alone(self, key: str) -> AbstractContextManager[None]:
        """Make what is to be kept under a key while no other process makes the same; look before whether it is there."""

    def __hash__(self) -> int:
        """Two stores are never the same one."""
