"""Taking a drill back, and putting the shipped one back in its place."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.services.training import drill_library as service
from qaplatform.services.training.drill_library import PUBLISH
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.i18n import _
from qaplatform.web.training.drill_library import drill_library
from qaplatform.web.training.drill_library.listing import seen_now, title_of


@drill_library.get("/<code>/withdraw")
@permitted(PUBLISH)
def ask_withdraw(code: str) -> str:
    """Whether one is sure."""
    seen = seen_now(code)
    return render_template(
        "parts/confirm.html",
        title=_("撤下练习题"),
        question=_("要撤下“%(title)s”吗？", title=title_of(seen)),
        details=[
            _("之后没有人会再练到它，已学过的人到期时也不再出现；正在作答的可以答完。"),
            _("已有的作答都保留。以后可以重新发布。"),
        ],
        action=url_for(".withdraw", code=code),
        label=_("撤下"),
        back=url_for(".show", code=code),
    )


@drill_library.post("/<code>/withdraw")
@permitted(PUBLISH)
def withdraw(code: str) -> ResponseReturnValue:
    """Take it back."""
    with current_store().writing() as session:
        service.withdraw_drill(session, current_viewer(), code, now=clock.now())
    flash(_("练习题已撤下。"), "success")
    return redirect(url_for(".show", code=code), 303)


@drill_library.get("/<code>/put-back")
@permitted(PUBLISH)
def ask_put_back(code: str) -> str:
    """Whether one is sure."""
    seen = seen_now(code)
    return render_template(
        "parts/confirm.html",
        title=_("恢复原版"),
        question=_("要让“%(title)s”恢复成随平台提供的原版吗？", title=title_of(seen)),
        details=[
            _("之后练的是原版；程序升级时，原版会跟着更新。"),
            _("这里写过的版本都保留，可以打开再发布。"),
        ],
        action=url_for(".put_back", code=code),
        label=_("恢复原版"),
        back=url_for(".show", code=code),
    )


@drill_library.post("/<code>/put-back")
@permitted(PUBLISH)
def put_back(code: str) -> ResponseReturnValue:
    """Let the shipped one stand again."""
    with current_store().writing() as session:
        service.put_back_drill(session, current_viewer(), code, now=clock.now())
    flash(_("已恢复原版。"), "success")
    return redirect(url_for(".show", code=code), 303)
