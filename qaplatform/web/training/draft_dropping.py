"""Whether one is sure to put a draft of a text of training aside: the same question for scenarios, drills and questions."""

from __future__ import annotations

from flask import render_template

from qaplatform.web.i18n import _


def ask_drop_page(question: str, *, action: str, back: str, is_unborn: bool) -> str:
    """The question with what will happen; ``is_unborn``: there is nothing but the draft."""
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
