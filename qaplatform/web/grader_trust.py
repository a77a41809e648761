"""How far language models are trusted, in the browser: per question, wording and model; and a lead's say in it."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.audit.trust import VERDICTS
from qaplatform.services import grader_trust as services
from qaplatform.services.trust_wording import words_asked
from qaplatform.store.llm_trust import Asked
from qaplatform.web import grader_words, trust_words
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.i18n import _
from qaplatform.web.paging import page_number, page_of
from qaplatform.web.submitting import done, missing_is_404

grader_trust = Blueprint("grader_trust", __name__, url_prefix="/grader/trust")
PAGE_SIZE = 50
SAID = (*VERDICTS, "unsure")


@grader_trust.get("")
@permitted("grader.see")
def index() -> str:
    """Every question, wording and model."""
    prompt, model = request.args.get("prompt") or None, request.args.get("model") or None
    with current_store().reading() as session:
        found = services.trust_page(
            session, current_viewer(), prompt=prompt, model=model, page=page_number(), page_size=PAGE_SIZE
        )
    return render_template(
        "grader_trust/index.html", found=found, page=page_of(found.lines, PAGE_SIZE, found.total), prompt=prompt,
        model=model, words_of=trust_words,
    )  # fmt: skip


@grader_trust.get("/<prompt>/<question_hash>/<path:model>")
@permitted("grader.see")
def show(prompt: str, question_hash: str, model: str) -> str:
    """One of them: figures side by side, what is missing, and the chats behind each count."""
    viewer = current_viewer()
    said, ruled = request.args.get("said"), request.args.get("ruled")
    if (said is None) != (ruled is None) or said not in (None, *SAID) or ruled not in (None, *VERDICTS):
        abort(404)
    chats = None
    with missing_is_404(), current_store().reading() as session:
        found = services.figures(session, viewer, prompt, question_hash, model)
        asked_words = words_asked(session, found.measured)
        if said is not None and ruled is not None:
            rows, total = services.cell_chats(
                session, viewer, found.measured, said=said, ruled=ruled, page=page_number(), page_size=PAGE_SIZE
            )
            chats = page_of(rows, PAGE_SIZE, total)
    return render_template(
        "grader_trust/show.html", found=found, trust=found.measured.trust, asked=found.measured.asked,
        asked_words=asked_words, chats=chats, said=said, ruled=ruled, verdicts=VERDICTS, all_said=SAID,
        names=grader_words.VERDICTS, words_of=trust_words, may_manage=viewer.may("grader.manage"),
    )  # fmt: skip


@grader_trust.post("/<prompt>/<question_hash>/<path:model>")
@permitted("grader.manage")
def hold_back(prompt: str, question_hash: str, model: str) -> ResponseReturnValue:
    """Keep a model's answers to a question from counting, or let them count again."""
    viewer, now, asked = current_viewer(), clock.now(), Asked(prompt, question_hash, model)
    is_held_back = request.form.get("held") == "yes"
    done(lambda session: services.hold_back(session, viewer, asked, is_held_back=is_held_back, now=now))
    if is_held_back:
        flash(_("已禁止计分。它的回答只作参考，相关会话的分数几分钟内更新。"), "success")
    else:
        flash(_("已允许计分。到了信任线的回答会计分，相关会话的分数几分钟内更新。"), "success")
    return redirect(url_for(".show", prompt=prompt, question_hash=question_hash, model=model), 303)
