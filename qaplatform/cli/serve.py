"""``qaplatform web``: the workplace in the browser, served by one process with several threads, on PostgreSQL by a few."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import click

from qaplatform.settings import MEBIBYTE, Settings, settings_for
from qaplatform.store.engine import Store

_AT_ONCE = 8
"""Requests that a process works on at once."""
_AT_ONCE_ON_SQLITE = 3
"""With SQLite hardly any of them ever waits: more at once would only take the processor from each other."""
_MOST_PROCESSES = 2
_THREADS = 40
"""Most of them only wait for what slow clients send."""
_TIMEOUT_SECONDS = 120
_GRACE_SECONDS = 10


def serving_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of whoever serves more than this machine: ``https``, ``proxies`` and ``upload_limit``."""
    for option in (
        click.option(
            "--upload-limit",
            type=click.IntRange(1),
            default=1024,
            show_default=True,
            metavar="MIB",
            help="The largest file that may be uploaded.",
        ),
        click.option(
            "--proxies",
            type=click.IntRange(0, 5),
            default=0,
            show_default=True,
            help="So many proxies stand before this server and are trusted.",
        ),
        click.option("--https", is_flag=True, help="People come by https (through a proxy): cookies for https only."),
    ):
        command = option(command)
    return command


@click.command()
@click.option(
    "--database",
    metavar="URL",
    envvar="QAPLATFORM_DATABASE",
    help="sqlite:///PATH or postgresql://…; without it a file in the data folder.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default="data",
    show_default=True,
    envvar="QAPLATFORM_DATA",
    help="Folder for uploads, the key and the database.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 takes any free one.")
@click.option("--demo", is_flag=True, help="Say on every page that this is a demo, and show its logins.")
@serving_options
@click.option(
    "--own-data", type=click.Path(path_type=Path), hidden=True, help="Where a demo makes one's own workplace."
)
@click.option("--own-address", default="", hidden=True, help="Where that is served.")
@click.option("--supervised", is_flag=True, hidden=True, help="End when standard input does.")
@click.option("--quiet", is_flag=True, hidden=True, help="Whoever started it says the address.")
@click.option("--developing", is_flag=True, hidden=True, help="With the pages for developers.")
def web(database: str | None, data: Path, host: str, port: int, upload_limit: int, **given: Any) -> None:
    """Serve the workplace to browsers; ends with Ctrl-C."""
    settings = settings_for(
        database,
        data,
        demo=given["demo"],
        secure_cookies=given["https"],
        upload_limit_bytes=upload_limit * MEBIBYTE,
        trusted_proxies=given["proxies"],
        own_folder=given["own_data"],
        own_address=given["own_address"],
        developing=given["developing"],
    )
    serve(settings, host, port, quiet=given["quiet"], supervised=given["supervised"])


def serve(settings: Settings, host: str, port: int, *, quiet: bool = False, supervised: bool = False) -> None:
    """Bring the database to its newest form and answer requests until the process is told to stop."""
    from gunicorn.app.base import BaseApplication

    from qaplatform.app import create_app
    from qaplatform.cli.ending_together import end_with_supervisor
    from qaplatform.cli.slow_clients import FewAtOnce
    from qaplatform.clock import now
    from qaplatform.services.training.exam_hearing import hear_beside
    from qaplatform.services.uploads import left_behind, remove
    from qaplatform.store import migrating
    from qaplatform.struct_types import learn_struct_types

    store = Store(settings.database_url)
    migrating.upgrade(store)
    store.close()

    def begin(worker: Any) -> None:
        if supervised:
            end_with_supervisor(lambda: _end(worker))
        remove(left_behind(settings.data_folder, now=now())[0])
        hear_beside()
        _warm_up()

    class Application(BaseApplication):  # type: ignore[misc]
        """Gunicorn, told what to do by us and by nothing it finds in the environment."""

        def load_config(self) -> None:
            for name, value in options(host, port, processes_for(store)).items():
                self.cfg.set(name, value)
            self.cfg.set("post_worker_init", begin)
            if quiet:
                self.cfg.set("when_ready", lambda _server: None)

        def load(self) -> Callable[..., Any]:
            app = create_app(settings)
            learn_struct_types()
            return FewAtOnce(app, _AT_ONCE_ON_SQLITE if store.is_sqlite else _AT_ONCE)

    Application().run()


def processes_for(store: Store) -> int:
    """How many answer: SQLite has one writer, and caches are worth sharing; PostgreSQL serves several at once."""
    return 1 if store.is_sqlite else min(_MOST_PROCESSES, os.cpu_count() or 1)


def options(host: str, port: int, processes: int) -> dict[str, Any]:
    """Gunicorn's settings."""
    shown = f"[{host}]" if ":" in host else host
    return {
        "bind": [f"{shown}:{port}"],
        "workers": processes,
        "worker_class": "qaplatform.cli.slow_clients.PatientWorker",
        "threads": _THREADS,
        "timeout": _TIMEOUT_SECONDS,
        "graceful_timeout": _GRACE_SECONDS,
        "keepalive": 5,
        "worker_tmp_dir": "/dev/shm" if Path("/dev/shm").is_dir() else None,  # noqa: S108 - its heartbeat, not a file of ours
        "control_socket_disable": True,
        "forwarded_allow_ips": "",
        "proc_name": "qaplatform-web",
        "loglevel": "warning",
        "when_ready": _say_where,
    }


def _end(worker: Any) -> None:
    """End the whole server: gunicorn's first process, if it is still there, ends the one that answers."""
    if os.getppid() == worker.ppid:
        os.kill(worker.ppid, signal.SIGTERM)
    else:
        os.kill(os.getpid(), signal.SIGTERM)


def _warm_up() -> None:
    """Load what the first conversation page needs, a second or two, beside the first requests."""
    from qaplatform.collecting import keep_for_good
    from qaplatform.services.rubric_versions import prepare

    def load() -> None:
        prepare()
        keep_for_good()

    # No daemon: a process that ends in the middle of compiling patterns aborts.
    Thread(target=load, name="warm-up").start()


def _say_where(server: Any) -> None:
    host, port = server.LISTENERS[0].sock.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"http://{shown}:{port}/", file=sys.stdout)
    sys.stdout.flush()
