"""Writing a question as YAML, putting a draft aside, taking a question back."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.audit.problem import Problem
from qaplatform.services.training import question_bank as service
from qaplatform.services.training.question_bank import EDIT, PUBLISH
from qaplatform.services.training.rubric_keys import criterion_titles
from qaplatform.services.training.text_editing import (
    EditedText,
    FaultyTextError,
    TextMovedOnError,
    edited_text,
)
from qaplatform.services.training.texts import TextCodeError, TextTooLongError
from qaplatform.training.questions import KINDS, Kind
from qaplatform.web.access import permitted, refuse
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.i18n import _
from qaplatform.web.sentences import sentence_of
from qaplatform.web.training.draft_dropping import SeenDraft, add_dropping
from qaplatform.web.training.papers import showing, words
from qaplatform.web.training.questions import questions

_FAULTS = (FaultyTextError, TextMovedOnError, TextCodeError, TextTooLongError)


@questions.get("/new")
@permitted(EDIT)
def new() -> str:
    """A question to begin with; ``kind`` in the address says of which kind."""
    kind: Kind = next((one for one in KINDS if one == request.args.get("kind")), "single")
    now = clock.now()
    with current_store().reading() as session:
        text = service.new_question(session, current_viewer(), kind)
        problems = service.check_question_text(session, text.code, text.text, now=now)
    return _page(text, problems, is_new=True)


@questions.get("/<code>/edit")
@permitted(EDIT)
def edit(code: str) -> str:
    """A question's text; ``version`` in the address is an older one."""
    version = request.args.get("version", type=int)
    with current_store().reading() as session:
        seen = service.question_seen(session, current_viewer(), code, version_id=version, now=clock.now())
    return _page(seen.text, seen.problems)


@questions.post("/<code>/edit")
@permitted(EDIT)
def save(code: str) -> ResponseReturnValue:
    """Look at it (``check``), keep it as a draft (``draft``) or publish it (``publish``)."""
    text = request.form.get("text", "").replace("\r\n", "\n")
    base_id, act = request.form.get("base", 0, type=int), request.form.get("act", "check")
    viewer, now = current_viewer(), clock.now()
    if act == "publish" and not viewer.may(PUBLISH):
        refuse(PUBLISH)
    status = 200
    if act in ("draft", "publish"):
        try:
            with current_store().writing() as session:
                service.save_question(session, viewer, code, text, base_id=base_id, publish=act == "publish", now=now)
        except _FAULTS as error:
            flash(sentence_of(error), "error")
            status = 409 if isinstance(error, TextMovedOnError) else 400
        else:
            flash(_("已发布。") if act == "publish" else _("草稿已保存。"), "success")
            return redirect(url_for(".show", code=code), 303)
    with current_store().reading() as session:
        kept = edited_text(session, "question", code, text)
        problems = service.check_question_text(session, code, text, now=now)
    written = EditedText(code, text, kept.base_id, kept.is_draft, kept.versions)
    return _page(written, problems, is_new=not kept.versions), status


def _seen_draft(code: str) -> SeenDraft | None:
    with current_store().reading() as session:
        seen = service.question_seen(session, current_viewer(), code, now=clock.now())
    if not seen.text.is_draft:
        return None
    return SeenDraft(_("题目 %(code)s", code=code), seen.text.base_id, seen.is_unborn)


add_dropping(questions, "/<code>/drop", _seen_draft, service.drop_draft, here=".show", gone=".index")


@questions.get("/<code>/withdraw")
@permitted(PUBLISH)
def ask_withdraw(code: str) -> str:
    """Whether one is sure."""
    with current_store().reading() as session:
        seen = service.question_seen(session, current_viewer(), code, now=clock.now())
    return render_template(
        "parts/confirm.html",
        title=_("撤下题目"),
        question=_("要撤下“%(title)s”吗？", title=_("题目 %(code)s", code=seen.code)),
        details=[
            _("之后的测验不会再抽到它；正在进行的测验不受影响。"),
            _("已有的作答和成绩都保留。以后可以重新发布。"),
        ],
        action=url_for(".withdraw", code=code),
        label=_("撤下"),
        back=url_for(".show", code=code),
    )


@questions.post("/<code>/withdraw")
@permitted(PUBLISH)
def withdraw(code: str) -> ResponseReturnValue:
    """Take it out of the bank."""
    with current_store().writing() as session:
        service.withdraw_question(session, current_viewer(), code, now=clock.now())
    flash(_("题目已撤下。"), "success")
    return redirect(url_for(".index"), 303)


def _page(text: EditedText, problems: tuple[Problem, ...], *, is_new: bool = False) -> str:
    question = service.read_question(text.code, text.text)
    with current_store().reading() as session:
        titles = criterion_titles(session, now=clock.now())
    return render_template(
        "training/questions/edit.html",
        text=text,
        problems=problems,
        faulty={one.line for one in problems if one.severity == "error"},
        shown=showing.as_asked(question) if question else None,
        question=question,
        is_new=is_new,
        kinds=KINDS,
        titles=titles,
        may_publish=current_viewer().may(PUBLISH),
        words_of=words,
        showing=showing,
    )
