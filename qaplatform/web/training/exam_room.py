"""``/exams/<sitting>``: the exam room, with what its script asks and tells in the background."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from flask import abort, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.errors import QAPlatformError
from qaplatform.services.browsing import NotThereError
from qaplatform.services.training import exam_room as service
from qaplatform.services.training.catalogue import scenarios_now
from qaplatform.services.training.exam_room import Dialogue, Room
from qaplatform.training.quick_phrases import shipped_quick_phrases
from qaplatform.web.access import permitted
from qaplatform.web.conversations import ID
from qaplatform.web.conversations.vocabulary import tier
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.i18n import _, language
from qaplatform.web.numbers import number_in
from qaplatform.web.sentences import sentence_of
from qaplatform.web.training import exam_words
from qaplatform.web.training.exams import LEARN, exams

_LAST_CHARS = 40


@exams.get(f"/<{ID}:sitting_id>")
@permitted(LEARN)
def room(sitting_id: int) -> str:
    """The room as it is now."""
    shown = _room(sitting_id)
    opened = [one for one in shown.dialogues if _is_open(one)]
    wanted = number_in(request.args, "customer")
    here = next((one for one in opened if one.place == wanted), None) or _most_pressing(opened)
    return render_template(
        "training/exams/room.html", room=shown, here_id=here.id if here else None,
        opened_ids=[one.id for one in opened], **_words(),
    )  # fmt: skip


@exams.get(f"/<{ID}:sitting_id>/news")
@permitted(LEARN)
def news(sitting_id: int) -> ResponseReturnValue:
    """What is new since the lines the page says it has seen."""
    return jsonify(_news(_room(sitting_id), _seen(request.args.get("seen", ""))))


@exams.post(f"/<{ID}:sitting_id>/<{ID}:dialogue_id>/send")
@permitted(LEARN)
def send(sitting_id: int, dialogue_id: int) -> ResponseReturnValue:
    """Write to the customer. The same message sent twice is one."""
    text, key, now = request.form.get("text", ""), request.form.get("sent_key", "")[:40], clock.now()
    refused: QAPlatformError | None = None
    number: int | None = None
    try:
        with current_store().writing() as session:
            sent = service.write(session, current_viewer(), dialogue_id, text, key or secrets.token_hex(16), now=now)
            number = sent.number
    except NotThereError:
        abort(404)
    except QAPlatformError as error:
        refused = error
    if not _asks_for_json():
        if refused is not None:
            flash(sentence_of(refused), "error")
        return _to_room(sitting_id)
    told: dict[str, Any] = {"number": number}
    if refused is not None:
        told["message"] = str(sentence_of(refused))
    told["news"] = _news(_room(sitting_id), _seen(request.form.get("seen", "")))
    return jsonify(told), 200 if refused is None else 409


@exams.post(f"/<{ID}:sitting_id>/<{ID}:dialogue_id>/draft")
@permitted(LEARN)
def keep_draft(sitting_id: int, dialogue_id: int) -> ResponseReturnValue:
    """Keep what stands in the field; without a script also to look for what is new, and to insert a quick phrase."""
    text = request.form.get("text", "")
    phrase = next((one for one in shipped_quick_phrases() if one.id == request.form.get("insert")), None)
    if phrase is not None:
        text += phrase.says.in_language(language())
    try:
        with current_store().writing() as session:
            service.keep_draft(session, current_viewer(), dialogue_id, text, now=clock.now())
    except NotThereError:
        abort(404)
    except QAPlatformError as error:
        if _asks_for_json():
            return jsonify(message=str(sentence_of(error))), 409
        flash(sentence_of(error), "error")
    return jsonify(kept=True) if _asks_for_json() else _to_room(sitting_id)


@exams.post(f"/<{ID}:sitting_id>/<{ID}:dialogue_id>/hang-up")
@permitted(LEARN)
def hang_up(sitting_id: int, dialogue_id: int) -> ResponseReturnValue:
    """End the talk with one customer."""
    try:
        with current_store().writing() as session:
            service.hang_up(session, current_viewer(), dialogue_id, now=clock.now())
    except NotThereError:
        abort(404)
    except QAPlatformError as error:
        flash(sentence_of(error), "error")
    return _to_room(sitting_id)


@exams.get(f"/<{ID}:sitting_id>/leave")
@permitted(LEARN)
def ask_to_leave(sitting_id: int) -> ResponseReturnValue:
    """Whether it shall really end."""
    shown = _room(sitting_id)
    if shown.ended:
        return redirect(url_for(".room", sitting_id=sitting_id), 303)
    return render_template(
        "parts/confirm.html",
        title=_("交卷"),
        question=_("现在交卷吗？"),
        action=url_for(".leave", sitting_id=sitting_id),
        label=_("交卷"),
        back=url_for(".room", sitting_id=sitting_id),
        details=[_("所有还没有结束的对话都会结束，按已有的内容评分。"), _("在这里考虑的时间也在计时。")],
    )


@exams.post(f"/<{ID}:sitting_id>/leave")
@permitted(LEARN)
def leave(sitting_id: int) -> ResponseReturnValue:
    """End the whole sitting."""
    try:
        with current_store().writing() as session:
            service.leave(session, current_viewer(), sitting_id, now=clock.now())
    except NotThereError:
        abort(404)
    except QAPlatformError as error:
        flash(sentence_of(error), "error")
    return redirect(url_for(".room", sitting_id=sitting_id), 303)


def _room(sitting_id: int) -> Room:
    """The room; what has ended by itself meanwhile is put down first."""
    viewer, now = current_viewer(), clock.now()
    with current_store().reading() as session:
        found = service.room(session, viewer, sitting_id, now=now)
    if found.needs_recording:
        with current_store().writing() as session:
            service.record_ends(session, viewer, sitting_id, now=now)
            found = service.room(session, viewer, sitting_id, now=now)
    return found


def _to_room(sitting_id: int) -> ResponseReturnValue:
    return redirect(url_for(".room", sitting_id=sitting_id, customer=number_in(request.form, "customer")), 303)


def _asks_for_json() -> bool:
    """The page's script asks, and not the form itself."""
    return request.headers.get("Accept", "") == "application/json"


