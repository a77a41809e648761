"""What pages show that changes slowly and takes long to find: remembered for a minute, in this process alone.

Only for what may be a minute old, not for a page's own subject. The key holds everything that the answer depends on, the
reader's scope above all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

from cachetools import TTLCache
from flask import Flask, current_app

_MEMORY = "qaplatform_memory"
_SECONDS = 60
_MOST = 1_000
_Answer = TypeVar("_Answer")


class _Memory:
    def __init__(self, timer: Callable[[], float]) -> None:
        self._answers: TTLCache[Hashable, Any] = TTLCache(_MOST, _SECONDS, timer)
        self._lock = Lock()

    def get(self, key: Hashable) -> Any:
        with self._lock:
            return self._answers.get(key)

    def put(self, key: Hashable, answer: Any) -> None:
        with self._lock:
            self._answers[key] = answer


def set_up(app: Flask, *, timer: Callable[[], float] = time.monotonic) -> None:
    """Give the application a memory of its own."""
    app.extensions[_MEMORY] = _Memory(timer)


def remembered(key: Hashable, find: Callable[[], _Answer]) -> _Answer:
    """What was found under this key a minute ago at most; two requests at once may both look for it."""
    memory: _Memory = current_app.extensions[_MEMORY]
    answer: _Answer | None = memory.get(key)
    if answer is None:
        answer = find()
        memory.put(key, answer)
    return answer
