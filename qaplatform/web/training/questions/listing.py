"""The list of questions with its filters, a question, the figures of all, and the list as a file."""

from __future__ import annotations

import io

from flask import abort, render_template, request, send_file
from werkzeug.wrappers import Response

from qaplatform import clock
from qaplatform.services.training import question_bank as service
from qaplatform.services.training import question_figures as figures
from qaplatform.services.training.question_bank import EDIT, PUBLISH, BankFilter
from qaplatform.services.training.rubric_keys import criterion_titles
from qaplatform.training.gift import to_gift
from qaplatform.training.questions import KINDS
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.formatting import zone
from qaplatform.web.i18n import language
from qaplatform.web.paging import page_number, page_of
from qaplatform.web.training.papers import showing, words
from qaplatform.web.training.questions import questions

PAGE_SIZE = 50
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MOST_CHARS = 200


def wanted_filter() -> BankFilter:
    """The filter in the address."""
    asked = request.args
    return BankFilter(
        text=asked.get("q", "").strip()[:_MOST_CHARS],
        topic=asked.get("topic", ""),
        kind=asked.get("kind", ""),
        difficulty=asked.get("difficulty", type=int),
        criterion=asked.get("criterion", ""),
        language=asked.get("language", ""),
        origin=asked.get("origin", ""),
    )


@questions.get("")
@permitted(EDIT)
def index() -> str:
    """The list."""
    wanted = wanted_filter()
    with current_store().reading() as session:
        found = service.bank_page(session, current_viewer(), wanted, page=page_number(), page_size=PAGE_SIZE)
        titles = criterion_titles(session, now=clock.now())
    return render_template(
        "training/questions/index.html",
        found=found,
        page=page_of(found.lines, PAGE_SIZE, found.total),
        wanted=wanted,
        titles=titles,
        kinds=KINDS,
        words_of=words,
        showing=showing,
    )


@questions.get("/figures")
@permitted(EDIT)
def all_figures() -> str:
    """How good the questions are."""
    with current_store().reading() as session:
        found = figures.all_figures(session, current_viewer())
        bank = service.texts_by_id(session)
    number = page_number()
    rows = found[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    return render_template(
        "training/questions/figures.html",
        page=page_of(rows, PAGE_SIZE, len(found)),
        bank=bank,
        words_of=words,
    )


@questions.get("/<code>")
@permitted(EDIT)
def show(code: str) -> str:
    """A question as candidates see it, what is right, its figures and versions."""
    viewer, now = current_viewer(), clock.now()
    with current_store().reading() as session:
        seen = service.question_seen(session, viewer, code, now=now)
        question = seen.question or service.read_question(code, seen.text.text)
        measured = figures.figures_of(session, question) if question else None
        titles = criterion_titles(session, now=now)
    return render_template(
        "training/questions/show.html",
        seen=seen,
        question=question,
        shown=showing.as_asked(question) if question else None,
        measured=measured,
        titles=titles,
        may_publish=viewer.may(PUBLISH),
        words_of=words,
        showing=showing,
    )


@questions.get("/export/<form>")
@permitted(EDIT)
def export(form: str) -> Response:
    """What the filter finds as a file: ``xlsx`` or ``gift``."""
    if form not in ("xlsx", "gift"):
        abort(404)
    with current_store().reading() as session:
        found = service.filtered(session, current_viewer(), wanted_filter())
    file = io.BytesIO()
    if form == "xlsx":
        # Loaded only where a spreadsheet is asked for.
        from qaplatform.training.question_sheets import write_questions_xlsx  # noqa: PLC0415

        write_questions_xlsx(found, file)
    else:
        gift = to_gift(found, language())
        # What the format cannot hold is said in the file itself: nobody sees anything else of a download.
        lines = [f"// {one.question}: {one.reason}" for one in gift.left_out]
        file.write("\n".join([*lines, "", gift.text] if lines else [gift.text]).encode())
    file.seek(0)
    name = f"questions-{clock.now().astimezone(zone()):%Y%m%d-%H%M}.{'xlsx' if form == 'xlsx' else 'gift.txt'}"
    mimetype = _XLSX if form == "xlsx" else "text/plain"
    return send_file(file, mimetype=mimetype, as_attachment=True, download_name=name)
