"""Writing lessons: beside the text its mistakes and what it has become; versions, publishing, withdrawing."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField, SubmitField

from qaplatform import clock
from qaplatform.services.training import lesson_drafts as service
from qaplatform.services.training.lesson_drafts import (
    MOST_TITLE_CHARS,
    LessonFaultyError,
    LessonNotThereError,
    LessonText,
    LessonTextMovedOnError,
)
from qaplatform.services.training.texts import TextTooLongError
from qaplatform.training.lessons import LANGUAGES, Language
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.forms import Form, at_most, required, stripped
from qaplatform.web.i18n import _, lazy
from qaplatform.web.sentences import sentence_of
from qaplatform.web.submitting import done, submitted
from qaplatform.web.training.draft_dropping import SeenDraft, add_dropping
from qaplatform.web.training.lessons import LANGUAGE_WORDS, frame
from qaplatform.web.training.text_editor import diff_lines, placed, written

lesson_drafts = Blueprint("lesson_drafts", __name__, url_prefix="/lessons")
_PLACES = {"training.text_code": "code", "lessons.id_taken": "code"}


class NewLessonForm(Form):
    """What a lesson begins with."""

    code = StringField(
        lazy("编号"), [required(), at_most(80)], [stripped], render_kw={"spellcheck": "false", "autocapitalize": "none"}
    )
    title_zh = StringField(lazy("中文标题"), [required(), at_most(MOST_TITLE_CHARS)], [stripped])
    title_en = StringField(lazy("英文标题"), [required(), at_most(MOST_TITLE_CHARS)], [stripped])
    submit = SubmitField(lazy("开始写"))


@lesson_drafts.get("/new")
@permitted("training.edit")
def new() -> str:
    """A form for a new lesson."""
    return render_template("training/lessons/new.html", **frame(), form=NewLessonForm(formdata=None))


@lesson_drafts.post("/new")
@permitted("training.edit")
def create() -> ResponseReturnValue:
    """Begin a lesson."""
    form, by, now = NewLessonForm(), current_viewer(), clock.now()
    made = submitted(
        form,
        lambda session: service.new_lesson(
            session, by, form.code.data or "", form.title_zh.data or "", form.title_en.data or "", now=now
        ),
        _PLACES,
    )
    if made is None:
        return render_template("training/lessons/new.html", **frame(), form=form), 400
    return redirect(url_for(".edit", id=form.code.data, lang="zh"), 303)


@lesson_drafts.get("/<id>/edit/<lang>")
@permitted("training.edit")
def edit(id: str, lang: str) -> str:
    """The editor; ``?version=`` begins with an older version."""
    viewer, version = current_viewer(), request.args.get("version", "")
    with current_store().reading() as session:
        found = service.lesson_text(session, viewer, id, _known(lang))
        text = service.version_text(session, viewer, id, _known(lang), version) if version else found.text
    return _page(found, text)


@lesson_drafts.post("/<id>/edit/<lang>")
@permitted("training.edit")
def save(id: str, lang: str) -> ResponseReturnValue:
    """Check, save or publish what was written."""
    by, now, language, given = current_viewer(), clock.now(), _known(lang), written()
    found = _text(id, language)
    if given.act == "check":
        return _page(found, given.text, seen_id=given.seen_id)
    act = service.publish if given.act == "publish" else service.save_draft
    try:
        done(lambda session: act(session, by, id, language, given.text, seen_id=given.seen_id, now=now))
    except LessonTextMovedOnError as error:
        flash(sentence_of(error), "error")
        return _page(_text(id, language), given.text, is_conflict=True), 409
    except (LessonFaultyError, TextTooLongError) as error:
        flash(sentence_of(error), "error")
        return _page(found, given.text, seen_id=given.seen_id), 400
    if given.act == "publish":
        flash(_("已发布，从现在起大家读到的就是这一版。"), "success")
        return redirect(url_for("lessons.show", id=id), 303)
    flash(_("草稿已保存。"), "success")
    return redirect(url_for(".edit", id=id, lang=lang), 303)


@lesson_drafts.get("/<id>/versions/<lang>")
@permitted("training.edit")
def versions(id: str, lang: str) -> str:
    """What was written, and what each version changed."""
    viewer, language = current_viewer(), _known(lang)
    found = _text(id, language)
    named = [(str(one.id), one.text) for one in found.versions]
    named += [("shipped", found.shipped)] if found.shipped is not None else []
    newest = named[0][0] if named else ""
    new, old = request.args.get("new", newest), request.args.get("old", "")
    texts = dict(named)
    if not old:
        names = [name for name, _text_of in named]
        old = names[min(names.index(new) + 1, len(names) - 1)] if new in names else newest
    if named and (new not in texts or old not in texts):
        abort(404)
    return render_template(
        "training/lessons/versions.html",
        **frame(),
        found=found,
        new=new,
        old=old,
        lines=diff_lines(texts.get(old, ""), texts.get(new, "")),
        numbers={str(one.id): len(found.versions) - place for place, one in enumerate(found.versions)},
        may_publish=viewer.may("training.publish"),
    )


def _seen_draft(id: str, lang: str) -> SeenDraft | None:
    found = _text(id, _known(lang))
    if found.draft is None:
        return None
    return SeenDraft(_called(found, lang), found.newest_id, found.is_unborn)


add_dropping(
    lesson_drafts,
    "/<id>/drop/<lang>",
    _seen_draft,
    lambda session, by, id, lang, **seen: service.drop_draft(session, by, id, _known(lang), **seen),
    here=".edit",
    gone="lessons.index",
)


@lesson_drafts.get("/<id>/withdraw/<lang>")
@permitted("training.publish")
def ask_withdraw(id: str, lang: str) -> str:
    """Whether one is sure."""
    found = _text(id, _known(lang))
    if found.standing_text is None:
        abort(404)
    return render_template(
        "parts/confirm.html",
        title=_("撤下课程"),
        question=_("要撤下“%(title)s”吗？", title=_called(found, lang)),
        details=[
            _("大家不再读到它；两种语言都撤下后，这一课就不在课程里了。"),
            _("内容和读过的记录都保留，随时可以再发布。"),
        ],
        action=url_for(".withdraw", id=id, lang=lang),
        label=_("撤下"),
        back=url_for(".versions", id=id, lang=lang),
    )


@lesson_drafts.post("/<id>/withdraw/<lang>")
@permitted("training.publish")
def withdraw(id: str, lang: str) -> ResponseReturnValue:
    """Take it from the shelf."""
    by, now = current_viewer(), clock.now()
    try:
        done(lambda session: service.withdraw(session, by, id, _known(lang), now=now))
    except LessonNotThereError as error:
        flash(sentence_of(error), "error")
    else:
        flash(_("已撤下。"), "success")
    return redirect(url_for(".versions", id=id, lang=lang), 303)


def _known(lang: str) -> Language:
    if lang not in LANGUAGES:
        abort(404)
    return lang


def _text(id: str, language: Language) -> LessonText:
    with current_store().reading() as session:
        return service.lesson_text(session, current_viewer(), id, language)


def _called(found: LessonText, lang: str) -> str:
    """The lesson's title and which of its languages this is."""
    with current_store().reading() as session:
        lesson, _problems = service.problems_of(session, found.id, found.language, found.text, now=clock.now())
    return f"{lesson.own_title if lesson else service.title_in(found.text) or found.id} · {LANGUAGE_WORDS[lang]}"


def _page(found: LessonText, text: str, *, seen_id: int | None = None, is_conflict: bool = False) -> str:
    """The editor with a text in it, checked."""
    viewer = current_viewer()
    with current_store().reading() as session:
        lesson, problems = service.problems_of(session, found.id, found.language, text, now=clock.now())
    conflict = diff_lines(found.text, text) if is_conflict else ()
    return render_template(
        "training/lessons/edit.html",
        **frame(),
        found=found,
        text=text,
        name=lesson.own_title if lesson else service.title_in(text) or found.id,
        body=_body_of(text) if lesson is None else lesson.body,
        problems=placed(problems, text),
        has_errors=lesson is None,
        conflict=conflict,
        seen_id=found.newest_id if seen_id is None else seen_id,
        is_changed=text != (found.standing_text or ""),
        all_languages=LANGUAGES,
        may_publish=viewer.may("training.publish"),
    )


def _body_of(text: str) -> str:
    """What follows the head of a text that has mistakes, to be shown all the same."""
    pieces = text.split("\n---\n", 1)
    return pieces[1] if text.startswith("---\n") and len(pieces) == 2 else text
