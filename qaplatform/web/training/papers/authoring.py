"""Writing theory tests as YAML."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.services.training import papers as service
from qaplatform.services.training.papers import EDIT, PUBLISH, PaperSeen
from qaplatform.services.training.question_bank import topic_titles
from qaplatform.services.training.text_editing import FaultyTextError, TextMovedOnError
from qaplatform.services.training.texts import TextCodeError, TextTooLongError
from qaplatform.training.drawing import TooFewQuestionsError
from qaplatform.web.access import permitted, refuse
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.i18n import _, language
from qaplatform.web.sentences import sentence_of
from qaplatform.web.training.draft_dropping import SeenDraft, add_dropping
from qaplatform.web.training.papers import papers, words

_FAULTS = (FaultyTextError, TextMovedOnError, TextCodeError, TextTooLongError, TooFewQuestionsError)


@papers.get("/authored")
@permitted(EDIT)
def authored() -> str:
    """All tests, with what they could draw from."""
    with current_store().reading() as session:
        found, drafts = service.authored_papers(session, current_viewer())
        topics = topic_titles(session, language())
    return render_template("training/papers/authored.html", papers=found, drafts=drafts, topics=topics, words_of=words)


@papers.get("/authored/new")
@permitted(EDIT)
def new() -> str:
    """A test to begin with."""
    with current_store().reading() as session:
        seen = service.new_paper(session, current_viewer(), now=clock.now())
    return _page(seen)


@papers.get("/authored/<code>")
@permitted(EDIT)
def edit(code: str) -> str:
    """A test's text; ``version`` in the address is an older one."""
    return _page(_seen_or_404(code))


@papers.post("/authored/<code>")
@permitted(EDIT)
def save(code: str) -> ResponseReturnValue:
    """Look at it (``check``), keep it as a draft (``draft``) or publish it (``publish``)."""
    text = request.form.get("text", "").replace("\r\n", "\n")
    base_id, act = request.form.get("base", 0, type=int), request.form.get("act", "check")
    viewer, now = current_viewer(), clock.now()
    if act == "publish" and not viewer.may(PUBLISH):
        refuse(PUBLISH)
    if act in ("draft", "publish"):
        try:
            with current_store().writing() as session:
                service.save_paper(session, viewer, code, text, base_id=base_id, publish=act == "publish", now=now)
        except _FAULTS as error:
            flash(sentence_of(error), "error")
            return _page(_written(code, text)), 409 if isinstance(error, TextMovedOnError) else 400
        flash(_("已发布。") if act == "publish" else _("草稿已保存。"), "success")
        return redirect(url_for(".edit", code=code), 303)
    return _page(_written(code, text)), 200


def _called(seen: PaperSeen) -> str:
    """Its title; its code as long as it has none that can be read."""
    return (seen.paper.rules.title.in_language(language()) if seen.paper else "") or seen.code


def _seen_draft(code: str) -> SeenDraft | None:
    seen = _seen_or_404(code)
    if not seen.text.is_draft:
        return None
    return SeenDraft(_called(seen), seen.text.base_id, seen.is_unborn)


add_dropping(papers, "/authored/<code>/drop", _seen_draft, service.drop_draft, here=".edit", gone=".authored")


@papers.get("/authored/<code>/withdraw")
@permitted(PUBLISH)
def ask_withdraw(code: str) -> str:
    """Whether one is sure."""
    seen = _seen_or_404(code)
    return render_template(
        "parts/confirm.html",
        title=_("撤下试卷"),
        question=_("要撤下“%(title)s”吗？", title=_called(seen)),
        details=[_("之后没有人能再开始这份测验；正在进行的可以做完。"), _("已有的成绩都保留。以后可以重新发布。")],
        action=url_for(".withdraw", code=code),
        label=_("撤下"),
        back=url_for(".edit", code=code),
    )


@papers.post("/authored/<code>/withdraw")
@permitted(PUBLISH)
def withdraw(code: str) -> ResponseReturnValue:
    """Take it back."""
    with current_store().writing() as session:
        service.withdraw_paper(session, current_viewer(), code, now=clock.now())
    flash(_("试卷已撤下。"), "success")
    return redirect(url_for(".authored"), 303)


def _seen_or_404(code: str) -> PaperSeen:
    version = request.args.get("version", type=int)
    with current_store().reading() as session:
        return service.paper_seen(session, current_viewer(), code, version_id=version, now=clock.now())


def _written(code: str, text: str) -> PaperSeen:
    """The page of what was written; the version it was made from is the newest by now."""
    viewer, now = current_viewer(), clock.now()
    with current_store().reading() as session:
        seen = service.editable(session, viewer, code, now=now)
        return service.written_paper(session, viewer, seen, text, now=now)


def _page(seen: PaperSeen) -> str:
    viewer = current_viewer()
    with current_store().reading() as session:
        topics = topic_titles(session, language())
    return render_template(
        "training/papers/edit.html",
        seen=seen,
        topics=topics,
        faulty={one.line for one in seen.problems if one.severity == "error"},
        may_publish=viewer.may(PUBLISH),
        words_of=words,
    )
