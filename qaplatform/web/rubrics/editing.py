"""Editing a draft: a file as YAML, beside forms for what stands in it, with the mistakes of both at their places."""

from __future__ import annotations

from collections.abc import Mapping

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.services import rubric_drafts as service
from qaplatform.services.rubric_diffs import file_diffs
from qaplatform.services.rubric_drafts import EDIT, DraftSeen
from qaplatform.services.rubric_faults import DraftClosedError, DraftFileError, DraftMovedOnError
from qaplatform.services.rubric_releases import SEE
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.forms import saved
from qaplatform.web.i18n import _
from qaplatform.web.rubrics import rubrics
from qaplatform.web.rubrics.drafts import draft_page, seen_or_404, told, version_seen
from qaplatform.web.sentences import sentence_of


@rubrics.get("/drafts/<int:draft_id>/edit")
@permitted(SEE)
def edit(draft_id: int) -> str:
    """A file of a draft, ``file`` in the address; without it the rubric's own."""
    seen = seen_or_404(draft_id)
    return edit_page(seen, file_or_404(seen, request.args.get("file")), item=request.args.get("item", ""))


@rubrics.post("/drafts/<int:draft_id>/edit")
@permitted(EDIT)
def save(draft_id: int) -> ResponseReturnValue:
    """Save a file as YAML."""
    seen = seen_or_404(draft_id)
    path = file_or_404(seen, request.form.get("file"))
    text = request.form.get("text", "").replace("\r\n", "\n")
    viewer, now = current_viewer(), clock.now()
    try:
        with current_store().writing() as session:
            service.save_files(session, viewer, draft_id, {path: text}, seen_version=version_seen(), now=now)
    except DraftMovedOnError as error:
        flash(sentence_of(error), "error")
        return edit_page(seen_or_404(draft_id), path, written=text), 409
    except DraftFileError as error:
        flash(sentence_of(error), "error")
        return edit_page(seen, path, written=text), 400
    except DraftClosedError as error:
        return told(error, url_for(".draft", draft_id=draft_id))
    flash(saved(), "success")
    return redirect(url_for(".edit", draft_id=draft_id, file=path), 303)


def file_or_404(seen: DraftSeen, path: str | None) -> str:
    """A file of a draft; without a name the rubric's own."""
    path = path or f"{seen.draft.code}.yaml"
    if path not in seen.draft.files:
        abort(404)
    return path


def edit_page(
    seen: DraftSeen, path: str, written: str | None = None, *, item: str = "", posted: Mapping[str, str] | None = None
) -> str:
    """The page of a file: YAML and forms, both of what was ``written`` where that could not be saved."""
    from qaplatform.web.rubrics.forming import forms_of  # noqa: PLC0415 - its views answer with this page

    stored = seen.draft.files[path]
    text = stored if written is None else written
    return draft_page(
        "edit",
        seen,
        path=path,
        text=text,
        forms=forms_of(seen, path, text, item, posted),
        conflict=file_diffs({path: stored}, {path: written}) if written is not None and written != stored else [],
        paths=sorted(seen.draft.files, key=lambda one: ("/" in one, one)),
        changed={one for one in seen.draft.files if seen.draft.files[one] != seen.newest.files.get(one)},
        faulty={one.path for one in seen.checked.errors},
        problems_here=[one for one in seen.problems if one.path == path],
        problems_elsewhere=[one for one in seen.checked.errors if one.path != path],
        title=_("编辑"),
    )
