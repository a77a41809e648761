"""One import: how far it is, what it brought, what was wrong with its lines; cancelling it and letting it go on."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.errors import QAPlatformError
from qaplatform.services import imports as service
from qaplatform.services.imports import ImportView
from qaplatform.store import import_list
from qaplatform.store.imports import LIVE
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.i18n import _
from qaplatform.web.imports import imports, words
from qaplatform.web.paging import page_number, page_of
from qaplatform.web.sentences import sentence_of, sentence_of_failed
from qaplatform.web.submitting import missing_is_404

PROBLEMS_ON_A_PAGE = 25
_STEERING = frozenset({"imports.moved_on", "imports.file_gone", "job_has_ended", "job_not_to_retry", "job_key_busy"})


@imports.get("/<int:import_id>")
@permitted("imports.see")
def show(import_id: int) -> ResponseReturnValue:
    """The page; the part that changes renews itself until the import has ended, and then the whole page."""
    viewer, now = current_viewer(), clock.now()
    is_part = "HX-Request" in request.headers
    with missing_is_404(), current_store().reading() as session:
        one = service.shown(session, viewer, import_id, now=now)
        if is_part:
            return _part(one)
        code = request.args.get("code")
        kinds = import_list.problem_kinds(session, import_id)
        code = code if any(kind.code == code for kind in kinds) else None
        offset = (page_number() - 1) * PROBLEMS_ON_A_PAGE
        rows = import_list.problems_of_kind(session, import_id, code, offset=offset, limit=PROBLEMS_ON_A_PAGE + 1)
        whole = import_list.whole_problem(session, import_id) if one.state == "failed" else None
    total = sum(kind.count for kind in kinds if code in {None, kind.code})
    return render_template(
        "imports/show.html",
        one=one,
        kinds=kinds,
        code=code,
        page=page_of(rows, PROBLEMS_ON_A_PAGE, total),
        whole=whole,
        is_cut=sum(kind.count for kind in kinds if kind.rejected) < one.line.rejected_count,
        is_live=one.state in LIVE,
        may_jobs=viewer.may("jobs.see"),
        may_read=viewer.may("conversations.see"),
        sentence_of_failed=sentence_of_failed,
        now=clock.now(),
    )


def _part(one: ImportView) -> ResponseReturnValue:
    if one.state in LIVE:
        return render_template(
            "imports/_progress.html",
            one=one,
            is_live=True,
            may_jobs=current_viewer().may("jobs.see"),
            sentence_of_failed=sentence_of_failed,
            now=clock.now(),
        )
    response = make_response("", 200)
    response.headers["HX-Refresh"] = "true"
    return response


@imports.post("/<int:import_id>/cancel")
@permitted("imports.make")
def cancel(import_id: int) -> ResponseReturnValue:
    """Stop an import; what is stored stays."""
    try:
        with missing_is_404(), current_store().writing() as session:
            service.cancel(session, import_id, by=current_viewer(), now=clock.now())
        flash(_("正在停止。已经导入的会话会保留。"), "success")
    except QAPlatformError as error:
        _tell(error)
    return redirect(url_for("imports.show", import_id=import_id), 303)


@imports.post("/<int:import_id>/retry")
@permitted("imports.make")
def retry(import_id: int) -> ResponseReturnValue:
    """Let an import go on where it stopped."""
    try:
        with missing_is_404(), current_store().writing() as session:
            service.retry(session, import_id, by=current_viewer(), now=clock.now())
        flash(_("已重新排队，会从上次停下的地方继续。"), "success")
    except QAPlatformError as error:
        _tell(error)
    return redirect(url_for("imports.show", import_id=import_id), 303)


def _tell(error: QAPlatformError) -> None:
    """Say above the page what the service refused.

    Raises:
        QAPlatformError: the same one, if it is no matter of the page.
    """
    if str(getattr(error, "code", "")) not in _STEERING:
        raise error
    flash(sentence_of(error), "error")


@imports.app_context_processor
def _words() -> dict[str, object]:
    return {"import_words": words}
