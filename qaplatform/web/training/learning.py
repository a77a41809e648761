"""One's own learning: what to do today, what comes next, how far one is, what is missing. The home of new hires."""

from __future__ import annotations

from flask import Blueprint, render_template

from qaplatform import clock
from qaplatform.services.training.learning import learning_page
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer

learning = Blueprint("learning", __name__, url_prefix="/learn")


@learning.get("")
@permitted("training.learn")
def show() -> str:
    """The page."""
    now = clock.now()
    with current_store().reading() as session:
        page = learning_page(session, current_viewer(), now=now)
    return render_template("training/learning/show.html", page=page)
