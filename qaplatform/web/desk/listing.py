"""``/desk``: what somebody has to review, in the order in which it comes; the next one; one of their own choice."""

from __future__ import annotations

from typing import get_args

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.errors import QAPlatformError
from qaplatform.services.browsing import NotThereError
from qaplatform.services.reviewing import GIVE, next_item, take
from qaplatform.services.work_lists import work_list
from qaplatform.store.work_items import Shelf
from qaplatform.web.access import permitted
from qaplatform.web.conversations import ID, conversations
from qaplatform.web.conversations.vocabulary import Vocabulary
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.desk import desk
from qaplatform.web.desk_words import SHELVES
from qaplatform.web.formatting import zone
from qaplatform.web.i18n import _, language
from qaplatform.web.sentences import sentence_of


@desk.get("")
@permitted(GIVE)
def index() -> str:
    """The work list."""
    wanted = request.args.get("shelf", "open")
    shelf: Shelf = next((one for one in get_args(Shelf) if one == wanted), "open")
    with current_store().reading() as session:
        shown = work_list(session, current_viewer(), shelf, now=clock.now(), zone=zone())
    return render_template("desk/index.html", work=shown, shelves=SHELVES, vocabulary=Vocabulary(language()))


@desk.post("/next")
@permitted(GIVE)
def take_next() -> ResponseReturnValue:
    """Open what comes next."""
    return to_next()


@conversations.post(f"/<{ID}:id>/review")
@permitted(GIVE)
def review(id: int) -> ResponseReturnValue:
    """Review a conversation of one's own choice."""
    try:
        with current_store().writing() as session:
            item_id = take(session, current_viewer(), id, now=clock.now())
    except NotThereError:
        abort(404)
    except QAPlatformError as error:
        flash(sentence_of(error), "error")
        return redirect(url_for("conversations.show", id=id), 303)
    return redirect(url_for("desk.show", id=item_id), 303)


def to_next() -> ResponseReturnValue:
    """To what comes next, or to the list where nothing is left."""
    with current_store().writing() as session:
        item_id = next_item(session, current_viewer())
    return towards(item_id)


def towards(item_id: int | None) -> ResponseReturnValue:
    """To an item, or to the list where there is none."""
    if item_id is None:
        flash(_("待办都处理完了。"), "success")
        return redirect(url_for("desk.index"), 303)
    return redirect(url_for("desk.show", id=item_id), 303)
