"""Trying a draft out: on a pasted chat, beside what holds now, and on its own examples."""

from __future__ import annotations

from flask import flash, request
from flask.typing import ResponseReturnValue

from qaplatform.audit.context import Context
from qaplatform.formats.writing.wording import Wording
from qaplatform.services.rubric_drafts import EDIT
from qaplatform.services.rubric_releases import SEE
from qaplatform.services.rubric_trials import PastedChatError, pasted_chat, run_examples, try_chat
from qaplatform.web.access import permitted
from qaplatform.web.current import current_settings
from qaplatform.web.i18n import language
from qaplatform.web.rubrics import rubrics
from qaplatform.web.rubrics.drafts import draft_page, seen_or_404
from qaplatform.web.sentences import sentence_of


@rubrics.get("/drafts/<int:draft_id>/try")
@permitted(SEE)
def try_out(draft_id: int) -> str:
    """Where a chat is pasted."""
    return draft_page("try", seen_or_404(draft_id), text="", tried=None)


@rubrics.post("/drafts/<int:draft_id>/try")
@permitted(EDIT)
def try_pasted(draft_id: int) -> ResponseReturnValue:
    """A pasted chat under what holds and under the draft; nothing of it is kept."""
    seen, text = seen_or_404(draft_id), request.form.get("chat", "")
    if seen.rubric is None:
        return draft_page("try", seen, text=text, tried=None), 400
    zone = current_settings().timezone
    try:
        conversation = pasted_chat(text, zone)
    except PastedChatError as error:
        flash(sentence_of(error), "error")
        return draft_page("try", seen, text=text, tried=None), 400
    context = Context(timezone=zone)
    tried = try_chat(conversation, seen.newest.rubric, seen.rubric, context)
    wordings = [Wording(one, context, language()) for one in (seen.newest.rubric, seen.rubric)]
    return draft_page("try", seen, text=text, tried=tried, old_words=wordings[0], new_words=wordings[1])


@rubrics.get("/drafts/<int:draft_id>/examples")
@permitted(SEE)
def examples(draft_id: int) -> str:
    """What running the examples is about."""
    return draft_page("examples", seen_or_404(draft_id), run=None)


@rubrics.post("/drafts/<int:draft_id>/examples")
@permitted(EDIT)
def run(draft_id: int) -> ResponseReturnValue:
    """Run the examples of a draft."""
    seen = seen_or_404(draft_id)
    if seen.rubric is None:
        return draft_page("examples", seen, run=None), 400
    return draft_page("examples", seen, run=run_examples(seen.rubric))
