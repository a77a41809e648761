"""The home page: for reviewers what to look at first, for agents their own chats, for admins the state of the house."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.services.first_steps import put_aside
from qaplatform.services.home import home_of
from qaplatform.services.rubric_notices import notices_of
from qaplatform.services.training.learning import learning_page
from qaplatform.services.work_lists import waiting_of
from qaplatform.web.access import permitted
from qaplatform.web.charts import stacked_days
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.formatting import zone
from qaplatform.web.i18n import language
from qaplatform.web.rubrics import words

home = Blueprint("home", __name__)


@home.get("/")
@permitted("home.see")
def show() -> str:
    """The page."""
    now = clock.now()
    with current_store().reading() as session:
        figures = home_of(session, current_viewer(), now=now, zone=zone())
        notices = notices_of(session, current_viewer(), now=now)
        work = waiting_of(session, current_viewer(), now=now)
        viewer = current_viewer()
        learning = learning_page(session, viewer, now=now, with_news=False) if viewer.agent_id else None
    chart = stacked_days(figures.days) if figures.days else None
    return render_template(
        "home/show.html",
        home=figures,
        work=work,
        learning=learning,
        chart=chart,
        now=now,
        notices=notices,
        words_of=words,
        language_code=language(),
    )


@home.post("/first-steps/put-aside")
@permitted("users.manage")
def put_steps_aside() -> ResponseReturnValue:
    """Show the first steps no more."""
    with current_store().writing() as session:
        put_aside(session, current_viewer())
    return redirect(url_for(".show"), 303)
