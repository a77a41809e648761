"""Uploads that have had their time: a job that comes again every hour removes their files.

The text of customers lies in them; it is kept no longer than somebody may still want to go on with an import.
"""

from __future__ import annotations

from datetime import timedelta

from qaplatform.services import imports as service
from qaplatform.services.jobs import JobRun, stop_if_cancelled
from qaplatform.services.uploads import remove
from qaplatform.store import import_list
from qaplatform.store.imports import forget_file

UPLOADS_KIND = "uploads"
KEPT_FOR = timedelta(days=7)
"""A draft, or the file of an import that failed or was cancelled."""
_A_TRANSACTION = 100


def tidy_uploads(run: JobRun) -> None:
    """Handler of the periodic job ``uploads``."""
    before = run.now() - KEPT_FOR
    done = 0
    _settle(run)
    while True:
        stop_if_cancelled(run)
        with run.store.reading() as session:
            drafts = import_list.drafts_before(session, before, limit=_A_TRANSACTION)
            files = import_list.files_kept_before(session, before, limit=_A_TRANSACTION)
        if not drafts and not files:
            return
        # First the files: a row without a file can be removed later, a file without a row would lie there for ever.
        remove([path for _, path in files])
        with run.writing() as session:
            paths = [import_list.remove_draft(session, one) for one in drafts]
            for import_id, _ in files:
                forget_file(session, import_id)
            done += len(drafts) + len(files)
            run.progress(session, done)
        remove([path for path in paths if path is not None])


def _settle(run: JobRun) -> None:
    """Say of imports whose jobs have ended without a word to them how they ended."""
    with run.writing() as session:
        left = import_list.unended(session, limit=_A_TRANSACTION)
        for import_id in left:
            service.settle(session, import_id, now=run.now())
        run.progress(session, 0)
