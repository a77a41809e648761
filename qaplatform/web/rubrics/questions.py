"""The shipped questions for a language model: taken into a draft by one action, and out again."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.services import rubric_drafts as service
from qaplatform.services.rubric_drafts import EDIT
from qaplatform.services.rubric_faults import DraftClosedError, DraftMovedOnError
from qaplatform.services.rubric_questions import with_questions, without_questions
from qaplatform.services.yaml_edits import UneditableYamlError
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.i18n import _
from qaplatform.web.rubrics import rubrics
from qaplatform.web.rubrics.drafts import seen_or_404, told
from qaplatform.web.submitting import missing_is_404


@rubrics.post("/drafts/<int:draft_id>/questions")
@permitted(EDIT)
def add_questions(draft_id: int) -> ResponseReturnValue:
    """Take the section in."""
    return _changed(draft_id, with_questions, _("已加入模型判断题。发布之前请看下面的改动。"))


@rubrics.get("/drafts/<int:draft_id>/questions/remove")
@permitted(EDIT)
def ask_remove_questions(draft_id: int) -> str:
    """Whether one is sure."""
    seen = seen_or_404(draft_id)
    return render_template(
        "parts/confirm.html",
        title=_("取出模型判断题"),
        question=_("要把模型判断题从这份草稿里取出吗？"),
        details=[
            _("在这份草稿里对判断题做的修改会一起丢掉。"),
            _("以前的回答和人工评定都留着；已发布的标准和已有的评分不变。"),
        ],
        action=url_for(".remove_questions", draft_id=draft_id, version=seen.draft.version),
        label=_("取出"),
        back=url_for(".draft", draft_id=draft_id),
    )


@rubrics.post("/drafts/<int:draft_id>/questions/remove")
@permitted(EDIT)
def remove_questions(draft_id: int) -> ResponseReturnValue:
    """Take the section out."""
    return _changed(draft_id, without_questions, _("已取出模型判断题。"))


def _changed(
    draft_id: int, change: Callable[[str, Mapping[str, str]], Mapping[str, str]], said: str
) -> ResponseReturnValue:
    viewer, now, back = current_viewer(), clock.now(), url_for(".draft", draft_id=draft_id)
    version = request.values.get("version", -1, type=int)
    try:
        with missing_is_404(), current_store().writing() as session:
            service.change_files(session, viewer, draft_id, change, seen_version=version, now=now)
    except (DraftMovedOnError, DraftClosedError, UneditableYamlError) as error:
        return told(error, back)
    flash(said, "success")
    return redirect(back, 303)
