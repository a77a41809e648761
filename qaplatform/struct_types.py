"""What msgspec knows of our types is made before threads ask for it.

Msgspec works a type out when something is first read as it. Two threads that do so at the same moment find it half done, and
the process dies of it: the first requests after a start did (msgspec 0.22).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec


def learn_struct_types() -> None:
    """Work out every type that is loaded, a tenth of a second; to be called before there are threads that read."""
    for one in _below(msgspec.Struct):
        msgspec.json.Decoder(one)


def _below(kind: type[Any]) -> Iterator[type[Any]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)
