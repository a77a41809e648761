"""Asking a language model about one conversation, how far it is, and what was sent for it."""

from __future__ import annotations

from flask import abort, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.errors import QAPlatformError
from qaplatform.services.browsing import NotThereError
from qaplatform.services.conversation_pages import ASK_MODEL, SEE_MODEL, sent_words
from qaplatform.services.grading_runs import ask_one, run_about
from qaplatform.store.grading_runs import LIVE, ReadRun
from qaplatform.web.access import permitted
from qaplatform.web.conversations import ID, conversations
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.grader_words import problem_words
from qaplatform.web.i18n import _
from qaplatform.web.sentences import SENTENCES, sentence_of


@conversations.post(f"/<{ID}:id>/ask")
@permitted(ASK_MODEL)
def ask(id: int) -> ResponseReturnValue:
    """Have a model answer the questions about it."""
    flash_asked(id)
    return redirect(_page(id), 303)


def _page(id: int) -> str:
    return url_for("conversations.show", id=id, _anchor="graded")


def flash_asked(id: int) -> None:
    """Ask, and say what stood in the way."""
    try:
        with current_store().writing() as session:
            ask_one(session, current_viewer(), id, now=clock.now())
    except NotThereError:
        abort(404)
    except QAPlatformError as error:
        flash(sentence_of(error), "error")


@conversations.get(f"/<{ID}:id>/asked")
@permitted(SEE_MODEL)
def asked(id: int) -> ResponseReturnValue:
    """How far the asking is; asked for in the background, and followed by the answers once it has ended."""
    from qaplatform.web.conversations.showing import graded_part  # noqa: PLC0415 - its page shows this part

    with current_store().reading() as session:
        run = run_about(session, current_viewer(), id)
    if run is not None and run.state in LIVE:
        return render_template("conversations/_asking.html", run=run, at=url_for(".asked", id=id), back=_page(id))
    return graded_part(id, ended=ended_words(run))


def ended_words(run: ReadRun | None) -> str:
    """Why a run came to an end before it had asked; empty where it did not."""
    if run is None or run.state == "done":
        return ""
    why = run.ended_why or ""
    if why in SENTENCES:
        return str(SENTENCES[why])
    return problem_words(why) if why.startswith(("call:", "budget:")) else _("没有问完，请稍后再问。")


@conversations.get(f"/<{ID}:id>/sent/<text_hash>")
@permitted(SEE_MODEL)
def sent(id: int, text_hash: str) -> str:
    """What was sent of it, masked, word for word."""
    with current_store().reading() as session:
        found = sent_words(session, current_viewer(), id, text_hash)
    g.zone = found.row.timezone
    return render_template("conversations/sent.html", sent=found, title=_("发送给模型的文字"))
