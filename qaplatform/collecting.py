"""How often long-lived processes look for rings of dead objects: seldom, and never among what stays for good."""

from __future__ import annotations

import gc


def collect_seldom() -> None:
    """To be called when a process begins, before it loads much: much of what is made next stays, and jobs and pages make few rings."""
    gc.set_threshold(50_000, 20, 20)


def keep_for_good() -> None:
    """To be called when all is loaded: what is there now is looked through no more, which no request has to wait for."""
    gc.collect()
    gc.freeze()
