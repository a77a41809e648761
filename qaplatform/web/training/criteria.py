"""Criteria as something to be trained: what there is to train each with, and how findings developed after training."""

from __future__ import annotations

from flask import Blueprint, abort, render_template

from qaplatform import clock
from qaplatform.services.training import criterion_training as services
from qaplatform.services.training.criterion_training import WINDOW_DAYS
from qaplatform.training.lessons import Language
from qaplatform.web.access import permitted
from qaplatform.web.conversations.vocabulary import Vocabulary, criteria_known
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.i18n import _, language

training_criteria = Blueprint("training_criteria", __name__, url_prefix="/training/criteria")


@training_criteria.get("")
@permitted("training.see")
def index() -> str:
    """All of them."""
    vocabulary = Vocabulary(language())
    with current_store().reading() as session:
        lines = services.overview(session, current_viewer(), vocabulary.in_order(criteria_known()), now=clock.now())
    shown = [one for one in lines if one.missed.of or one.lessons or one.drills or one.scenarios or one.questions]
    return render_template("training/criteria/index.html", lines=shown, vocabulary=vocabulary, days=WINDOW_DAYS)


@training_criteria.get("/<id>")
@permitted("training.see")
def show(id: str) -> str:
    """One."""
    known = criteria_known().get(id)
    if known is None:
        abort(404)
    name: Language = "en" if language() == "en" else "zh"
    with current_store().reading() as session:
        found = services.criterion_training(session, current_viewer(), id, name, now=clock.now())
    known_weeks = [share if share.is_enough else None for _monday, share in found.weeks]
    chart = {
        "kind": "line",
        "labels": [monday.strftime("%m-%d") for monday, _share in found.weeks],
        "unit": "percent",
        "series": [
            {
                "name": _("未通过的会话"),
                "values": [one.ratio if one else None for one in known_weeks],
                "low": [one.low if one else None for one in known_weeks],
                "high": [one.high if one else None for one in known_weeks],
            }
        ],
    }
    return render_template(
        "training/criteria/show.html",
        found=found,
        criterion=known,
        title=known.title.in_language(name),
        policy=known.policy.in_language(name) if known.policy else "",
        chart=chart if any(known_weeks) else None,
        days=WINDOW_DAYS,
        language_code=name,
        may_edit=current_viewer().may("training.edit"),
    )
