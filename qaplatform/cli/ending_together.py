"""A process that ends with the one that started it, however that came to its end: also when it was killed.

The supervisor holds the other end of our standard input and never writes to it. When the supervisor is gone, so is that
end, and the system tells us; no number of a process can be mistaken for another's.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable

_GRACE_SECONDS = 20.0
_READ_BYTES = 4096


def end_with_supervisor(end: Callable[[], None]) -> None:
    """Call ``end`` when the supervisor is gone; whoever has not left a while after that is killed."""
    threading.Thread(target=_wait, args=(end,), name="waits for the supervisor's end", daemon=True).start()


def _wait(end: Callable[[], None]) -> None:
    try:
        while os.read(0, _READ_BYTES):
            pass
    except OSError:
        pass  # There is no standard input at all: nobody holds the other end.
    end()
    time.sleep(_GRACE_SECONDS)
    # Whatever it is in the middle of leaves nothing half done: that is what transactions are for.
    os.kill(os.getpid(), signal.SIGKILL)
