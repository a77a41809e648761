"""Learning paths: what there is, what each asks for, and writing them."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import IntegerField, StringField, SubmitField

from qaplatform import clock
from qaplatform.errors import QAPlatformError
from qaplatform.services.access import AccessError
from qaplatform.services.browsing import NotThereError
from qaplatform.services.rubric_diffs import file_diffs
from qaplatform.services.training import learning_paths as service
from qaplatform.services.training.board import BoardAsked, board
from qaplatform.services.training.learning_paths import EDIT, PUBLISH, PathMovedOnError, PathText
from qaplatform.training.paths import Step
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.forms import Form, at_most, between, required, stripped
from qaplatform.web.i18n import _, lazy
from qaplatform.web.sentences import sentence_of
from qaplatform.web.submitting import submitted
from qaplatform.web.training.draft_dropping import SeenDraft, add_dropping
from qaplatform.web.training.path_words import in_words

learning_paths = Blueprint("learning_paths", __name__, url_prefix="/training/paths")
_PLACES = {"training.path_taken": "code", "training.text_code": "code"}


class CopyForm(Form):
    """The id of a new path."""

    code = StringField(lazy("新路径的编号"), [required(), at_most(60)], [stripped])
    submit = SubmitField(lazy("复制为草稿"))


class StepForm(Form):
    """What is often changed of a step."""

    zh = StringField(lazy("名称（中文）"), [required(), at_most(200)], [stripped])
    en = StringField(lazy("名称（英文）"), [required(), at_most(200)], [stripped])
    due = IntegerField(lazy("第几个工作日到期"), [required(), between(1, 750)])
    times = IntegerField(lazy("次数"), [required(), between(1, 1000)])
    submit = SubmitField(lazy("存为草稿"))


@learning_paths.get("")
@permitted("training.see")
def index() -> str:
    """All paths."""
    viewer = current_viewer()
    with current_store().reading() as session:
        lines = service.path_lines(session)
    if not viewer.may(EDIT):
        lines = [one for one in lines if one.path is not None]
    return render_template("training/learning_paths/index.html", lines=lines, may_edit=viewer.may(EDIT))


@learning_paths.get("/<code>")
@permitted("training.see")
def show(code: str) -> ResponseReturnValue:
    """What a path asks for, and who is on it. Where only a draft is there, that is opened."""
    viewer, now = current_viewer(), clock.now()
    with current_store().reading() as session:
        line = next((one for one in service.path_lines(session) if one.code == code), None)
        people = board(session, viewer, BoardAsked(path=code), now=now) if line and line.people else None
    if line is None or (line.path is None and not viewer.may(EDIT)):
        abort(404)
    if line.path is None:
        return redirect(url_for(".edit", code=code), 303)
    return render_template(
        "training/learning_paths/show.html",
        line=line,
        path=line.path,
        rows=people.rows if people else (),
        may_edit=viewer.may(EDIT),
        may_publish=viewer.may(PUBLISH),
    )


@learning_paths.get("/<code>/versions")
@permitted(EDIT)
def versions(code: str) -> str:
    """All versions of a path."""
    with current_store().reading() as session:
        found = service.versions(session, code)
    return render_template("training/learning_paths/versions.html", code=code, versions=found)


@learning_paths.get("/<code>/edit")
@permitted(EDIT)
def edit(code: str) -> str:
    """The path as YAML, with its mistakes beside it; ``version`` in the address takes an older version up again."""
    with current_store().reading() as session:
        wanted = request.args.get("version", "")
        old = next((one for one in service.versions(session, code) if wanted == str(one.id or "shipped")), None)
        text = service.path_text(session, code, now=clock.now(), written=old.text if old and old.text else None)
    return _edit_page(text)


@learning_paths.post("/<code>/edit")
@permitted(EDIT)
def save(code: str) -> ResponseReturnValue:
    """Save a draft."""
    by, now = current_viewer(), clock.now()
    text, seen = _sent()
    try:
        with current_store().writing() as session:
            service.path_text(session, code, now=now)
            service.save_draft(session, by, code, text, seen=seen, now=now)
    except QAPlatformError as error:
        return _refused(code, text, error)
    flash(_("草稿已保存。"), "success")
    return redirect(url_for(".edit", code=code), 303)


@learning_paths.post("/<code>/publish")
@permitted(PUBLISH)
def publish(code: str) -> ResponseReturnValue:
    """Let what was written stand."""
    by, now = current_viewer(), clock.now()
    text, seen = _sent()
    try:
        with current_store().writing() as session:
            service.path_text(session, code, now=now)
            service.publish(session, by, code, text, seen=seen, now=now)
    except QAPlatformError as error:
        return _refused(code, text, error)
    flash(_("路径已发布，在这条路径上的人从现在起按新的内容进行。"), "success")
    return redirect(url_for(".show", code=code), 303)


@learning_paths.get("/<code>/steps/<step>")
@permitted(EDIT)
def edit_step(code: str, step: str) -> str:
    """A form for what is often changed of a step."""
    text, found = _text_with_step(code, step)
    form = StepForm(
        formdata=None, zh=found.title.zh, en=found.title.en, due=found.due_working_day, times=found.times
    )  # fmt: skip
    return _step_page(text, found, form)


@learning_paths.post("/<code>/steps/<step>")
@permitted(EDIT)
def save_step(code: str, step: str) -> ResponseReturnValue:
    """Save it as a draft."""
    text, found = _text_with_step(code, step)
    form, by, now = StepForm(), current_viewer(), clock.now()
    if not found_has_times(found):
        form.times.data = found.times
    seen = request.form.get("seen", -1, type=int)

    def act(session: object) -> None:
        title: Mapping[str, str] = {"zh": form.zh.data or "", "en": form.en.data or ""}
        new = service.step_changed(text.text, found, title=title, due=form.due.data, times=form.times.data)
        service.save_draft(session, by, code, new, seen=seen, now=now)  # type: ignore[arg-type]

    if submitted(form, act) is None:
        return _step_page(text, found, form), 400
    flash(_("已存为草稿，发布后生效。"), "success")
    return redirect(url_for(".edit", code=code), 303)


@learning_paths.get("/<code>/copy")
@permitted(EDIT)
def ask_copy(code: str) -> str:
    """What the new path shall be called."""
    return _copy_page(code, CopyForm(formdata=None, code=f"{code}-2"))


@learning_paths.post("/<code>/copy")
@permitted(EDIT)
def copy(code: str) -> ResponseReturnValue:
    """Begin a new path from this one."""
    form, by, now = CopyForm(), current_viewer(), clock.now()
    made = submitted(form, lambda session: service.copy_path(session, by, code, form.code.data or "", now=now), _PLACES)
    if made is None:
        return _copy_page(code, form), 400
    flash(_("已复制为草稿。改好以后再发布。"), "success")
    return redirect(url_for(".edit", code=form.code.data), 303)


def _seen_draft(code: str) -> SeenDraft | None:
    with current_store().reading() as session:
        text = service.path_text(session, code, now=clock.now())
    if text.state != "draft":
        return None
    title = in_words(text.path.title) if text.path else code
    return SeenDraft(title if text.standing else f"{title} ({code})", text.seen, text.is_unborn)


add_dropping(learning_paths, "/<code>/drop", _seen_draft, service.drop_draft, here=".edit", gone=".index")


@learning_paths.get("/<code>/withdraw")
@permitted(PUBLISH)
def ask_withdraw(code: str) -> str:
    """Whether one is sure."""
    with current_store().reading() as session:
        path = service.path_named(session, code)
    return render_template(
        "parts/confirm.html",
        title=_("撤下路径"),
        question=_("要撤下“%(title)s”吗？", title=in_words(path.title)),
        details=[_("之后不能再安排人走这条路径。"), _("以前的版本和记录都留着，随时可以再发布。")],
        action=url_for(".withdraw", code=code),
        label=_("撤下"),
        back=url_for(".show", code=code),
    )


@learning_paths.post("/<code>/withdraw")
@permitted(PUBLISH)
def withdraw(code: str) -> ResponseReturnValue:
    """Take a path back."""
    by, now = current_viewer(), clock.now()
    try:
        with current_store().writing() as session:
            service.withdraw(session, by, code, now=now)
    except (AccessError, NotThereError):
        raise
    except QAPlatformError as error:
        flash(sentence_of(error), "error")
        return redirect(url_for(".show", code=code), 303)
    flash(_("路径已撤下。"), "success")
    return redirect(url_for(".index"), 303)


def found_has_times(step: Step) -> bool:
    """Whether a step's kind asks for a number of times."""
    return step.kind not in {"lesson", "theory_test"}


