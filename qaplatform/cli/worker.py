"""``qaplatform worker``: does background jobs until it is told to stop."""

from __future__ import annotations

import click


@click.command()
@click.option(
    "--database", "url", required=True, envvar="QAPLATFORM_DATABASE", show_envvar=True, metavar="URL",
    help="sqlite:///PATH or postgresql://USER@HOST/NAME",
)  # fmt: skip
@click.option(
    "--lease-seconds", type=click.IntRange(2, 3600), default=60, show_default=True,
    help="After so long without a sign of life another worker takes a job over.",
)  # fmt: skip
@click.option("--quiet", is_flag=True, help="Say only what goes wrong.")
@click.option("--supervised", is_flag=True, hidden=True, help="End when standard input does.")
def worker(url: str, lease_seconds: int, *, quiet: bool, supervised: bool) -> None:
    """Do background jobs until stopped by Ctrl-C or SIGTERM; the job in hand is then given back.

    Several workers may run on one database, on one machine or on many.
    """
    import logging
    import os
    import signal

    from qaplatform.cli.ending_together import end_with_supervisor
    from qaplatform.store import migrating
    from qaplatform.store.engine import Store, StoreError
    from qaplatform.worker import stopping_on_signals, work

    logging.basicConfig(
        level=logging.WARNING if quiet else logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
    )
    # It tells of every look at the database's form.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    store = Store(url)
    if (store.file and not store.file.exists()) or migrating.current(store) != migrating.newest():
        raise StoreError("the database has not the form of this release; start the server once, then the worker")
    try:
        with stopping_on_signals() as stop:
            if supervised:
                end_with_supervisor(lambda: os.kill(os.getpid(), signal.SIGTERM))
            work(store, stop, lease_seconds=lease_seconds)
    finally:
        store.close()
