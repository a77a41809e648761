"""The shelf of lessons: finding one, reading it, saying that it is read."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.services.training import lesson_drafts, weekly_focus
from qaplatform.services.training import lessons as service
from qaplatform.services.training.lesson_search import Hit, search
from qaplatform.services.training.lessons import LessonFilter, LessonLine, LessonMovedOnError
from qaplatform.services.training.settings import training_settings
from qaplatform.training.lessons import LEVELS, Language
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.i18n import LazyText, _, language, lazy
from qaplatform.web.sentences import sentence_of
from qaplatform.web.submitting import done

lessons = Blueprint("lessons", __name__, url_prefix="/lessons")
LEVEL_WORDS: dict[str, LazyText] = {
    "junior": lazy("初级"),
    "intermediate": lazy("中级"),
    "senior": lazy("高级"),
}
_STATE_WORDS: dict[str, LazyText] = {
    "unread": lazy("还没读"),
    "read": lazy("读过"),
    "changed": lazy("读过，后来改了"),
}
LANGUAGE_WORDS: dict[str, LazyText] = {"zh": lazy("中文"), "en": lazy("英文")}


@lessons.get("")
@permitted("training.learn")
def index() -> str:
    """All lessons; asked for in the background while one types, only what is below the search."""
    viewer, now, query = current_viewer(), clock.now(), request.args.get("q", "").strip()
    wanted = _filter()
    with current_store().reading() as session:
        lines = service.lesson_lines(session, viewer, lesson_language())
        criteria = service.live_criteria(session, now) if wanted.criterion else {}
        today = training_settings(session).day_of(now)
        focus = weekly_focus.focus_of(session, today, language(), user_id=viewer.user_id)
        unpublished = lesson_drafts.unpublished(session, viewer) if viewer.may("training.edit") else []
    found = _found(lines, query)
    shown = [(line, hit) for line, hit in found if wanted.holds(line)]
    read_count = sum(one.state == "read" for one in lines)
    known = criteria.get(wanted.criterion)
    template = "training/lessons/_list.html" if request.headers.get("HX-Request") else "training/lessons/index.html"
    return render_template(
        template,
        **frame(),
        query=query,
        wanted=wanted,
        shown=shown,
        lines=lines,
        read_count=read_count,
        tags=service.tags_of([line for line, _hit in found]),
        levels=[(one, LEVEL_WORDS[one]) for one in LEVELS],
        states=list(_STATE_WORDS.items()),
        criterion_title=known.title.in_language(language()) if known else wanted.criterion,
        focus=focus,
        this_week=weekly_focus.week_of(today),
        unpublished=unpublished,
        may_edit=viewer.may("training.edit"),
    )


@lessons.get("/<id>")
@permitted("training.learn")
def show(id: str) -> str:
    """One lesson."""
    viewer, now = current_viewer(), clock.now()
    with current_store().reading() as session:
        page = service.lesson_page(session, viewer, id, lesson_language(), now=now)
    return render_template(
        "training/lessons/show.html",
        **frame(),
        page=page,
        lesson=page.line.lesson,
        may_edit=viewer.may("training.edit"),
        may_see_checks=viewer.may("checks.see"),
    )


@lessons.post("/<id>/read")
@permitted("training.learn")
def read(id: str) -> ResponseReturnValue:
    """Say that it is read."""
    viewer, now = current_viewer(), clock.now()
    content_hash = request.form.get("version", "")
    try:
        done(lambda session: service.mark_read(session, viewer, id, content_hash, now=now))
    except LessonMovedOnError as error:
        flash(sentence_of(error), "error")
    else:
        flash(_("已记下：这一课读完了。"), "success")
    return redirect(url_for(".show", id=id), 303)


def lesson_language() -> Language:
    """The language lessons are read in."""
    return language()


def frame() -> dict[str, object]:
    """Under which tabs the pages of lessons stand: those who write them, lead or accompany come from the other side."""
    leads = any(map(current_viewer().may, ("training.edit", "training.coach", "training.lead")))
    layout = "leading" if leads else "learning"
    return {
        "layout": f"training/{layout}_layout.html",
        "here_in_training": url_for("lessons.index"),
        "level_words": LEVEL_WORDS,
        "language_words": LANGUAGE_WORDS,
    }


def _found(lines: Sequence[LessonLine], query: str) -> list[tuple[LessonLine, Hit | None]]:
    """The lessons a search finds, the best first; all of them where nothing is searched."""
    if not query:
        return [(one, None) for one in lines]
    by_id = {one.lesson.id: one for one in lines}
    return [(by_id[hit.lesson.id], hit) for hit in search([one.lesson for one in lines], query)]


def _filter() -> LessonFilter:
    given = request.args
    level, state = given.get("level", ""), given.get("state", "")
    return LessonFilter(
        tag=given.get("tag", "")[:100],
        level=level if level in LEVEL_WORDS else "",
        criterion=given.get("criterion", "")[:100],
        state=state if state in _STATE_WORDS else "",
    )