def _sent() -> tuple[str, int]:
    return request.form.get("text", "").replace("\r\n", "\n"), request.form.get("seen", -1, type=int)


def _refused(code: str, text: str, error: QAPlatformError) -> ResponseReturnValue:
    """The page with what was written, and what was saved in between."""
    if isinstance(error, AccessError):
        raise error
    if not hasattr(error, "code") or getattr(error, "code", "") == "not_there":
        raise error
    with current_store().reading() as session:
        theirs = service.path_text(session, code, now=clock.now())
        mine = service.path_text(session, code, now=clock.now(), written=text)
    flash(sentence_of(error), "error")
    is_conflict = isinstance(error, PathMovedOnError)
    return _edit_page(mine, theirs if is_conflict else None), 409 if is_conflict else 400


def _edit_page(text: PathText, theirs: PathText | None = None) -> str:
    faulty = {one.line for one in text.problems}
    lines = text.text.split("\n")
    return render_template(
        "training/learning_paths/edit.html",
        text=text,
        lines=[(number, line, number in faulty) for number, line in enumerate(lines, 1)],
        conflict=file_diffs({text.code: theirs.text}, {text.code: text.text}) if theirs else [],
        may_publish=current_viewer().may(PUBLISH),
    )


def _text_with_step(code: str, id: str) -> tuple[PathText, Step]:
    with current_store().reading() as session:
        text = service.path_text(session, code, now=clock.now())
    found = next((one for one in text.path.steps if one.id == id), None) if text.path else None
    if found is None:
        abort(404)
    return text, found


def _step_page(text: PathText, step: Step, form: StepForm) -> str:
    return render_template(
        "training/learning_paths/step.html", text=text, step=step, form=form, has_times=found_has_times(step)
    )


def _copy_page(code: str, form: CopyForm) -> str:
    with current_store().reading() as session:
        text = service.path_text(session, code, now=clock.now())
    return render_template("training/learning_paths/copy.html", text=text, form=form)
