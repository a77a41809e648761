"""A server of a few threads and as much patience as it is told, with the worker of ours: ``PATIENCE_SECONDS``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any

from gunicorn.app.base import BaseApplication

from qaplatform.cli.serve import options
from qaplatform.cli.slow_clients import PatientWorker

THREADS = 5
READ_BY_THREADS = 3
"""So many of them may wait for long bodies."""


def _application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    body = environ["wsgi.input"].read()
    answer = f"{environ['PATH_INFO']} {len(body)}\n".encode()
    start_response("200 OK", [("Content-Length", str(len(answer)))])
    return [answer]


def main() -> None:
    """Serve until it is told to end."""

    class Worker(PatientWorker):
        """With that patience."""

        patience_seconds = float(sys.argv[1])

    class Application(BaseApplication):  # type: ignore[misc]
        """Gunicorn as we set it up."""

        def load_config(self) -> None:
            for name, value in (options("127.0.0.1", 0, 1) | {"worker_class": Worker, "threads": THREADS}).items():
                self.cfg.set(name, value)

        def load(self) -> Callable[..., Iterable[bytes]]:
            return _application

    Application().run()
