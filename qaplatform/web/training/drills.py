"""Drills in the browser: what is due, one situation against the clock, what came of it, and what was answered before."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from wtforms import SubmitField, TextAreaField

from qaplatform import clock
from qaplatform.services.browsing import NotThereError
from qaplatform.services.training import drills as services
from qaplatform.services.training.drill_cards import NoSituationError
from qaplatform.services.training.drills import EmptyAnswerError, LongAnswerError
from qaplatform.web.access import permitted
from qaplatform.web.conversations.vocabulary import Vocabulary
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.forms import Form, set_error
from qaplatform.web.i18n import _, language, lazy
from qaplatform.web.local_paths import local_path
from qaplatform.web.numbers import number_in
from qaplatform.web.paging import page_number, page_of
from qaplatform.web.sentences import sentence_of
from qaplatform.web.training.drill_words import ORIGINS, STATES, must_words, result_of

drills = Blueprint("drills", __name__, url_prefix="/drills")
_PAGE = 20
_MOST_CRITERIA = 50


class AnswerForm(Form):
    """An answer."""

    text = TextAreaField(
        lazy("您的回复"),
        render_kw={"rows": 4, "maxlength": services.MOST_CHARS, "autofocus": True, "autocomplete": "off"},
    )
    submit = SubmitField(lazy("发送"))


@drills.get("")
@permitted("training.learn")
def index() -> str:
    """What is due, by criterion; with ``criterion`` in the address only those, as a step of a path asks for."""
    with current_store().reading() as session:
        found = services.overview(session, current_viewer(), now=clock.now())
    vocabulary = Vocabulary(language())
    order = {id: place for place, id in enumerate(vocabulary.in_order(one.criterion for one in found.lines))}
    wanted = {one.criterion for one in found.lines} & set(_criteria(request.args))
    lines = [one for one in found.lines if not wanted or one.criterion in wanted]
    lines.sort(key=lambda one: (-one.given, -one.due, order[one.criterion]))
    return render_template(
        "training/drills/index.html", found=found, lines=lines, vocabulary=vocabulary, is_narrowed=wanted
    )


@drills.post("/next")
@permitted("training.learn")
def start() -> ResponseReturnValue:
    """Show the next one: its time begins. ``criterion``, once or several times, goes along: the one after it is of them, too."""
    criteria = _criteria(request.form)
    viewer, now = current_viewer(), clock.now()
    try:
        with current_store().writing() as session:
            card_id = services.next_drill(session, viewer, criteria, now=now)
            answer_id = None if card_id is None else services.show(session, viewer, card_id, now=now)
    except NotThereError:
        flash(_("这一项没有可练的题。"), "warning")
        return redirect(url_for(".index"), 303)
    if answer_id is None:
        flash(_("今天到期的都练完了。想多练，可以在下面选一项。"), "success")
        return redirect(url_for(".index"), 303)
    return redirect(url_for(".show", answer_id=answer_id, criterion=criteria), 303)


@drills.post("/give")
@permitted("training.learn")
def give() -> ResponseReturnValue:
    """Make a card of a deduction in an exam: one's own is answered at once, another's waits for them."""
    asked, viewer, now = request.form, current_viewer(), clock.now()
    user_id = (number_in(asked, "user_id") or 0) if "user_id" in asked else viewer.user_id
    about = {name: number_in(asked, name) for name in ("dialogue_id", "message")}
    criterion, back = asked.get("criterion", "").replace("\0", ""), local_path(asked.get("back"))
    try:
        with current_store().writing() as session:
            card_id = services.give_drill(session, viewer, user_id, criterion=criterion, **about, now=now)
            own = user_id == viewer.user_id
            answer_id = services.show(session, viewer, card_id, now=now) if own else None
    except NoSituationError as error:
        flash(sentence_of(error), "warning")
        return redirect(back, 303)
    if answer_id is not None:
        return redirect(url_for(".show", answer_id=answer_id), 303)
    flash(_("已布置成一张练习卡。"), "success")
    return redirect(back, 303)


@drills.get("/answers/<int:answer_id>")
@permitted("training.learn")
def show(answer_id: int) -> ResponseReturnValue:
    """The situation with its clock, or what came of the answer."""
    return _page(answer_id, AnswerForm())


@drills.post("/answers/<int:answer_id>")
@permitted("training.learn")
def answer(answer_id: int) -> ResponseReturnValue:
    """Send an answer; it is judged before the writing transaction begins."""
    form, viewer, now = AnswerForm(), current_viewer(), clock.now()
    try:
        with current_store().reading() as session:
            weighed = services.weigh(session, viewer, answer_id, form.text.data or "", now=now)
        if weighed is not None:
            with current_store().writing() as session:
                services.keep(session, viewer, answer_id, weighed)
    except (EmptyAnswerError, LongAnswerError) as error:
        set_error(form.text, sentence_of(error))
        return _page(answer_id, form), 400
    return redirect(url_for(".show", answer_id=answer_id, criterion=_criteria(request.args)), 303)


@drills.post("/answers/<int:answer_id>/again")
@permitted("training.learn")
def again(answer_id: int) -> ResponseReturnValue:
    """Answer the same card once more: after an answer nobody could read, or to do it better."""
    viewer, now = current_viewer(), clock.now()
    with current_store().writing() as session:
        shown_id = services.show_again(session, viewer, answer_id, now=now)
    return redirect(url_for(".show", answer_id=shown_id, criterion=_criteria(request.form)), 303)


@drills.get("/history")
@permitted("training.learn")
def history() -> str:
    """What one has answered."""
    with current_store().reading() as session:
        rows, moments, total = services.history(
            session, current_viewer().user_id, page=page_number(), page_size=_PAGE, now=clock.now()
        )
    page = page_of(list(zip(rows, moments, strict=True)), _PAGE, total)
    return render_template(
        "training/drills/history.html", page=page, vocabulary=Vocabulary(language()), states=STATES, origins=ORIGINS
    )


def _page(answer_id: int, form: AnswerForm) -> str:
    with current_store().reading() as session:
        found = services.shown(session, current_viewer(), answer_id, now=clock.now())
    return render_template(
        "training/drills/show.html",
        drill=found,
        form=form,
        result=result_of(found),
        title=_title(found, Vocabulary(language())),
        criterion=Vocabulary(language()).criterion(found.criterion),
        must_words=must_words,
        origins=ORIGINS,
        narrowed=_criteria(request.args),
    )


def _criteria(values: MultiDict[str, str]) -> list[str]:
    """The criteria somebody keeps to while they practise; none: whatever comes."""
    return [one for one in values.getlist("criterion")[:_MOST_CRITERIA] if one and "\0" not in one]


def _title(found: services.Shown, vocabulary: Vocabulary) -> str:
    own = found.situation.title if found.situation else ""
    return own or vocabulary.criterion(found.criterion)
