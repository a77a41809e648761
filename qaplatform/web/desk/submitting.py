"""What the desk sends: answers that are kept, and the review itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.audit.masking import Masked
from qaplatform.errors import QAPlatformError
from qaplatform.services.browsing import NotThereError
from qaplatform.services.conversation_pages import ASK_MODEL, Asked, conversation_page
from qaplatform.services.review_answers import UnansweredError
from qaplatform.services.review_drafts import Draft
from qaplatform.services.reviewing import (
    GIVE,
    ItemChangedError,
    ReviewedMeanwhileError,
    Work,
    criteria_to_answer,
    next_item,
    save,
    submit,
    work_of,
)
from qaplatform.web.access import permitted
from qaplatform.web.conversations import ID
from qaplatform.web.conversations.asking import flash_asked
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.desk import desk
from qaplatform.web.desk.answers import answers_in, new_comment, new_finding, summary_in, without
from qaplatform.web.desk.listing import towards
from qaplatform.web.desk.showing import page_of
from qaplatform.web.i18n import _, language
from qaplatform.web.numbers import number_in
from qaplatform.web.sentences import sentence_of


@desk.post(f"/<{ID}:id>/draft")
@permitted(GIVE)
def keep(id: int) -> ResponseReturnValue:
    """Keep what was answered so far; asked for in the background."""
    try:
        with current_store().writing() as session:
            work = work_of(session, current_viewer(), id)
            version = save(session, work, _answered(session, work), version=_version(), now=clock.now())
    except NotThereError:
        abort(404)
    except QAPlatformError as error:
        return jsonify(message=str(sentence_of(error))), 409
    return jsonify(version=version, message=_("草稿已保存"))


@desk.post(f"/<{ID}:id>")
@permitted(GIVE)
def act(id: int) -> ResponseReturnValue:
    """Add to the draft, take away from it, keep it, or submit the review."""
    action = request.form.get("action", "save")
    try:
        return _submitted(id) if action == "submit" else _kept(id, action)
    except NotThereError:
        abort(404)
    except UnansweredError as error:
        return page_of(id, given=request.form, unanswered=error), 422
    except ReviewedMeanwhileError as error:
        flash(sentence_of(error), "error")
        return page_of(id, given=request.form, newer_review_id=error.review_id), 409
    except ItemChangedError as error:
        return render_template("desk/changed.html", sentence=sentence_of(error), id=id), 409
    except QAPlatformError as error:
        flash(sentence_of(error), "error")
        return page_of(id, given=request.form), 422


def _submitted(id: int) -> ResponseReturnValue:
    viewer, now = current_viewer(), clock.now()
    with current_store().writing() as session:
        work = work_of(session, viewer, id)
        draft = _answered(session, work)
        seen = number_in(request.form, "seen")
        submit(session, viewer, work, draft, version=_version(), seen_review_id=seen, now=now)
        # What comes next is taken in the same transaction: it is the disk that one waits for.
        next_id = next_item(session, viewer, now=now, but=id)
    flash(_("复核已提交。"), "success")
    return towards(next_id)


def _kept(id: int, action: str) -> ResponseReturnValue:
    verb, _colon, what = action.partition(" ")
    with current_store().writing() as session:
        work = work_of(session, current_viewer(), id)
        draft = _answered(session, work)
        if verb == "remove":
            draft = without(draft, what)
        save(session, work, draft, version=_version(), now=clock.now())
    if verb == "ask":
        if work.item.is_blind or not current_viewer().may(ASK_MODEL):
            abort(404)
        flash_asked(work.item.conversation_id)
    anchor = {"add": "added", "comment": "comments", "ask": "asking", "remove": what.partition(":")[0] or None}.get(
        verb
    )
    return redirect(url_for(".show", id=id, _anchor=anchor), 303)


def _answered(session: Any, work: Work) -> Draft:
    """The draft as the form says it, with what it adds."""
    fields, kept = request.form, work.draft
    outcomes = criteria_to_answer(session, work)
    draft = Draft(
        answers_in(fields, outcomes, is_blind=work.item.is_blind), kept.added, kept.comments, summary_in(fields)
    )
    if fields.get("action") is None:
        return draft  # In the background: what is still being written is not added yet.
    if fields.get("new-words") or fields.get("action") == "add":
        found = new_finding(fields, _masked(session, work))
        draft = draft if found is None else msgspec.structs.replace(draft, added=(*draft.added, found))
    comment = new_comment(fields, work.row.message_count)
    return draft if comment is None else msgspec.structs.replace(draft, comments=(*draft.comments, comment))


def _masked(session: Any, work: Work) -> Sequence[Masked]:
    asked = Asked(work.item.audit_id, work.item.revision)
    return conversation_page(
        session, current_viewer(), work.item.conversation_id, asked=asked, language=language()
    ).masked


def _version() -> int:
    return number_in(request.form, "version") or 0
