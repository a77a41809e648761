"""Every kept backup (scripts/keep-backup) restores into this release, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, select

from qaplatform.services.backing_up import back_up, restore
from qaplatform.store import migrating, search
from qaplatform.store.engine import Store
from qaplatform.store.tables import Base, ConversationRow, MessageRow
from tests.searching import ids_holding

BACKUPS = sorted((Path(__file__).parent / "backups").glob("*.zip"))
# The oldest goes through all forms, the last but one brings most to the newest; the others with ./test --full.
ALL_BACKUPS = [
    pytest.param(path, id=path.stem, marks=[] if number in (0, len(BACKUPS) - 2) else [pytest.mark.full])
    for number, path in enumerate(BACKUPS)
]


def test_there_is_a_backup_of_the_newest_form() -> None:
    """A new form is kept with ``scripts/keep-backup`` before it is released."""
    assert migrating.newest() in [path.stem for path in BACKUPS]


@pytest.mark.parametrize("backup", ALL_BACKUPS)
def test_a_kept_backup_comes_to_the_newest_form_with_all_it_held(
    backup: Path, empty_store: Store, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    restored = restore(backup, empty_store, folder)
    assert migrating.current(empty_store) == migrating.newest()
    with empty_store.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_object": lambda _, name, kind, *__: kind != "table" or not search.is_of_search(name)},
        )
        assert compare_metadata(context, Base.metadata) == []
    with empty_store.reading() as session:
        for table in Base.metadata.sorted_tables:
            rows = session.execute(select(table)).all()
            if part := restored.tables.get(table.name):
                assert len(rows) == part.count
        text = session.scalars(select(MessageRow.text).where(MessageRow.conversation_id == 101).limit(1)).one()
        assert 101 in ids_holding(session, text[:8])
        assert session.scalar(select(func.count()).select_from(ConversationRow)) == 7
    assert (folder / "uploads" / "chats.csv").read_text(encoding="utf-8").endswith("在吗\n")
    back_up(empty_store, folder, tmp_path / "again.zip", now=restored.made_at)
