"""``qaplatform web`` at once: a program that has loaded everything and forks a server for whoever asks.

Loading the modules and the rubrics takes a server five seconds of computing, and the browser tests start twenty. Started
with the path of a socket; a connection with a JSON line of a folder and arguments is a server's standard output, after a
line with its process id, and breaks when all its processes have ended.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys

from gunicorn.app.base import BaseApplication  # noqa: F401

from qaplatform import app  # noqa: F401
from qaplatform.audit.context import Context
from qaplatform.cli import main, serve, slow_clients  # noqa: F401
from qaplatform.collecting import keep_for_good
from qaplatform.exam.scenario_loading import shipped_scenarios
from qaplatform.services.matcher_cache import compiled_auditor
from qaplatform.services.rubric_versions import in_force
from qaplatform.services.training.scenario_checking import checked_scenario
from qaplatform.store import migrating  # noqa: F401
from tests.browser.short_exam import SCENARIO


def _load() -> None:
    for rubric in in_force():
        compiled_auditor(rubric, Context())
    shipped_scenarios()
    checked_scenario("short-parcel", SCENARIO)  # Its references are read and judged, as replies in an exam are.
    keep_for_good()


def _serve(connection: socket.socket) -> None:
    """Be that server; its own session, to be killed as one."""
    with connection.makefile() as asked:
        folder, arguments = json.loads(asked.readline())
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.chdir(folder)
    connection.sendall(f"{os.getpid()}\n".encode())
    os.dup2(connection.fileno(), 1)
    connection.close()
    sys.argv = ["qaplatform", *arguments]
    main()


def _fork_on(path: str) -> None:
    """Until standard input ends, which it does with the tests."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        _load()
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        while sys.stdin not in select.select([listening, sys.stdin], [], [])[0]:
            connection, _ = listening.accept()
            if not os.fork():
                listening.close()
                _serve(connection)
                return
            connection.close()


if __name__ == "__main__":
    _fork_on(sys.argv[1])
