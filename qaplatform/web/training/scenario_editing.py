"""Writing a scenario: as YAML with its mistakes at their places, a copy, an old version, a draft put aside, one of a real chat."""

from __future__ import annotations

from collections.abc import Collection

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField, SubmitField

from qaplatform import clock
from qaplatform.services.rubric_diffs import file_diffs
from qaplatform.services.training import scenario_drafts as service
from qaplatform.services.training.scenario_checking import checked_scenario
from qaplatform.services.training.scenario_drafts import EDIT, ScenarioSeen
from qaplatform.services.training.scenario_faults import ScenarioMovedOnError
from qaplatform.services.training.scenario_from_chat import ChatTooBareError, draft_of_chat
from qaplatform.services.training.texts import TextTooLongError
from qaplatform.web.access import permitted
from qaplatform.web.conversations import ID
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.forms import Form, required, stripped
from qaplatform.web.i18n import _, language, lazy
from qaplatform.web.sentences import sentence_of
from qaplatform.web.submitting import done, missing_is_404, submitted
from qaplatform.web.training.draft_dropping import SeenDraft, add_dropping
from qaplatform.web.training.scenarios import scenario_page, scenarios, seen_or_404, version_seen

_AROUND = 1
"""Lines shown before and behind one with a mistake."""


class CopyForm(Form):
    """The id of a new scenario."""

    code = StringField(lazy("新场景的编号"), [required()], filters=[stripped])
    submit = SubmitField(lazy("复制成新场景"))


@scenarios.get("/<code>/edit")
@permitted(EDIT)
def edit(code: str) -> str:
    """What is being written."""
    return _edit_page(seen_or_404(code))


@scenarios.post("/<code>/edit")
@permitted(EDIT)
def save(code: str) -> ResponseReturnValue:
    """Save a draft; one with mistakes is saved, too."""
    text = request.form.get("text", "").replace("\r\n", "\n")
    viewer, now = current_viewer(), clock.now()
    try:
        done(
            lambda session: service.save_draft(session, viewer, code, text, seen_version=version_seen(), now=now)
        )  # fmt: skip
    except ScenarioMovedOnError as error:
        flash(sentence_of(error), "error")
        return _edit_page(seen_or_404(code), text), 409
    except TextTooLongError as error:
        flash(sentence_of(error), "error")
        return _edit_page(seen_or_404(code), text), 400
    flash(_("草稿已保存。"), "success")
    return redirect(url_for(".edit", code=code), 303)


def _edit_page(seen: ScenarioSeen, written: str | None = None) -> str:
    text = seen.text if written is None else written
    checked = seen.checked if written is None else checked_scenario(seen.code, written)
    path, is_other = f"{seen.code}.yaml", written is not None and written != seen.text
    return scenario_page(
        "edit",
        seen,
        text=text,
        problems_found=sorted(checked.problems, key=lambda one: one.severity != "error"),
        faulty=_excerpt(text, {one.line for one in checked.errors or checked.obstacles}),
        conflict=file_diffs({path: seen.text}, {path: text}) if is_other else [],
    )


def _excerpt(text: str, marked: Collection[int]) -> list[tuple[int, str, bool]]:
    """Lines with something to say of them and those around: (number, line, whether it is one of them)."""
    lines = text.split("\n")
    shown = sorted({near for line in marked for near in range(line - _AROUND, line + _AROUND + 1)})
    return [(number, lines[number - 1], number in marked) for number in shown if 1 <= number <= len(lines)]


@scenarios.get("/<code>/copy")
@permitted(EDIT)
def ask_copy(code: str) -> str:
    """Which id the copy shall have."""
    return render_template("training/scenarios/copy.html", seen=seen_or_404(code), form=CopyForm(formdata=None))


@scenarios.post("/<code>/copy")
@permitted(EDIT)
def copy(code: str) -> ResponseReturnValue:
    """Begin a new one with a copy."""
    form, viewer, now = CopyForm(), current_viewer(), clock.now()
    places = {"training.text_code": "code", "scenarios.taken": "code"}
    made = submitted(
        form,
        lambda session: service.copy_scenario(session, viewer, code, form.code.data or "", now=now),
        places,
    )
    if made is None:
        return render_template("training/scenarios/copy.html", seen=seen_or_404(code), form=form), 400
    return redirect(url_for(".edit", code=form.code.data), 303)


@scenarios.post("/<code>/versions/<int:version_id>/draft")
@permitted(EDIT)
def reopen(code: str, version_id: int) -> ResponseReturnValue:
    """Go on from an old version; 0 is the shipped text."""
    viewer, now = current_viewer(), clock.now()
    done(lambda session: service.draft_from(session, viewer, code, version_id, now=now))
    flash(_("已从这个版本建立草稿。"), "success")
    return redirect(url_for(".edit", code=code), 303)


def _seen_draft(code: str) -> SeenDraft | None:
    seen = seen_or_404(code)
    if seen.draft is None:
        return None
    return SeenDraft(seen.title.in_language(language()), seen.version, seen.state == "unborn")


add_dropping(scenarios, "/<code>/drop", _seen_draft, service.drop_draft, here=".show", gone=".index")


@scenarios.post(f"/from-chat/<{ID}:id>")
@permitted(EDIT)
def from_chat(id: int) -> ResponseReturnValue:
    """Make a draft of a real conversation."""
    viewer, now = current_viewer(), clock.now()
    try:
        with missing_is_404(), current_store().writing() as session:
            code = draft_of_chat(session, viewer, id, now=now)
    except ChatTooBareError as error:
        flash(sentence_of(error), "error")
        return redirect(url_for("conversations.show", id=id), 303)
    flash(_("已做成草稿：请看每一处“请核对”和 TODO，确认没有留下任何真人的信息。"), "success")
    return redirect(url_for(".edit", code=code), 303)
