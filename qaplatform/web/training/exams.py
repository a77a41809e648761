"""``/exams``: what one may take now, why not yet, and one's own dialogues so far."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.errors import QAPlatformError
from qaplatform.services.browsing import NotThereError
from qaplatform.services.training import exam_room as service
from qaplatform.services.training.exam_choices import MOST_AT_ONCE, choices
from qaplatform.services.training.exam_lists import own_dialogues
from qaplatform.services.training.step_locks import LockedStepError
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.formatting import moment
from qaplatform.web.i18n import _, language
from qaplatform.web.numbers import number_in
from qaplatform.web.paging import page_number, page_of
from qaplatform.web.sentences import sentence_of
from qaplatform.web.training import exam_words
from qaplatform.web.training.path_words import locked_in_words

exams = Blueprint("exams", __name__, url_prefix="/exams")
LEARN = "training.learn"
PAGE_SIZE = 20


@exams.get("")
@permitted(LEARN)
def index() -> str:
    """What one may take, and what one took."""
    viewer, now = current_viewer(), clock.now()
    with current_store().reading() as session:
        offered = choices(session, viewer, now=now)
        rows = own_dialogues(session, viewer, page=page_number(), size=PAGE_SIZE)
    return render_template(
        "training/exams/index.html", offered=offered, page=page_of(rows, PAGE_SIZE), now=now, words_of=exam_words,
        language_code=language(), most_at_once=MOST_AT_ONCE,
    )  # fmt: skip


@exams.post("")
@permitted(LEARN)
def begin() -> ResponseReturnValue:
    """Go into the exam room."""
    given = request.form
    purpose = given.get("purpose", "")
    if purpose not in ("exam", "practice"):
        flash(_("请选择考核或练习。"), "error")
        return redirect(url_for(".index"), 303)
    scenario = given.get("scenario", "")
    wanted = service.SittingWanted(
        purpose="practice" if purpose == "practice" else "exam",
        scenarios=(scenario,) if scenario and purpose == "practice" else (),
        kind=given.get("kind", ""),
        step=given.get("step", ""),
        at_once=min(max(number_in(given, "at_once") or 1, 1), MOST_AT_ONCE),
        customer="llm" if given.get("customer") == "llm" else "script",
    )
    service.prepare()
    try:
        with current_store().writing() as session:
            sitting_id = service.begin(session, current_viewer(), wanted, now=clock.now())
    except NotThereError:
        abort(404)
    except service.ExamRunningError as error:
        flash(sentence_of(error), "error")
        return redirect(url_for(".index" if error.sitting_id is None else ".room", sitting_id=error.sitting_id), 303)
    except service.TooEarlyError as error:
        flash(
            _("等待时间还没有过，%(when)s 起可以再考；现在可以练习，或者先考别的类型。", when=moment(error.until)),
            "error",
        )
        return redirect(url_for(".index"), 303)
    except LockedStepError as error:
        flash(locked_in_words(error.lock), "error")
        return redirect(url_for(".index"), 303)
    except QAPlatformError as error:
        flash(sentence_of(error), "error")
        return redirect(url_for(".index"), 303)
    return redirect(url_for(".room", sitting_id=sitting_id), 303)


from qaplatform.web.training import exam_results, exam_room  # noqa: E402 - they add routes

__all__ = ["LEARN", "exam_results", "exam_room", "exams"]
