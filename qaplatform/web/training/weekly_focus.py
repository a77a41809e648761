"""The focus of each week: this one's, the earlier ones, and writing it."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, StringField, SubmitField, TextAreaField

from qaplatform import clock
from qaplatform.services.training import weekly_focus as service
from qaplatform.services.training.settings import training_settings
from qaplatform.services.training.weekly_focus import (
    MOST_BODY_CHARS,
    MOST_TITLE_CHARS,
    FocusDraft,
    FocusMovedOnError,
    NewFocus,
)
from qaplatform.training.lessons import LANGUAGES
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.forms import Form, at_most, required, stripped
from qaplatform.web.i18n import _, language, lazy
from qaplatform.web.local_paths import local_path
from qaplatform.web.sentences import sentence_of
from qaplatform.web.submitting import done, submitted
from qaplatform.web.training.draft_dropping import SeenDraft, add_dropping
from qaplatform.web.training.lessons import LANGUAGE_WORDS, frame

weekly_focus = Blueprint("weekly_focus", __name__, url_prefix="/lessons/focus")
_WEEKS_AHEAD = 3


class FocusForm(Form):
    """A week's focus in one language."""

    seen = HiddenField()
    title = StringField(lazy("标题"), [required(), at_most(MOST_TITLE_CHARS)], [stripped])
    body = TextAreaField(
        lazy("内容（Markdown）"), [required(), at_most(MOST_BODY_CHARS)], [stripped], render_kw={"rows": 14}
    )
    publish = SubmitField(lazy("发布"))
    check = SubmitField(lazy("预览"))
    save = SubmitField(lazy("存为草稿"))


@weekly_focus.get("")
@permitted("training.learn")
def index() -> str:
    """The focus of all weeks, the newest first."""
    viewer, now = current_viewer(), clock.now()
    may_edit = viewer.may("training.edit")
    with current_store().reading() as session:
        weeks = service.focus_weeks(session, viewer, language())
        drafts = service.focus_drafts(session, viewer) if may_edit else []
        today = training_settings(session).day_of(now)
    ahead = [service.week_of(today + timedelta(weeks=number)) for number in range(_WEEKS_AHEAD)]
    return render_template(
        "training/focus/index.html",
        **frame(),
        weeks=weeks,
        drafts=drafts,
        ahead=[(one, service.first_day_of(one)) for one in ahead],
        this_week=ahead[0],
        may_edit=may_edit,
    )


@weekly_focus.get("/<week>")
@permitted("training.learn")
def show(week: str) -> str:
    """The focus of one week."""
    viewer = current_viewer()
    with current_store().reading() as session:
        focus = service.focus_seen(session, viewer, week, language())
    return render_template(
        "training/focus/show.html",
        **frame(),
        focus=focus,
        may_edit=viewer.may("training.edit"),
        may_publish=viewer.may("training.publish"),
    )


@weekly_focus.post("/<week>/read")
@permitted("training.learn")
def read(week: str) -> ResponseReturnValue:
    """Say that it is read; ``back`` is the page it was read on."""
    viewer, now = current_viewer(), clock.now()
    content_hash = request.form.get("version", "")
    done(lambda session: service.mark_focus_read(session, viewer, week, content_hash, now=now))
    flash(_("已记下：本周重点看过了。"), "success")
    back = request.form.get("back")
    return redirect(local_path(back) if back else url_for(".show", week=week), 303)


@weekly_focus.get("/<week>/edit/<lang>")
@permitted("training.edit")
def edit(week: str, lang: str) -> str:
    """The editor."""
    draft = _draft(week, lang)
    form = FocusForm(formdata=None, title=draft.title, body=draft.body, seen=str(draft.newest_id))
    return _page(draft, form)


@weekly_focus.post("/<week>/edit/<lang>")
@permitted("training.edit")
def save(week: str, lang: str) -> ResponseReturnValue:
    """Keep it, or publish it."""
    draft, form = _draft(week, lang), FocusForm()
    by, now, publishes = current_viewer(), clock.now(), form.publish.data
    if form.check.data:
        form.validate_on_submit()
        return _page(draft, form)
    seen_id = int(form.seen.data) if (form.seen.data or "").isdecimal() else -1
    new = NewFocus(week, draft.language, form.title.data or "", form.body.data or "")
    try:
        kept = submitted(
            form,
            lambda session: service.save_focus(session, by, new, seen_id=seen_id, publishes=publishes, now=now),
            {"focus.form": "body"},
            but=FocusMovedOnError,
        )
    except FocusMovedOnError as error:
        flash(sentence_of(error), "error")
        form.seen.data = str(_draft(week, lang).newest_id)
        return _page(_draft(week, lang), form, is_conflict=True), 409
    if kept is None:
        return _page(draft, form), 400
    flash(_("已发布。") if publishes else _("草稿已保存。"), "success")
    return redirect(url_for(".show", week=week) if publishes else url_for(".edit", week=week, lang=lang), 303)


def _seen_draft(week: str, lang: str) -> SeenDraft | None:
    draft = _draft(week, lang)
    if draft.state != "draft":
        return None
    return SeenDraft(draft.title, draft.newest_id, draft.is_unborn)


add_dropping(
    weekly_focus,
    "/<week>/drop/<lang>",
    _seen_draft,
    lambda session, by, week, lang, **seen: service.drop_draft(session, by, week, _draft(week, lang).language, **seen),
    here=".edit",
    gone=".index",
)


@weekly_focus.get("/<week>/withdraw")
@permitted("training.publish")
def ask_withdraw(week: str) -> str:
    """Whether one is sure."""
    with current_store().reading() as session:
        focus = service.focus_seen(session, current_viewer(), week, language())
    return render_template(
        "parts/confirm.html",
        title=_("撤下本周重点"),
        question=_("要撤下“%(title)s”吗？", title=focus.title),
        details=[_("中文和英文都会撤下，大家不再看到；内容保留，可以再发布。")],
        action=url_for(".withdraw", week=week),
        label=_("撤下"),
        back=url_for(".show", week=week),
    )


@weekly_focus.post("/<week>/withdraw")
@permitted("training.publish")
def withdraw(week: str) -> ResponseReturnValue:
    """Take it back."""
    by, now = current_viewer(), clock.now()
    done(lambda session: service.withdraw_focus(session, by, week, now=now))
    flash(_("已撤下。"), "success")
    return redirect(url_for(".index"), 303)


def _draft(week: str, lang: str) -> FocusDraft:
    if lang not in LANGUAGES:
        abort(404)
    with current_store().reading() as session:
        return service.focus_draft(session, current_viewer(), week, lang)


def _page(draft: FocusDraft, form: FocusForm, *, is_conflict: bool = False) -> str:
    return render_template(
        "training/focus/edit.html",
        **frame(),
        draft=draft,
        form=form,
        first_day=service.first_day_of(draft.week),
        all_languages=[(one, LANGUAGE_WORDS[one]) for one in LANGUAGES],
        is_conflict=is_conflict,
        may_publish=current_viewer().may("training.publish"),
    )