def _is_open(dialogue: Dialogue) -> bool:
    """Whether its customer has come yet; nobody sees before that who it will be."""
    return dialogue.ended or not dialogue.opens_in_seconds


def _most_pressing(opened: Sequence[Dialogue]) -> Dialogue | None:
    """Who has waited longest; else the first that goes on, else the first."""
    waiting = [one for one in opened if not one.ended and one.waits_since_seconds is not None]
    if waiting:
        return max(waiting, key=lambda one: one.waits_since_seconds or 0)
    return next((one for one in opened if not one.ended), opened[0] if opened else None)


def _seen(text: str) -> Mapping[int, int]:
    """So many lines of each dialogue are on the page already: ``12:4,13:0``."""
    seen = {}
    for one in text.split(",")[:10]:
        id, _colon, count = one.partition(":")
        if id.isdecimal() and count.isdecimal():
            seen[int(id)] = int(count)
    return seen


def _news(room: Room, seen: Mapping[int, int]) -> dict[str, Any]:
    """What has changed for a page that has seen so much; pieces of the page come as they stand in it."""
    words = _words()
    pieces = current_app.jinja_env.get_template("training/exams/_room.html").make_module(words)
    opened = [one for one in room.dialogues if _is_open(one)]
    return {
        "ended": bool(room.ended),
        "coming": len(room.dialogues) - len(opened),
        "dialogues": [_told(one, room, seen, pieces, words) for one in opened],
    }


def _told(one: Dialogue, room: Room, seen: Mapping[int, int], pieces: Any, words: Mapping[str, Any]) -> dict[str, Any]:
    is_new = one.id not in seen
    last = one.lines[-1].text if one.lines else ""
    told: dict[str, Any] = {
        "id": one.id,
        "lines": "" if is_new else str(pieces.lines(one, seen[one.id])),
        "typing": one.is_typing,
        "paused": one.is_paused,
        "left": one.left_seconds,
        "waits": one.waits_since_seconds,
        "limit": one.limit_seconds,
        "draft": one.draft or "",
        "last": last[:_LAST_CHARS],
        "ended": one.ended,
        "over": str(pieces.over(one, room)) if one.ended else "",
    }
    if is_new:
        told["pane"] = str(pieces.pane(one, room, words["phrases"], is_here=False))
        told["item"] = str(pieces.customer(one, room, is_here=False))
    return told


def _order_value(dialogue: Dialogue) -> float | None:
    """What the customer's order is worth, as the desk would show it; not known of drafts that are tried out."""
    with current_store().reading() as session:
        scenario = scenarios_now(session).get(dialogue.scenario)
    return scenario.chat.order_value if scenario else None


def _words() -> dict[str, Any]:
    return {
        "value_of": _order_value,
        "phrases": shipped_quick_phrases(),
        "most_chars": service.MOST_CHARS,
        "new_sent_key": lambda: secrets.token_hex(16),
        "purpose_word": exam_words.purpose,
        "verdict_word": exam_words.verdict,
        "ending_word": exam_words.ending,
        "tier_word": tier,
    }
