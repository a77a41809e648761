"""How good the checks are, in the browser, and what follows from it: hints, and exempt contexts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.errors import QAPlatformError
from qaplatform.services import check_contexts
from qaplatform.services import checks as services
from qaplatform.services.checks import Asked, CheckReasonError, FloorError, UnknownCheckError
from qaplatform.services.rubric_faults import UnknownRubricError
from qaplatform.services.statistics import LEAST_SHARE
from qaplatform.services.yaml_edits import UneditableYamlError
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.i18n import LazyText, _, language, lazy
from qaplatform.web.paging import page_number
from qaplatform.web.sentences import sentence_of
from qaplatform.web.submitting import done, missing_is_404

checks = Blueprint("checks", __name__, url_prefix="/checks")
PAGE_SIZE = 50
_NOT_DRAFTED = (
    services.SameAlreadyError, check_contexts.ContextGoneError, check_contexts.NoListError, UneditableYamlError,
)  # fmt: skip
SAID: dict[str | None, LazyText] = {
    "hit": lazy("成立"),
    "wrong": lazy("误报"),
    "missed": lazy("漏报"),
}


@checks.get("")
@permitted("checks.see")
def index() -> str:
    """All checks of a rubric."""
    viewer, asked = current_viewer(), _asked()
    with missing_is_404(), current_store().reading() as session:
        page = services.checks_page(session, viewer, asked, now=clock.now())
    return render_template(
        "checks/index.html", page=page, asked=asked, days=services.DAYS,
        least=LEAST_SHARE, may_steer=viewer.may("checks.steer"), query=_query(asked),
    )  # fmt: skip


@checks.get("/<id>")
@permitted("checks.see")
def show(id: str) -> str:
    """One check: its words, contexts that may be exempted, and the chats behind its figures."""
    viewer, asked, now = current_viewer(), _asked(), clock.now()
    by_recall = request.args.get("of") == "recall"
    with missing_is_404(), current_store().reading() as session:
        one, criterion, wanted = services.one_check(session, viewer, id, asked, now=now)
        figures = services.check_figures(session, criterion, wanted)
        words, contexts = check_contexts.words_and_contexts(session, one.rubric, criterion.id, wanted)
        page = page_number()
        chats = services.ruled_chats(
            session, criterion, wanted, by_recall=by_recall, page=page, page_size=PAGE_SIZE, language=language()
        )
    return render_template(
        "checks/show.html", figures=figures, words=words, contexts=contexts, chats=chats[:PAGE_SIZE], asked=asked,
        has_more=len(chats) > PAGE_SIZE, number=page, by_recall=by_recall, said=SAID,
        query=_query(asked), code=one.rubric.id, may_steer=viewer.may("checks.steer"),
    )  # fmt: skip


@checks.post("/floor")
@permitted("checks.steer")
def set_floor() -> ResponseReturnValue:
    """Set the precision below which checks are proposed as hints."""
    viewer, now = current_viewer(), clock.now()
    value = request.form.get("floor", type=float) or 0.0
    return _acted(
        lambda session: services.set_floor(session, viewer, value / 100, now=now), _("下限已更新。"), url_for(".index")
    )


@checks.post("/<id>/hint")
@permitted("checks.steer")
def propose(id: str) -> ResponseReturnValue:
    """Open a draft in which the check is a hint."""
    viewer, now, code = current_viewer(), clock.now(), request.form.get("rubric", "")
    return _drafted(id, lambda session: services.propose_hint(session, viewer, code, id, now=now))


@checks.post("/<id>/score")
@permitted("checks.steer")
def propose_scoring(id: str) -> ResponseReturnValue:
    """Open a draft in which the hint is scored again."""
    viewer, now, code = current_viewer(), clock.now(), request.form.get("rubric", "")
    return _drafted(id, lambda session: services.propose_scoring(session, viewer, code, id, now=now))


@checks.post("/<id>/keep")
@permitted("checks.steer")
def keep(id: str) -> ResponseReturnValue:
    """Go on taking points off, for a reason."""
    viewer, now, form = current_viewer(), clock.now(), request.form
    return _acted(
        lambda session: services.keep_scoring(
            session, viewer, form.get("rubric", ""), id, form.get("reason", ""), now=now
        ),
        _("继续计分；有更多裁定后再重新评估。"),
        url_for(".index", rubric=form.get("rubric", "")),
    )


@checks.post("/<id>/exempt")
@permitted("checks.steer")
def exempt(id: str) -> ResponseReturnValue:
    """Open a draft in which a context is exempt."""
    viewer, now, asked, context = current_viewer(), clock.now(), _asked(), request.form.get("context", "")
    return _drafted(id, lambda session: check_contexts.exempt(session, viewer, id, asked, context, now=now))


def _asked() -> Asked:
    values = request.values
    days = values.get("days", services.DEFAULT_DAYS, type=int)
    return Asked(
        code=values.get("rubric") or None,
        days=days if days in services.DAYS else services.DEFAULT_DAYS,
        shop_id=values.get("shop", type=int),
        newest_only=values.get("version") == "newest",
    )


def _query(asked: Asked) -> dict[str, Any]:
    """What keeps the filters in an address."""
    values = {
        "rubric": asked.code, "days": asked.days, "shop": asked.shop_id, "version": "newest" if asked.newest_only else None,
    }  # fmt: skip
    return {name: value for name, value in values.items() if value is not None}


def _drafted(id: str, act: Callable[[Any], int]) -> ResponseReturnValue:
    with missing_is_404():
        try:
            draft_id = done(act).value
        except (UnknownCheckError, UnknownRubricError):
            raise
        except _NOT_DRAFTED as error:
            flash(sentence_of(error), "error")
            return redirect(url_for(".show", id=id, **_query(_asked())), 303)
    flash(_("已写进草稿。先回放看看哪些会话会变，再发布。"), "success")
    return redirect(url_for("rubrics.draft", draft_id=draft_id), 303)


def _acted(act: Callable[[Any], object], said: str, back: str) -> ResponseReturnValue:
    refused: tuple[type[QAPlatformError], ...] = (CheckReasonError, FloorError)
    with missing_is_404():
        try:
            done(act)
        except refused as error:
            flash(sentence_of(error), "error")
        else:
            flash(said, "success")
    return redirect(back, 303)
