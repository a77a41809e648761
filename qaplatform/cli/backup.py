"""``qaplatform backup`` and ``qaplatform restore``: everything into one file, and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qaplatform.errors import InputError

if TYPE_CHECKING:
    from qaplatform.services.backing_up import Manifest
    from qaplatform.store.engine import Store

_DATABASE = click.option(
    "--database", metavar="URL", envvar="QAPLATFORM_DATABASE", help="Of your own workplace, if it is elsewhere."
)
_DATA = click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Where workplaces lie.")


@click.command()
@_DATABASE
@_DATA
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="FILE", help="The backup, a zip file.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def backup(database: str | None, data: Path | None, out: Path, *, force: bool) -> None:
    """Write your own workplace into one file: all tables and the uploads. It may go on running.

    The file holds what customers wrote, unmasked: keep it as safe as the database.
    """
    from qaplatform.clock import now
    from qaplatform.services.backing_up import back_up

    if out.exists() and not force:
        raise InputError("is there already", file=str(out), way_out="name another file, or say --force")
    made = _with_own(database, data, lambda store, folder: back_up(store, folder, out, now=now()))
    for name in made.missing:
        click.echo(f"{name}: went while the backup was made", err=True)
    size = out.stat().st_size / 1_000_000
    click.echo(f"{out}: {made.rows:,} rows, {len(made.files)} uploads, {size:,.1f} MB")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@_DATABASE
@_DATA
def restore(file: Path, database: str | None, data: Path | None) -> None:
    """Make your own workplace from a backup, in an empty database of either kind.

    All of it or nothing. An old backup is taken to the form of this release.
    """
    from qaplatform.services import backing_up

    restored = _with_own(database, data, lambda store, folder: backing_up.restore(file, store, folder))
    made_at = restored.made_at.astimezone().strftime("%Y-%m-%d %H:%M")
    click.echo(f"{restored.rows:,} rows and {len(restored.files)} uploads of {made_at} are restored")


def _with_own(database: str | None, data: Path | None, act: Callable[[Store, Path], Manifest]) -> Manifest:
    """Do something with one's own workplace: its database and its folder."""
    from qaplatform.cli.start import data_folder
    from qaplatform.services.workplaces import Workplace
    from qaplatform.store.engine import Store

    place = Workplace.at("own", (data or data_folder()) / "own", database)
    store = Store(place.database)
    try:
        return act(store, place.folder)
    finally:
        store.close()
