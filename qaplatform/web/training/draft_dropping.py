"""Whether one is sure to put the draft of a text for training aside, and doing it: the same for all kinds of texts."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from qaplatform.services.training.draft_dropping import DraftMovedOnError, TextInUseError
from qaplatform.web.i18n import _
from qaplatform.web.sentences import sentence_of
from qaplatform.web.submitting import Session, done


def ask_drop_page(question: str, *, action: str, back: str, is_unborn: bool) -> str:
    """The question with what will happen; ``action`` has the version that is seen as ``base`` in its address.

    ``is_unborn``: there is nothing but the draft.
    """
    if is_unborn:
        details = [_("它还没有发布过：放弃之后整个删除，不能恢复。")]
    else:
        details = [_("上次发布之后写的内容会全部删除，不能恢复。"), _("已发布的内容不受影响。")]
    return render_template(
        "parts/confirm.html",
        title=_("放弃草稿"),
        question=question,
        details=details,
        action=action,
        label=_("放弃草稿"),
        back=back,
    )


def dropped(drop: Callable[[Session, int], bool], *, here: str, gone: str) -> ResponseReturnValue:
    """Put it aside and go back ``here``, or to the page ``gone`` where nothing is left of the text.

    ``drop`` takes the version that was seen and says whether anything is left.
    """
    seen_id = request.args.get("base", -1, type=int)
    try:
        is_left = done(lambda session: drop(session, seen_id)).value
    except (DraftMovedOnError, TextInUseError) as error:
        flash(sentence_of(error), "error")
        return redirect(here, 303)
    flash(_("草稿已放弃。"), "success")
    return redirect(here if is_left else gone, 303)
