"""A draft: what it changes, what is wrong with it, and putting it aside."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.errors import QAPlatformError
from qaplatform.services import rubric_drafts as service
from qaplatform.services.rubric_drafts import EDIT, DraftSeen
from qaplatform.services.rubric_faults import DraftClosedError, DraftMovedOnError
from qaplatform.services.rubric_questions import has_questions
from qaplatform.services.rubric_releases import PUBLISH, SEE
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.i18n import _, language
from qaplatform.web.rubrics import rubrics
from qaplatform.web.rubrics import words as rubric_words
from qaplatform.web.sentences import sentence_of
from qaplatform.web.submitting import done, missing_is_404


def seen_or_404(draft_id: int) -> DraftSeen:
    """A draft, checked."""
    with missing_is_404(), current_store().reading() as session:
        return service.draft_seen(session, current_viewer(), draft_id)


def draft_page(template: str, seen: DraftSeen, **values: Any) -> str:
    """A page of a draft, under the head that all of them share."""
    viewer = current_viewer()
    is_open = seen.draft.state == "open"
    return render_template(
        f"rubrics/{template}.html",
        seen=seen,
        draft=seen.draft,
        may_edit=is_open and viewer.may(EDIT),
        may_publish=is_open and viewer.may(PUBLISH),
        words_of=rubric_words,
        language_code=language(),
        **values,
    )


def version_seen() -> int:
    """Which version of the draft the form was made from."""
    return request.form.get("version", -1, type=int)


@rubrics.get("/drafts/<int:draft_id>")
@permitted(SEE)
def draft(draft_id: int) -> str:
    """What a draft changes."""
    seen = seen_or_404(draft_id)
    return draft_page(
        "draft",
        seen,
        comparison=rubric_words.comparison(seen.newest, seen.rubric, seen.draft.files),
        has_questions=has_questions(seen.draft.code, seen.draft.files),
    )


@rubrics.get("/drafts/<int:draft_id>/drop")
@permitted(EDIT)
def ask_drop(draft_id: int) -> str:
    """Whether one is sure."""
    seen = seen_or_404(draft_id)
    return render_template(
        "parts/confirm.html",
        title=_("放弃草稿"),
        question=_("要放弃这份草稿吗？"),
        details=[_("草稿里的修改不会生效，之后也不能再编辑。"), _("已发布的标准和已有的评分不变。")],
        action=url_for(".drop", draft_id=draft_id, version=seen.draft.version),
        label=_("放弃草稿"),
        back=url_for(".draft", draft_id=draft_id),
    )


@rubrics.post("/drafts/<int:draft_id>/drop")
@permitted(EDIT)
def drop(draft_id: int) -> ResponseReturnValue:
    """Put a draft aside."""
    viewer, now = current_viewer(), clock.now()
    version = request.args.get("version", -1, type=int)
    try:
        done(lambda session: service.drop_draft(session, viewer, draft_id, seen_version=version, now=now))
    except (DraftMovedOnError, DraftClosedError) as error:
        return told(error, url_for(".draft", draft_id=draft_id))
    flash(_("草稿已放弃。"), "success")
    return redirect(url_for(".index"), 303)


def told(error: QAPlatformError, url: str) -> ResponseReturnValue:
    """Say what kept something from being done, on another page."""
    flash(sentence_of(error), "error")
    return redirect(url, 303)
