"""Files of one kind are uploaded together: what was said of one draft's columns is taken for those that are alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from qaplatform.services.access import Viewer
from qaplatform.services.imports import ImportMovedOnError, ImportNotFoundError, Place, confirm, set_draft
from qaplatform.services.intake import ImportOptions
from qaplatform.services.mapping import header_of
from qaplatform.store.engine import Store
from qaplatform.store.import_list import ImportLine, drafts_of


def start_alike(
    store: Store, line: ImportLine, place: Place, reading: Mapping[str, Any], *, by: Viewer, now: datetime
) -> int:
    """Begin with somebody's other drafts that have the same columns as one of theirs; how many there were.

    Each is begun in a transaction of its own; what somebody else has begun or removed meanwhile is passed over.

    Raises:
        AccessError: ``by`` may not import into that shop.
        InputError: an option does not make sense.
        ImportFileGoneError: a draft's file is not there.
    """
    options = ImportOptions.of({"reading": reading}).reading
    with store.reading() as session:
        others = [one for one in drafts_of(session, by.user_id) if one.id != line.id and one.file_path]
    header = header_of(Path(line.file_path or ""), options)
    started = 0
    for other in others:
        if header_of(Path(other.file_path or ""), options) != header:
            continue
        try:
            with store.writing() as session:
                set_draft(session, other.id, place, reading, by=by)
                confirm(session, other.id, by=by, now=now)
        except (ImportMovedOnError, ImportNotFoundError):
            continue
        started += 1
    return started
