"""Learned risks in the browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.services import risk_pages, risk_training
from qaplatform.services.access import AccessError
from qaplatform.services.risk_training import NoActiveModelError, TooFewRulingsError
from qaplatform.web import risk_words
from qaplatform.web.access import permitted, refuse
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.i18n import _
from qaplatform.web.sentences import sentence_of
from qaplatform.web.submitting import done, missing_is_404

risk = Blueprint("risk", __name__, url_prefix="/risk")


@risk.get("")
@permitted("risk.see")
def index() -> str:
    """All teams."""
    with current_store().reading() as session:
        teams = risk_pages.teams_page(session, current_viewer())
    return render_template("risk/index.html", teams=teams, words_of=risk_words)


@risk.get("/<int:team_id>")
@permitted("risk.see")
def show(team_id: int) -> str:
    """One team's models."""
    viewer = current_viewer()
    with missing_is_404(), current_store().reading() as session:
        try:
            team, versions = risk_pages.team_page(session, viewer, team_id)
        except AccessError:
            refuse("risk.see")
    return render_template(
        "risk/show.html", team=team, versions=versions, may_steer=viewer.may("risk.steer"), words_of=risk_words
    )


@risk.post("/<int:team_id>/train")
@permitted("risk.steer")
def train(team_id: int) -> ResponseReturnValue:
    """Have a team's risk learned now."""
    by, now = current_viewer(), clock.now()
    return _steered(
        team_id,
        lambda session: risk_training.ask_training(session, by, team_id, now=now),
        _("已开始训练，完成后会出现新版本。"),
    )


@risk.post("/<int:team_id>/off")
@permitted("risk.steer")
def switch_off(team_id: int) -> ResponseReturnValue:
    """Take a team's model out of use."""
    by, now = current_viewer(), clock.now()
    return _steered(
        team_id, lambda session: risk_training.switch_off(session, by, team_id, now=now), _("模型已停用，改用规则。")
    )


def _steered(team_id: int, act: Callable[[Any], object], said: str) -> ResponseReturnValue:
    try:
        done(act)
    except (TooFewRulingsError, NoActiveModelError) as error:
        flash(sentence_of(error), "error")
    else:
        flash(said, "success")
    return redirect(url_for(".show", team_id=team_id), 303)
