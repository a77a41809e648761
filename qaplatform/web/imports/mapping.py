"""Saying how an uploaded file is to be read: what was found out of it, which column is which, and what would come of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, IntegerField, SelectField, StringField, SubmitField
from wtforms.validators import Optional

from qaplatform import clock
from qaplatform.errors import InputError, QAPlatformError
from qaplatform.services import imports as service
from qaplatform.services.alike_drafts import start_alike
from qaplatform.services.imports import ImportMovedOnError, ImportPlaceError, Place
from qaplatform.services.intake import ImportOptions, reading_for
from qaplatform.services.mapping import (
    MOST_COLUMNS,
    ColumnTwiceError,
    Look,
    columns_said,
    known_count,
    look_at,
)
from qaplatform.services.shops import shop_choices
from qaplatform.services.uploads import remove
from qaplatform.store.import_list import ImportLine, drafts_of, known_by_hash
from qaplatform.web.access import permitted
from qaplatform.web.conversations.vocabulary import rubrics_known
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.forms import Form, at_most, between, set_error, stripped
from qaplatform.web.i18n import LazyText, _, language, lazy, plural
from qaplatform.web.imports import imports
from qaplatform.web.imports.uploading import choice_of, place_choices, place_of
from qaplatform.web.imports.words import FIELDS, field_word, name_of
from qaplatform.web.sentences import sentence_of
from qaplatform.web.submitting import missing_is_404

ZONES = (
    "Asia/Shanghai", "Asia/Hong_Kong", "Asia/Taipei", "Asia/Singapore", "Asia/Kuala_Lumpur", "Asia/Tokyo", "Asia/Seoul",
    "Asia/Bangkok", "Asia/Jakarta", "Asia/Ho_Chi_Minh", "Asia/Manila", "Asia/Kolkata", "Asia/Dubai", "Europe/Moscow",
    "Europe/Berlin", "Europe/London", "America/Sao_Paulo", "America/New_York", "America/Los_Angeles", "UTC",
)  # fmt: skip
KINDS: tuple[tuple[str, LazyText | str], ...] = (
    ("", lazy("自动识别")),
    ("table", lazy("表格（每行一条消息）")),
    ("chat", lazy("聊天窗口复制的文本")),
    ("jsonl", "JSON, JSONL"),
)
ENCODINGS = ("utf-8", "gb18030", "utf-16", "big5")
DELIMITERS: tuple[tuple[str, LazyText], ...] = (
    ("", lazy("自动识别")),
    (",", lazy("逗号")),
    ("\t", lazy("制表符")),
    (";", lazy("分号")),
    ("|", lazy("竖线")),
)
_TAB = "tab"
"""A tab does not come through a form as it is."""
_MOST_NAMES = 200
_MOST_NAME_CHARS = 300


class MappingForm(Form):
    """The settings of an import; the columns come beside them."""

    shop = SelectField(lazy("店铺"), validate_choice=False)
    zone = SelectField(lazy("文件中时间的时区"))
    gap_minutes = IntegerField(lazy("静默多少分钟后算一通新会话"), [Optional(), between(1, 100_000)])
    kind = SelectField(lazy("文件类型"))
    sheet = SelectField(lazy("工作表"), validate_choice=False)
    encoding = SelectField(lazy("文字编码"))
    delimiter = SelectField(lazy("分隔符"))
    agent_names = StringField(lazy("客服的名称"), [at_most(2000)], filters=[stripped])
    agent_words = StringField(lazy("表示“客服”的词"), [at_most(500)], filters=[stripped])
    customer_words = StringField(lazy("表示“客户”的词"), [at_most(500)], filters=[stripped])
    alike = BooleanField(lazy("其余列名相同的文件也按这些设置导入"))
    look = SubmitField(lazy("更新预览"))
    confirm = SubmitField(lazy("开始导入"))


@imports.get("/<int:import_id>/mapping")
@permitted("imports.make")
def mapping(import_id: int) -> ResponseReturnValue:
    """What was found out of the file, and the form."""
    line = _draft(import_id)
    if line is None:
        return redirect(url_for("imports.show", import_id=import_id), 303)
    return _page(line, None)


@imports.post("/<int:import_id>/mapping")
@permitted("imports.make")
def map_columns(import_id: int) -> ResponseReturnValue:
    """Keep what was said; then look again, or begin."""
    line = _draft(import_id)
    if line is None:
        return redirect(url_for("imports.show", import_id=import_id), 303)
    form = _form(line, None)
    place = place_of(form.shop.data or "")
    is_good = form.validate()
    if place is None:
        set_error(form.shop, sentence_of(ImportPlaceError()))
    if not is_good or place is None:
        return _page(line, form), 400
    begins = not form.look.data
    try:
        reading = _kept(line, form, place, begins=begins)
    except ImportMovedOnError:
        return redirect(url_for("imports.show", import_id=import_id), 303)
    except QAPlatformError as error:
        return _page(line, form, _refused(form, error)), 400
    if not begins:
        return redirect(url_for("imports.mapping", import_id=import_id), 303)
    started = 0
    if form.alike.data:
        started = start_alike(current_store(), line, place, reading, by=current_viewer(), now=clock.now())
    return _go_on(line, started)


def _kept(line: ImportLine, form: MappingForm, place: Place, *, begins: bool) -> dict[str, Any]:
    """Put down what was said, and begin if that is wanted.

    Raises:
        ImportMovedOnError: somebody else has begun.
        QAPlatformError: it makes no sense, or is not for this person.
    """
    # A mere look shows what is missing; to begin, it must be there.
    reading = _reading(form, must_be_whole=begins)
    viewer, now = current_viewer(), clock.now()
    with current_store().writing() as session:
        service.set_draft(session, line.id, place, reading, by=viewer)
        if begins:
            service.confirm(session, line.id, by=viewer, now=now)
    return reading


def _refused(form: MappingForm, error: QAPlatformError) -> str | None:
    """What to say above the form; ``None`` where it stands beside a field.

    Raises:
        QAPlatformError: the same one, if it is no matter of the form.
    """
    if isinstance(error, ColumnTwiceError):
        return _("“%(field)s”选了两次，请只保留一列。", field=field_word(error.field))
    if str(getattr(error, "code", "")).startswith("mapping."):
        return sentence_of(error)
    if isinstance(error, ImportPlaceError):
        set_error(form.shop, sentence_of(error))
        return None
    fields = {"encoding": form.encoding, "zone": form.zone, "delimiter": form.delimiter}
    field = fields.get(error.field or "") if isinstance(error, InputError) else None
    if field is None:
        raise error
    set_error(field, _("这个设置不能用，请换一个。"))
    return None


@imports.post("/<int:import_id>/discard")
@permitted("imports.make")
def discard(import_id: int) -> ResponseReturnValue:
    """Let a draft go, and its file."""
    with missing_is_404(), current_store().writing() as session:
        path = service.discard(session, import_id, by=current_viewer())
    remove([path])
    flash(_("文件已删除，没有导入任何内容。"), "success")
    return redirect(url_for("imports.index"), 303)


def _draft(import_id: int) -> ImportLine | None:
    """The draft; ``None`` if it is none any more."""
    try:
        with missing_is_404(), current_store().reading() as session:
            return service.draft_of(session, current_viewer(), import_id)
    except ImportMovedOnError:
        return None


# --- the form -------------------------------------------------------------------------------------------


def _form(line: ImportLine, look: Look | None) -> MappingForm:
    said = line.options.get("reading", {})
    words = said.get("roles", {})
    gap = said.get("split_gap_seconds")
    form = MappingForm(
        data={
            "shop": choice_of(Place(line.shop_id, bool(line.options.get("create_shops")))),
            "zone": said.get("zone", ""),
            "gap_minutes": round(gap / 60) if gap else None,
            "kind": said.get("kind", ""),
            "sheet": said.get("sheet", ""),
            "encoding": said.get("encoding", ""),
            "delimiter": _TAB if said.get("delimiter") == "\t" else said.get("delimiter", ""),
            "agent_names": _("、").join(said.get("agent_names", ())),
            "agent_words": _("、").join(word for word, role in words.items() if role == "agent"),
            "customer_words": _("、").join(word for word, role in words.items() if role == "customer"),
        }
    )
    viewer = current_viewer()
    with current_store().reading() as session:
        shops = shop_choices(session, viewer, "imports.make")
    form.shop.choices = place_choices(viewer, shops)
    form.zone.choices = [("", _("店铺的时区")), *((zone, zone) for zone in ZONES)]
    form.kind.choices = [(value, str(text)) for value, text in KINDS]
    form.encoding.choices = [("", _("自动识别")), *((name, name.upper()) for name in ENCODINGS)]
    form.delimiter.choices = [(_TAB if value == "\t" else value, str(text)) for value, text in DELIMITERS]
    sheets = look.preview.sheets if look else ()
    form.sheet.choices = [("", _("所有能识别的工作表")), *((name, name) for name in sheets)]
    return form


def _reading(form: MappingForm, *, must_be_whole: bool) -> dict[str, Any]:
    """What the form says, as reading options; what is left to be found out is left out.

    Raises:
        InputError: an option does not make sense.
        QAPlatformError: the columns do not; with a code that begins with ``mapping.``.
    """
    gap = form.gap_minutes.data
    roles = dict.fromkeys(_words(form.agent_words.data), "agent")
    roles |= dict.fromkeys(_words(form.customer_words.data), "customer")
    said: dict[str, Any] = {
        "kind": form.kind.data,
        "zone": form.zone.data,
        "encoding": form.encoding.data,
        "delimiter": "\t" if form.delimiter.data == _TAB else form.delimiter.data,
        "sheet": (form.sheet.data or "")[:_MOST_NAME_CHARS],
        "agent_names": list(_words(form.agent_names.data)),
        "roles": roles,
        "split_gap_seconds": float(gap) * 60 if gap else None,
        "columns": _columns(must_be_whole=must_be_whole),
    }
    kept = {name: value for name, value in said.items() if value}
    ImportOptions.of({"reading": kept})
    return kept


def _words(text: str | None) -> Sequence[str]:
    """Words between commas of either kind."""
    parts = (text or "").replace("，", ",").replace("、", ",").split(",")
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))[:_MOST_NAMES]


def _columns(*, must_be_whole: bool) -> dict[str, str]:
    """The columns as they were chosen; none where all was left as it had been found out.

    Raises:
        QAPlatformError: they make no sense.
    """
    sent = request.form
    chosen: list[tuple[str, str]] = []
    is_as_guessed = "columns-said" not in sent
    for place in range(MOST_COLUMNS):
        given, field = sent.get(f"name-{place}"), sent.get(f"column-{place}")
        if given is None or field is None:
            break
        chosen.append((given[:_MOST_NAME_CHARS], field))
        is_as_guessed = is_as_guessed and field == sent.get(f"guess-{place}", "")
    if not chosen or (is_as_guessed and not must_be_whole):
        return {}
    said = columns_said(chosen)
    return {} if is_as_guessed else said


# --- what comes after -------------------------------------------------------------------------------------


def _go_on(line: ImportLine, started: int) -> ResponseReturnValue:
    """To the next draft of the same upload, if there is one, else to where the import can be watched."""
    with current_store().reading() as session:
        left = drafts_of(session, current_viewer().user_id)
    if started:
        flash(plural("另有 %(num)s 个列名相同的文件也已开始导入。", started), "success")
    if not left:
        if started:
            return redirect(url_for("imports.index"), 303)
        return redirect(url_for("imports.show", import_id=line.id), 303)
    flash(_("“%(name)s”已开始导入；还有 %(count)s 个文件等待核对。", name=name_of(line), count=len(left)), "success")
    return redirect(url_for("imports.mapping", import_id=left[-1].id), 303)


def _page(line: ImportLine, form: MappingForm | None, fault: str | None = None) -> str:
    viewer = current_viewer()
    with current_store().reading() as session:
        reading = reading_for(session, line.shop_id, line.options)
        others = [one for one in drafts_of(session, viewer.user_id) if one.id != line.id]
        before = known_by_hash(session, line.file_hash, but=line.id)
    look = look_at(Path(line.file_path or ""), line.file_name, reading, language=language())
    with current_store().reading() as session:
        known = known_count(session, look, line.shop_id)
    shown = form or _form(line, look)
    if form is not None:
        form.sheet.choices = [("", _("所有能识别的工作表")), *((name, name) for name in look.preview.sheets)]
    return render_template(
        "imports/mapping.html",
        one=line,
        form=shown,
        look=look,
        fields=FIELDS,
        chosen=[request.form.get(f"column-{column.place}", column.field or "") for column in look.columns],
        columns_said=bool(line.options.get("reading", {}).get("columns")) or form is not None,
        zone=reading.zone,
        others=others,
        before=before if before is not None and service.may_see(viewer, before) else None,
        known=known if before is None else 0,
        fault=fault,
        rubrics=[one.title.in_language(language()) for one in {it.id: it for it in reversed(rubrics_known())}.values()],
        now=clock.now(),
    )
