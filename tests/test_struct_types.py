"""Threads that read types for the first time at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_RACE = """
from __future__ import annotations
import sys, threading
from typing import Literal
import msgspec
from qaplatform.struct_types import learn_struct_types

def made():
    class Inner(msgspec.Struct, frozen=True):
        mark: Literal["a", "b"] = "a"
        marks: tuple[Literal["c", "d"], ...] = ()
    class Outer(msgspec.Struct, frozen=True):
        one: Inner
        more: tuple[Inner, ...] = ()
        last: Literal["u", "v"] = "u"
    globals().update(Inner=Inner, Outer=Outer)
    return Outer

sys.setswitchinterval(1e-6)
for _ in range(40):
    kind = made()
    if sys.argv[1] == "learned":
        learn_struct_types()
    barrier = threading.Barrier(6)
    def read():
        barrier.wait()
        msgspec.convert({"one": {"mark": "b", "marks": ["c"]}, "more": [{}] * 3, "last": "v"}, kind)
    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
"""


def test_threads_that_read_types_at_once_find_them_worked_out(repository: Path) -> None:
    subprocess.run([sys.executable, "-c", _RACE, "learned"], cwd=repository, check=True)
