"""Whether one is sure to put the draft of a text for training aside, and doing it: the same two pages for all kinds of texts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.services.browsing import NotThereError
from qaplatform.services.training.draft_dropping import DraftMovedOnError, TextInUseError
from qaplatform.web.access import permitted
from qaplatform.web.current import current_viewer
from qaplatform.web.i18n import _
from qaplatform.web.sentences import sentence_of
from qaplatform.web.submitting import done


class SeenDraft(NamedTuple):
    """A draft that somebody thinks of dropping."""

    title: str
    """What people know the text by."""
    newest_id: int
    is_unborn: bool
    """There is nothing but the draft."""


def add_dropping(
    pages: Blueprint,
    address: str,
    look: Callable[..., SeenDraft | None],
    drop: Callable[..., bool],
    *,
    here: str,
    gone: str,
) -> None:
    """Add the views ``ask_drop`` and ``drop`` at an address.

    Args:
        pages: To which they are added.
        address: With the names that ``look``, ``drop`` and ``here`` take.
        look: Finds the draft, by the names; ``None`` where what is newest is none.
        drop: Of the services; takes a session, who asks, the names, ``seen_id`` and ``now``, and says whether anything
            is left of the text.
        here: The view to which one goes back.
        gone: The view to which one goes when nothing is left of the text.
    """

    @permitted("training.edit")
    def ask_drop(**names: Any) -> str:
        """Whether one is sure."""
        seen = look(**names)
        if seen is None:
            raise NotThereError
        if seen.is_unborn:
            details = [_("它还没有发布过：放弃之后整个删除，不能恢复。")]
        else:
            details = [_("上次发布之后写的内容会全部删除，不能恢复。"), _("已发布的内容不受影响。")]
        return render_template(
            "parts/confirm.html",
            title=_("放弃草稿"),
            question=_("要放弃“%(title)s”的草稿吗？", title=seen.title),
            details=details,
            action=url_for(".drop", **names, base=seen.newest_id),
            label=_("放弃草稿"),
            back=url_for(here, **names),
        )

    @permitted("training.edit")
    def drop_it(**names: Any) -> ResponseReturnValue:
        """Put the draft aside."""
        by, now, seen_id = current_viewer(), clock.now(), request.args.get("base", -1, type=int)
        try:
            is_left = done(lambda session: drop(session, by, **names, seen_id=seen_id, now=now)).value
        except (DraftMovedOnError, TextInUseError) as error:
            flash(sentence_of(error), "error")
            return redirect(url_for(here, **names), 303)
        flash(_("草稿已放弃。"), "success")
        return redirect(url_for(here, **names) if is_left else url_for(gone), 303)

    pages.add_url_rule(address, "ask_drop", ask_drop, methods=["GET"])
    pages.add_url_rule(address, "drop", drop_it, methods=["POST"])
