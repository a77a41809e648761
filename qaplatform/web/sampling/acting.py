"""What a lead does about drawn items: another one instead, somebody else, nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.services import sampling_items as service
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.i18n import _
from qaplatform.web.sampling.showing import samples
from qaplatform.web.sentences import sentence_of
from qaplatform.web.submitting import done, missing_is_404

_REFUSED = (service.ItemMovedOnError, service.ReasonError, service.NotTheirsError, service.NotDrawnError)


@samples.post("/items/<int:id>/replace")
@permitted("samples.assign")
def replace(id: int) -> ResponseReturnValue:
    """Take another conversation instead."""
    reason = request.form.get("reason", "")
    made = _done(
        id,
        lambda session, version: service.replace(
            session, id, reason, version=version, by=current_viewer(), now=clock.now()
        ),
    )
    if made is None:
        return redirect(url_for(".item", id=id), 303)
    if made.value is None:
        flash(_("已替换，但没有可以补上的会话了。"), "warning")
        return redirect(url_for(".item", id=id), 303)
    flash(_("已替换，这是补上的会话。"), "success")
    return redirect(url_for(".item", id=made.value), 303)


@samples.post("/items/<int:id>/reassign")
@permitted("samples.assign")
def reassign(id: int) -> ResponseReturnValue:
    """Give an item to somebody else."""
    user_id = request.form.get("user_id", type=int)
    if _done(
        id,
        lambda session, version: service.reassign(
            session, id, user_id, version=version, by=current_viewer(), now=clock.now()
        ),
    ):
        flash(_("已改派。"), "success")
    return redirect(url_for(".item", id=id), 303)


@samples.post("/items/<int:id>/take-back")
@permitted("samples.assign")
def take_back(id: int) -> ResponseReturnValue:
    """Take an item back."""
    if _done(
        id,
        lambda session, version: service.take_back(session, id, version=version, by=current_viewer(), now=clock.now()),
    ):
        flash(_("已收回。"), "success")
    return redirect(url_for(".item", id=id), 303)


def _done(id: int, act: Callable[[Any, int], Any]) -> Any:
    """Do it to the version that the page showed; ``None`` where it was refused, which is said above the page."""
    version = request.form.get("version", -1, type=int)
    with missing_is_404(), current_store().reading() as session:
        service.item_line(session, current_viewer(), id)
    try:
        return done(lambda session: act(session, version))
    except _REFUSED as error:
        flash(sentence_of(error), "error")
        return None
