"""``qaplatform backup`` and ``qaplatform restore``: everything into one file, and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from qaplatform.errors import InputError

_DATABASE = click.option(
    "--database", metavar="URL", envvar="QAPLATFORM_DATABASE",
    help="sqlite:///PATH or postgresql://…; without it a file in the data folder.",
)  # fmt: skip
_DATA = click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), default="data", show_default=True,
    envvar="QAPLATFORM_DATA", help="Folder with the uploads and, without --database, the database.",
)  # fmt: skip


@click.command()
@_DATABASE
@_DATA
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="FILE", help="The backup, a zip file.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def backup(database: str | None, data: Path, out: Path, *, force: bool) -> None:
    """Write everything into one file: all tables and the uploads. The server may go on running.

    The file holds what customers wrote, unmasked: keep it as safe as the database.
    """
    from qaplatform.clock import now
    from qaplatform.services.backing_up import back_up

    if out.exists() and not force:
        raise InputError("is there already", file=str(out), way_out="name another file, or say --force")
    made = _with_store(database, data, lambda store: back_up(store, data, out, now=now()))
    for name in made.manifest.missing:
        click.echo(f"{name}: went while the backup was made", err=True)
    size = out.stat().st_size / 1_000_000
    click.echo(f"{out}: {made.rows:,} rows, {len(made.manifest.files)} uploads, {size:,.1f} MB")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@_DATABASE
@_DATA
def restore(file: Path, database: str | None, data: Path) -> None:
    """Fill an empty database from a backup, whichever kind of database that was made from.

    All of it or nothing. An old backup is taken to the form of this release.
    """
    from qaplatform.services import backing_up

    data.mkdir(parents=True, exist_ok=True)
    restored = _with_store(database, data, lambda store: backing_up.restore(file, store, data))
    made_at = restored.manifest.made_at.astimezone().strftime("%Y-%m-%d %H:%M")
    click.echo(f"{restored.rows:,} rows and {len(restored.manifest.files)} uploads of {made_at} are restored")


def _with_store(database: str | None, data: Path, act: Callable[[Any], Any]) -> Any:
    from qaplatform.store.engine import Store

    store = Store(database or f"sqlite:///{data.absolute() / 'qaplatform.sqlite'}")
    try:
        return act(store)
    finally:
        store.close()
