"""Publishing a draft, and rolling back to an old version: from a day on, with a note to the agents."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import DateField, HiddenField, SubmitField, TextAreaField

from qaplatform import clock
from qaplatform.services import rubric_drafts as service
from qaplatform.services import rubric_releases as releases
from qaplatform.services.rubric_faults import DraftClosedError
from qaplatform.services.rubric_releases import MOST_NOTE_CHARS, PUBLISH, Publication
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.formatting import zone
from qaplatform.web.forms import Form, at_most, required
from qaplatform.web.i18n import _, language, lazy
from qaplatform.web.rubrics import rubrics
from qaplatform.web.rubrics import words as rubric_words
from qaplatform.web.rubrics.drafts import draft_page, seen_or_404, told, version_seen
from qaplatform.web.submitting import missing_is_404, submitted

_MOST_DIGITS = 10
_PLACES = {"rubrics.past_day": "from_day", "rubrics.note": "note"}


class PublishForm(Form):
    """From when, and what agents are told."""

    from_day = DateField(lazy("从哪天起生效"), [required()])
    note = TextAreaField(lazy("给客服的说明"), [at_most(MOST_NOTE_CHARS)])
    against = HiddenField()
    after = HiddenField()
    submit = SubmitField(lazy("发布"))

    def said(self) -> Publication:
        """What was written."""
        day: date = self.from_day.data
        after = self.after.data or ""
        number = int(after) if after.isdecimal() and after.isascii() and len(after) < _MOST_DIGITS else None
        return Publication(day, zone(), self.against.data or "", self.note.data or "", number)


class RollBackForm(PublishForm):
    """The same for an old version."""

    submit = SubmitField(lazy("退回到这个版本"))


@rubrics.get("/drafts/<int:draft_id>/publish")
@permitted(PUBLISH)
def ask_publish(draft_id: int) -> str:
    """What would be published."""
    return _publish_page(draft_id, None)


@rubrics.post("/drafts/<int:draft_id>/publish")
@permitted(PUBLISH)
def publish(draft_id: int) -> ResponseReturnValue:
    """Publish a draft."""
    form, viewer, now = PublishForm(), current_viewer(), clock.now()
    code = seen_or_404(draft_id).draft.code
    try:
        made = submitted(
            form,
            lambda session: service.publish_draft(
                session, viewer, draft_id, form.said(), seen_version=version_seen(), now=now
            ),
            _PLACES,
            but=DraftClosedError,
        )
    except DraftClosedError as error:
        return told(error, url_for(".draft", draft_id=draft_id))
    if made is None:
        return _publish_page(draft_id, form), 400
    flash(_("新版本已发布。此前开始的会话仍按原来的版本评分。"), "success")
    return redirect(url_for(".show", code=code), 303)


def _publish_page(draft_id: int, form: PublishForm | None) -> str:
    seen = seen_or_404(draft_id)
    today = clock.now().astimezone(zone()).date()
    form = form or PublishForm(formdata=None, from_day=today)
    # Whatever stands on the page now is what the next click has seen.
    form.against.data = seen.newest.rubric.content_hash
    form.after.data = str(0 if seen.last is None else seen.last.number)
    return draft_page(
        "publish",
        seen,
        form=form,
        today=today,
        comparison=rubric_words.comparison(seen.newest, seen.rubric, seen.draft.files),
    )


@rubrics.get("/<code>/roll-back")
@permitted(PUBLISH)
def ask_roll_back(code: str) -> str:
    """What would hold again; ``to`` in the address is the old version."""
    return _roll_back_page(code, None)


@rubrics.post("/<code>/roll-back")
@permitted(PUBLISH)
def roll_back(code: str) -> ResponseReturnValue:
    """Publish an old version again."""
    form, viewer, now = RollBackForm(), current_viewer(), clock.now()
    to = request.args.get("to", "")
    made = submitted(
        form, lambda session: releases.roll_back(session, viewer, code, to, form.said(), now=now), _PLACES
    )  # fmt: skip
    if made is None:
        return _roll_back_page(code, form), 400
    flash(_("已退回。此前开始的会话仍按原来的版本评分。"), "success")
    return redirect(url_for(".show", code=code), 303)


def _roll_back_page(code: str, form: RollBackForm | None) -> str:
    viewer, now = current_viewer(), clock.now()
    with missing_is_404(), current_store().reading() as session:
        line = service.rubric_line(session, viewer, code, now=now)
        newest = releases.newest_version(session, viewer, code)
        old = releases.version(session, viewer, code, request.args.get("to") or newest.rubric.content_hash)
        last = releases.last_number(session, viewer, code)
    form = form or RollBackForm(formdata=None, from_day=now.astimezone(zone()).date())
    form.against.data = newest.rubric.content_hash
    form.after.data = str(last)
    return render_template(
        "rubrics/roll_back.html",
        line=line,
        old=old,
        form=form,
        comparison=rubric_words.comparison(newest, old.rubric, old.files),
        words_of=rubric_words,
        language_code=language(),
    )
