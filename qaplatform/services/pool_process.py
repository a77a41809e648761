"""What each process of a pool does first: it belongs to whoever started it, and ends with them."""

from __future__ import annotations

import multiprocessing
import os
import signal
from threading import Thread


def belong_to_parent() -> None:
    """End when the parent has ended, killed or not, which a pool's process does not notice; Ctrl-C is the parent's to hear."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, name="waits for the parent's end", daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)
