"""The board of those who learn, for whoever accompanies and leads them."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.services.training.board import BoardAsked, board
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.paging import page_number, page_of

training = Blueprint("training", __name__, url_prefix="/training")
PAGE_SIZE = 50
_WITHOUT = 12
"""So many people without a path are shown at first."""


@training.get("")
@permitted("training.see")
def index() -> ResponseReturnValue:
    """The board; mentors see theirs unless they ask for all. Who can only see themselves is led to their own page."""
    viewer = current_viewer()
    if viewer.scope("training.see").is_one_agents:
        return redirect(url_for("learning.show"), 303)
    asked = _asked()
    with current_store().reading() as session:
        seen = board(session, viewer, asked, now=clock.now())
    start = (page_number() - 1) * PAGE_SIZE
    page = page_of(seen.rows[start : start + PAGE_SIZE], PAGE_SIZE, len(seen.rows))
    is_whole = request.args.get("without") == "all"
    return render_template(
        "training/board/index.html",
        board=seen,
        asked=asked,
        page=page,
        without=seen.without if is_whole else seen.without[:_WITHOUT],
        is_mentor=_is_mentor_only(),
        may_lead=viewer.may("training.lead"),
    )


def _asked() -> BoardAsked:
    only = request.args.get("only", "")
    mentor = request.args.get("mentor", "mine" if _is_mentor_only() else "")
    return BoardAsked(
        only_mine=mentor == "mine",
        mentor_id=int(mentor) if mentor.isdigit() and len(mentor) < 12 else None,
        team_id=request.args.get("team", type=int),
        path=request.args.get("path", ""),
        only="late" if only == "late" else "help" if only == "help" else "",
    )


def _is_mentor_only() -> bool:
    """Whether whoever asks accompanies, and leads nobody."""
    viewer = current_viewer()
    return viewer.may("training.coach") and not viewer.may("training.lead")
