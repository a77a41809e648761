"""``/results``: an agent's own results, to be seen, acknowledged and answered."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.formats.writing.rows import Column
from qaplatform.services import results as service
from qaplatform.services import rubric_notices
from qaplatform.services.browsing import NotThereError
from qaplatform.services.conversation_lines import MOST_EXPORTED, note_export
from qaplatform.services.notes import EmptyNoteError
from qaplatform.services.own_results import OwnResults, own_results_of
from qaplatform.web.access import permitted
from qaplatform.web.conversations import ID
from qaplatform.web.conversations.vocabulary import Vocabulary
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.formatting import zone
from qaplatform.web.i18n import _, language
from qaplatform.web.list_files import form_of, sent, written
from qaplatform.web.numbers import number_in
from qaplatform.web.rubrics import words
from qaplatform.web.sentences import VERDICTS, sentence_of

results = Blueprint("results", __name__, url_prefix="/results")


@results.get("")
@permitted(service.SEE)
def index() -> str:
    """What people decided on one's own chats."""
    viewer, now = current_viewer(), clock.now()
    with current_store().reading() as session:
        shown = service.results_of(session, viewer, before=number_in(request.args, "before"))
        own = own_results_of(session, viewer, now=now, zone=zone())
        notices = rubric_notices.notices_of(session, viewer, now=now)
    return render_template(
        "results/index.html",
        results=shown,
        own=own,
        trend=_trend(own),
        vocabulary=Vocabulary(language()),
        notices=notices,
        words_of=words,
        language_code=language(),
    )


def _trend(own: OwnResults | None) -> dict[str, object] | None:
    """The chart of one's own scores by week; ``None`` where no week has enough of them."""
    if own is None:
        return None
    lines = [
        {"name": name, "values": [round(it.mean, 2) if it.is_enough and it.mean is not None else None for it in some]}
        for name, some in (
            (_("机器初判（全部会话）"), [one.machine.score for one in own.weeks]),
            (_("人工裁定（随机抽取）"), [one.ruled for one in own.weeks]),
        )
    ]
    lines = [one for one in lines if any(value is not None for value in cast("list[float | None]", one["values"]))]
    labels = [one.period.first.strftime("%m-%d") for one in own.weeks]
    return {"kind": "line", "labels": labels, "unit": "score", "series": lines} if lines else None


@results.post("/export/<form>")
@permitted(service.SEE)
def export(form: str) -> ResponseReturnValue:
    """One's own results as a file: nothing of customers stands in it."""
    kind, viewer, now = form_of(form), current_viewer(), clock.now()
    vocabulary = Vocabulary(language())
    with current_store().reading() as session:
        some = service.all_results_of(session, viewer, most=MOST_EXPORTED)
    columns = (
        Column(_("会话"), "number", 9), Column(_("开始时间"), "text", 17), Column(_("店铺"), "text", 20),
        Column(_("问题分类"), "text", 12), Column(_("结论"), "text", 10), Column(_("得分"), "number", 8),
        Column(_("总评"), "text", 40), Column(_("复核人"), "text", 12), Column(_("复核时间"), "text", 17),
        Column(_("已确认"), "text", 17),
    )  # fmt: skip
    rows = (
        [
            one.conversation_id, _when(one.started_at), one.shop, vocabulary.topic(one.topic), str(VERDICTS[one.verdict]),
            one.score, one.summary, one.reviewer, _when(one.created_at), _when(one.acknowledged_at),
        ]
        for one in some
    )  # fmt: skip
    file, count = written(kind, _("我的结果"), columns, rows)
    with current_store().writing() as session:
        note_export(session, viewer, count=count, form=kind, now=now, of="results")
    return sent(kind, file, "results", now=now)


def _when(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment.astimezone(zone()):%Y-%m-%d %H:%M}"


@results.post(f"/rubrics/<{ID}:release_id>/read")
@permitted(service.SEE)
def acknowledge_release(release_id: int) -> ResponseReturnValue:
    """Say that one has read what a published rubric changes."""
    with current_store().writing() as session:
        rubric_notices.acknowledge_release(session, current_viewer(), release_id, now=clock.now())
    flash(_("已确认。"), "success")
    return redirect(url_for("home.show" if request.form.get("back") == "home" else ".index"), 303)


@results.post(f"/<{ID}:review_id>/acknowledge")
@permitted(service.SEE)
def acknowledge(review_id: int) -> ResponseReturnValue:
    """Take a result as it is."""
    with current_store().writing() as session:
        service.acknowledge(session, current_viewer(), review_id, now=clock.now())
    flash(_("已确认。"), "success")
    return _back()


@results.post(f"/<{ID}:review_id>/reply")
@permitted(service.SEE)
def reply(review_id: int) -> ResponseReturnValue:
    """Answer the inspector."""
    try:
        with current_store().writing() as session:
            service.reply(session, current_viewer(), review_id, request.form.get("text", ""), now=clock.now())
    except NotThereError:
        abort(404)
    except EmptyNoteError as error:
        flash(sentence_of(error), "error")
    else:
        flash(_("已回复。"), "success")
    return _back()


def _back() -> ResponseReturnValue:
    id = number_in(request.form, "conversation")
    address = url_for("results.index") if id is None else url_for("conversations.show", id=id, _anchor="reviews-title")
    return redirect(address, 303)
