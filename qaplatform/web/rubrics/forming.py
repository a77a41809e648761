"""The forms beside the YAML: saving one, and adding, moving and taking out criteria."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.audit.checking import checks
from qaplatform.services import rubric_drafts as service
from qaplatform.services.rubric_drafts import EDIT, DraftSeen
from qaplatform.services.rubric_faults import DraftClosedError, DraftFileError, DraftMovedOnError
from qaplatform.services.rubric_forms import (
    MOVES,
    FormField,
    FormItem,
    ItemForm,
    form_of,
    item_of,
    items_of,
    with_criterion,
    with_move,
    with_posted,
)
from qaplatform.services.yaml_edits import UneditableYamlError, YamlText
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.forms import saved
from qaplatform.web.i18n import _, language
from qaplatform.web.rubrics import rubrics
from qaplatform.web.rubrics.drafts import seen_or_404, told, version_seen
from qaplatform.web.rubrics.editing import edit_page, file_or_404
from qaplatform.web.rubrics.words import group_of
from qaplatform.web.sentences import sentence_of


@dataclass(frozen=True)
class Forms:
    """What stands beside the YAML: the items of a file, and the form of one of them."""

    items: list[FormItem]
    form: ItemForm
    excerpt: list[tuple[int, str, bool]]
    """The lines of the item: number, text, whether a mistake stands there."""
    may_add: bool
    checks: list[tuple[str, str]]
    """What a new criterion can be judged by: id and title."""
    posted: Mapping[str, str]
    """What was sent and could not be saved."""

    @property
    def groups(self) -> list[tuple[str, list[FormField]]]:
        """The fields under their headings."""
        return [(name, list(some)) for name, some in groupby(self.form.fields, lambda one: group_of(one.spec.path))]

    @property
    def item(self) -> FormItem:
        """What the form is of."""
        return self.form.item


def forms_of(seen: DraftSeen, path: str, text: str, key: str, posted: Mapping[str, str] | None = None) -> Forms | None:
    """The forms of a file; ``None`` where it is no YAML, or holds nothing that has a form."""
    here = [one for one in seen.problems if one.path == path]
    try:
        yaml = YamlText(text)
        items = items_of(yaml, here)
        if not items:
            return None
        form = form_of(yaml, next((one for one in items if one.key == key), items[0]), here)
    except UneditableYamlError:
        return None
    faulty = {one.line for one in here}
    first, last = form.lines
    lines = text.split("\n")[first - 1 : min(last, first + 199)]
    titles = {one.check: one.title.in_language(language()) for one in seen.newest.rubric.criteria if one.check}
    return Forms(
        items=items,
        form=form,
        excerpt=[(number, line, number in faulty) for number, line in enumerate(lines, first)],
        may_add=any(one.subject == "criterion" for one in items),
        checks=sorted(((id, titles.get(id, id)) for id in checks()), key=lambda one: (one[1] == one[0], one)),
        posted=posted or {},
    )


@rubrics.post("/drafts/<int:draft_id>/edit/form")
@permitted(EDIT)
def save_form(draft_id: int) -> ResponseReturnValue:
    """Save one form: only what was changed is written."""
    posted = {name[2:]: value for name, value in request.form.items() if name.startswith("f:")}
    key = request.form.get("item", "")
    return _changed(draft_id, lambda text, item: (with_posted(text, item, posted), key), posted)


@rubrics.post("/drafts/<int:draft_id>/edit/criteria")
@permitted(EDIT)
def change_criteria(draft_id: int) -> ResponseReturnValue:
    """Add a criterion, move one or take it out; ``do`` says which."""
    wanted, check = request.form.get("do"), request.form.get("check") or None

    def change(text: YamlText, item: FormItem) -> tuple[YamlText, str]:
        if wanted == "add":
            seen = seen_or_404(draft_id)
            rubric = seen.rubric or seen.newest.rubric
            taken = {one.id for one in rubric.criteria} | {one.key for one in items_of(text, ())}
            return with_criterion(text, check, taken, seen.newest.rubric)
        if wanted not in MOVES:
            abort(400)
        return with_move(text, item, wanted), "" if wanted == "remove" else item.key

    return _changed(draft_id, change, {})


def _changed(
    draft_id: int, change: Callable[[YamlText, FormItem], tuple[YamlText, str]], posted: Mapping[str, str]
) -> ResponseReturnValue:
    seen = seen_or_404(draft_id)
    path, key = file_or_404(seen, request.form.get("file")), request.form.get("item", "")
    viewer, now = current_viewer(), clock.now()
    try:
        text = YamlText(seen.draft.files[path])
        new, then = change(text, item_of(text, key))
    except UneditableYamlError as error:
        flash(sentence_of(error), "error")
        return edit_page(seen, path, item=key, posted=posted), 400
    try:
        with current_store().writing() as session:
            service.save_files(session, viewer, draft_id, {path: new.text}, seen_version=version_seen(), now=now)
    except DraftMovedOnError as error:
        flash(sentence_of(error), "error")
        return edit_page(seen_or_404(draft_id), path, written=new.text, item=key), 409
    except DraftFileError as error:
        flash(sentence_of(error), "error")
        return edit_page(seen, path, item=key, posted=posted), 400
    except DraftClosedError as error:
        return told(error, url_for(".draft", draft_id=draft_id))
    flash(saved() if new.text != text.text else _("没有改动。"), "success")
    return redirect(url_for(".edit", draft_id=draft_id, file=path, item=then or None, _anchor="form"), 303)
