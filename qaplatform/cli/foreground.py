"""Taking files in here and now, by the code that a worker runs, with a line of progress."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from qaplatform import clock
from qaplatform.cli.importing import Done, Wanted
from qaplatform.errors import InputError
from qaplatform.formats.inputs import FoundInputs, InputFile
from qaplatform.services.context_taking import take_over_context
from qaplatform.services.intake import ImportOptions, give_up, make_import, upload_of, work_off
from qaplatform.services.rubrics import context_named
from qaplatform.store import imports, migrating
from qaplatform.store.engine import Store, StoreError
from qaplatform.store.shop_names import all_shops, note_shops


def taken_in(found: FoundInputs, wanted: Wanted) -> Iterator[Done]:
    """Take the files in, one after the other.

    Raises:
        InputError: a file cannot be read, or there is no such shop.
        StoreError: the database cannot be used.
    """
    store = Store(wanted.database)
    try:
        _make_ready(store)
        shop_id = _prepared(store, wanted)
        options = ImportOptions(wanted.reading, create_shops=wanted.create_shops and shop_id is None)
        for file in found.files:
            yield _import_one(store, file, shop_id, options, wanted)
    finally:
        store.close()


def _make_ready(store: Store) -> None:
    """Make an empty database whole; leave one of another release alone.

    Raises:
        StoreError: the database is of another release.
    """
    if store.file is not None and not store.file.parent.is_dir():
        raise StoreError(f"there is no folder {store.file.parent}; make it first")
    there = migrating.current(store)
    if there is None:
        migrating.upgrade(store)
    elif there != migrating.newest():
        raise StoreError(
            f"the database has the form {there}, this release {migrating.newest()}; start this release once"
        )


def _prepared(store: Store, wanted: Wanted) -> int | None:
    """The id of the shop that was named; what a context file says is taken over, for that shop or for all."""
    shop_code, context = wanted.shop_code, context_named(wanted.context_path)
    with store.writing() as session:
        if wanted.create_shops:
            note_shops(session, [shop_code] if shop_code else list(context.return_addresses), now=clock.now())
        shops = {one.code: one.id for one in all_shops(session)}
        if shop_code is not None and shop_code not in shops:
            known = ", ".join(shops) or "none yet"
            raise InputError(
                f"there is no shop {shop_code!r}", field="--shop", way_out=f"shops: {known}; --create-shops makes it"
            )
        shop_id = shops[shop_code] if shop_code else None
        if wanted.context_path is not None:
            take_over_context(session, context, now=clock.now(), shop_ids=None if shop_id is None else [shop_id])
    return shop_id


def _import_one(store: Store, file: InputFile, shop_id: int | None, options: ImportOptions, wanted: Wanted) -> Done:
    if file.path is None:
        raise InputError("standard input cannot be taken in", file="-", way_out="name a file")
    begun = time.perf_counter()
    upload = upload_of(file.path.resolve(), file.name)
    with store.writing() as session:
        import_id = make_import(
            session, upload, shop_id=shop_id, origin=wanted.origin, options=options, user_id=None, now=clock.now()
        )
    run = _Foreground(store, import_id, file.name)
    try:
        work_off(run, import_id, workers=wanted.workers)
    except KeyboardInterrupt:
        give_up(run, import_id, "interrupted")
        raise
    finally:
        run.end_line()
    with store.reading() as session:
        step = imports.counted(session, import_id)
    seconds = round(time.perf_counter() - begun, 3)
    counts = (step.new, step.updated, step.same, step.older, step.rejected, step.messages)
    return Done(file.name, import_id, *counts, seconds)


class _Foreground:
    """A job that nobody else can take: it runs here, and shows its progress on one line."""

    job_id = 0
    user_id = None
    done = 0

    def __init__(self, store: Store, import_id: int, name: str) -> None:
        self.store = store
        self.payload: dict[str, Any] = {"import_id": import_id}
        self._name = Path(name).name
        self._shows = sys.stderr.isatty()

    def now(self) -> datetime:
        return clock.now()

    def writing(self) -> AbstractContextManager[Session]:
        return self.store.writing()

    def progress(self, session: Session, done: int, total: int | None = None, note: str = "") -> None:  # noqa: ARG002
        if self._shows:
            share = f"{done / total:4.0%}" if total else f"{done:,}"
            click.echo(f"\r{self._name}: {share}, {note} conversations ", nl=False, err=True)

    def cancel_asked(self) -> bool:
        return False

    def end_line(self) -> None:
        """Leave the line of the progress."""
        if self._shows:
            click.echo("\r\x1b[K", nl=False, err=True)
