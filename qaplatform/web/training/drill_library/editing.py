"""Writing a drill: by a form, or the YAML behind it; a new one, or one like another; putting a draft aside."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.services.training import drill_library as service
from qaplatform.services.training.drill_edits import edited_drill, loses_comments
from qaplatform.services.training.drill_library import EDIT, PUBLISH, DrillSeen, DrillTakenError
from qaplatform.services.training.text_editing import FaultyTextError, TextMovedOnError
from qaplatform.services.training.texts import TextCodeError, TextTooLongError
from qaplatform.training.drill_fields import drill_yaml
from qaplatform.web.access import permitted, refuse
from qaplatform.web.conversations.vocabulary import Vocabulary
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.forms import set_error
from qaplatform.web.i18n import _, language
from qaplatform.web.sentences import sentence_of
from qaplatform.web.training.draft_dropping import SeenDraft, add_dropping
from qaplatform.web.training.drill_library import drill_library
from qaplatform.web.training.drill_library.form import (
    DrillForm,
    NewDrillForm,
    filled,
    ready,
    sent_fields,
    show_problems,
)
from qaplatform.web.training.drill_library.listing import drill_page, seen_now, title_of

_FAULTS = (FaultyTextError, TextMovedOnError, TextCodeError, TextTooLongError)


@drill_library.get("/new")
@permitted(EDIT)
def new() -> str:
    """A new drill; ``like`` in the address: with what that one says; ``criterion``: of that one."""
    asked = request.args
    with current_store().reading() as session:
        fields = service.new_drill(
            session, current_viewer(), like=asked.get("like"), criterion=asked.get("criterion", ""), now=clock.now()
        )
    return _new_page(filled(NewDrillForm, fields, _criteria()))


@drill_library.post("/new")
@permitted(EDIT)
def create() -> ResponseReturnValue:
    """Keep its first draft, mistakes and all."""
    form, viewer, now = NewDrillForm(), current_viewer(), clock.now()
    code = form.code.data or ""
    text = drill_yaml(sent_fields(form, code))
    try:
        with current_store().writing() as session:
            service.create_drill(session, viewer, code, text, now=now)
    except (DrillTakenError, TextCodeError) as error:
        set_error(form.code, sentence_of(error))
        return _new_page(ready(form, _criteria())), 400
    except TextTooLongError as error:
        flash(sentence_of(error), "error")
        return _new_page(ready(form, _criteria())), 400
    flash(_("草稿已保存。"), "success")
    return redirect(url_for(".edit", code=code), 303)


@drill_library.get("/<code>/edit")
@permitted(EDIT)
def edit(code: str) -> ResponseReturnValue:
    """The form; what no form can show is written in the YAML."""
    seen = seen_now(code)
    if seen.fields is None:
        flash(_("这一版里有表单显示不了的内容，请在 YAML 里修改。"), "warning")
        return redirect(url_for(".edit_yaml", code=code, version=request.args.get("version")), 303)
    return _form_page(seen, filled(DrillForm, seen.fields, _criteria()))


@drill_library.post("/<code>/edit")
@permitted(EDIT)
def save(code: str) -> ResponseReturnValue:
    """Look at what the form says (``check``), keep it as a draft (``draft``) or publish it (``publish``)."""
    form = DrillForm()
    with current_store().reading() as session:
        before = service.drill_seen(session, current_viewer(), code, now=clock.now())
    kept = before.fields.kept if before.fields is not None else ""
    text = edited_drill(before.text.text, sent_fields(form, code, kept))
    status = _kept(code, text)
    if status is None:
        return redirect(url_for(".show", code=code), 303)
    return _form_page(_written(code, text), ready(form, _criteria())), status


@drill_library.get("/<code>/yaml")
@permitted(EDIT)
def edit_yaml(code: str) -> str:
    """The YAML; ``version`` in the address is an older one."""
    return drill_page("yaml", seen_now(code))


@drill_library.post("/<code>/yaml")
@permitted(EDIT)
def save_yaml(code: str) -> ResponseReturnValue:
    """The same as :func:`save`, with the YAML as it was written."""
    text = request.form.get("text", "").replace("\r\n", "\n")
    status = _kept(code, text)
    if status is None:
        return redirect(url_for(".show", code=code), 303)
    return drill_page("yaml", _written(code, text)), status


def _seen_draft(code: str) -> SeenDraft | None:
    seen = seen_now(code)
    if not seen.text.is_draft:
        return None
    return SeenDraft(title_of(seen), seen.text.base_id, seen.state == "unborn")


add_dropping(drill_library, "/<code>/drop", _seen_draft, service.drop_draft, here=".show", gone=".index")


def _kept(code: str, text: str) -> int | None:
    """Do what was asked for; ``None``: it is done, else the status of the page that shows the text again."""
    act, base_id = request.form.get("act", "check"), request.form.get("base", 0, type=int)
    viewer, now = current_viewer(), clock.now()
    if act not in ("draft", "publish"):
        return 200
    if act == "publish" and not viewer.may(PUBLISH):
        refuse(PUBLISH)
    try:
        if act == "publish":
            # The first time the rubric is compiled takes seconds, for which nobody who wants to write should have to wait.
            _written(code, text)
        with current_store().writing() as session:
            service.save_drill(session, viewer, code, text, base_id=base_id, publish=act == "publish", now=now)
    except _FAULTS as error:
        flash(sentence_of(error), "error")
        return 409 if isinstance(error, TextMovedOnError) else 400
    flash(_("已发布，之后的练习用这一版。") if act == "publish" else _("草稿已保存。"), "success")
    return None


def _written(code: str, text: str) -> DrillSeen:
    with current_store().reading() as session:
        return service.written_drill(session, current_viewer(), code, text, now=clock.now())


def _form_page(seen: DrillSeen, form: DrillForm) -> str:
    left = show_problems(form, seen.problems, seen.text.text)
    return drill_page("edit", seen, form=form, unplaced=left, loses_comments=loses_comments(seen.text.text))


def _new_page(form: DrillForm) -> str:
    return render_template("training/drill_library/new.html", form=form, like=request.args.get("like"))


def _criteria() -> list[tuple[str, str]]:
    return Vocabulary(language()).criteria()
