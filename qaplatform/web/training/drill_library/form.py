"""The form of a drill: from what it says to fields and back, and mistakes beside what they are about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    FormField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms import Form as PlainForm
from wtforms.widgets import CheckboxInput, ListWidget

from qaplatform.audit.phrases import Words
from qaplatform.audit.problem import Problem
from qaplatform.training.chat_writing import as_notation
from qaplatform.training.drill_fields import LANGUAGES, MUST_ACTS, SIGNS, DrillFields, Place, WordingFields, place_of
from qaplatform.training.drills import Must
from qaplatform.web.forms import Form, choices, required, set_error, stripped
from qaplatform.web.i18n import LazyText, _, lazy
from qaplatform.web.mistake_words import in_words
from qaplatform.web.sentences import QUEUES
from qaplatform.web.training import drill_words

_MOST_MUSTS = 6


def _several(label: LazyText, pairs: Iterable[tuple[str, str | LazyText]]) -> SelectMultipleField:
    return SelectMultipleField(
        label, choices=choices(*pairs), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )


def _area(label: LazyText, rows: int) -> TextAreaField:
    return TextAreaField(label, filters=[stripped], render_kw={"rows": rows})


class MustForm(PlainForm):  # type: ignore[misc]
    """One thing an answer must do."""

    acts = _several(lazy("做到其中一件"), ((one, drill_words.ACTS[one]) for one in MUST_ACTS))
    abouts = _several(lazy("关于其中一样（不选就不限）"), drill_words.ABOUTS.items())
    due = BooleanField(lazy("还要说明时间"))


class WordingForm(PlainForm):  # type: ignore[misc]
    """The drill in one language."""

    chat = _area(lazy("会话内容"), 5)
    panel = _area(lazy("侧边栏信息"), 3)
    then = _area(lazy("回复之后发生的事"), 2)
    good = _area(lazy("更好的说法"), 3)
    bad = _area(lazy("不该这样说"), 2)


class DrillForm(Form):
    """A drill."""

    title_zh = StringField(lazy("中文标题"), filters=[stripped])
    title_en = StringField(lazy("英文标题"), filters=[stripped])
    criterion = SelectField(lazy("质检项"), validate_choice=False)
    musts = FieldList(FormField(MustForm), min_entries=1, max_entries=_MOST_MUSTS)
    must_not = _several(lazy("不能出现"), ((one, drill_words.SIGNS[one]) for one in SIGNS))
    queue = SelectField(lazy("队列"), choices=choices(*((code, QUEUES[code]) for code in ("after_sale", "pre_sale"))))
    promotion = BooleanField(lazy("当天是大促（时限更短）"))
    shop = StringField(lazy("店铺名"), filters=[stripped])
    return_addresses = TextAreaField(lazy("店铺的退货地址"), filters=[stripped], render_kw={"rows": 2})
    zh = FormField(WordingForm)
    en = FormField(WordingForm)


class NewDrillForm(DrillForm):
    """A drill that has no id yet."""

    code = StringField(
        lazy("编号"), [required()], filters=[stripped], render_kw={"spellcheck": "false", "autocapitalize": "none"}
    )


def filled(kind: type[DrillForm], fields: DrillFields, criteria: Sequence[tuple[str, str]]) -> DrillForm:
    """The form as it shows a drill; ``criteria``: ids and titles to choose from."""
    data: dict[str, Any] = {
        "title_zh": fields.title.zh,
        "title_en": fields.title.en,
        "criterion": fields.criterion,
        "musts": [{"acts": one.acts, "abouts": one.abouts, "due": one.due} for one in fields.musts],
        "must_not": fields.must_not,
        "queue": fields.queue,
        "promotion": fields.promotion,
        "shop": fields.shop,
        "return_addresses": "\n".join(fields.return_addresses),
    }
    for language in LANGUAGES:
        one = fields.wording(language)
        texts = {name: getattr(one, name) for name in ("chat", "then", "good", "bad")}
        data[language] = {**texts, "panel": "\n".join(one.panel)}
    if kind is NewDrillForm:
        data["code"] = fields.id
    return ready(kind(formdata=None, data=data), criteria)


def ready(form: DrillForm, criteria: Sequence[tuple[str, str]]) -> DrillForm:
    """The form with criteria to choose from, what cannot be left out, and room for one thing more an answer must do."""
    chosen = form.criterion.data or ""
    form.criterion.choices = choices(("", _("请选择")), *criteria)
    if chosen not in {id for id, _title in criteria} and chosen:
        form.criterion.choices += choices((chosen, chosen))
    for one in (form.title_zh, form.zh.form.chat, form.zh.form.good, form.zh.form.bad):
        one.flags.required = True
    if len(form.musts) < _MOST_MUSTS and (not len(form.musts) or form.musts[-1].form.acts.data):
        form.musts.append_entry()
    return form


def sent_fields(form: DrillForm, code: str, kept: str = "") -> DrillFields:
    """What was filled in; chats in the notation of files, whoever wrote them how."""
    musts = (one.form for one in form.musts)
    return DrillFields(
        id=code,
        criterion=form.criterion.data or "",
        title=Words(form.title_zh.data or "", form.title_en.data or ""),
        musts=tuple(
            Must(_known(one.acts.data, MUST_ACTS), _known(one.abouts.data, drill_words.ABOUTS), bool(one.due.data))
            for one in musts
            if _known(one.acts.data, MUST_ACTS)
        ),
        must_not=_known(form.must_not.data, SIGNS),
        queue=form.queue.data or "after_sale",
        promotion=bool(form.promotion.data),
        shop=form.shop.data or "",
        return_addresses=_lines(form.return_addresses.data),
        wordings={language: _wording(form[language].form) for language in LANGUAGES},
        kept=kept,
    )


def _wording(form: WordingForm) -> WordingFields:
    return WordingFields(
        chat=as_notation(form.chat.data) if form.chat.data else "",
        then=as_notation(form.then.data, timed=False) if form.then.data else "",
        panel=_lines(form.panel.data),
        good=_line(form.good.data),
        bad=_line(form.bad.data),
    )


def _known(sent: Sequence[str] | None, known: Iterable[str]) -> tuple[str, ...]:
    """What was chosen, in the order in which it can be."""
    return tuple(one for one in known if one in (sent or ()))


def _lines(text: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.strip() for line in (text or "").splitlines() if line.strip()))


def _line(text: str | None) -> str:
    """An answer is one message."""
    return " ".join((text or "").split("\n")).replace("\r", "").strip()


def show_problems(form: DrillForm, problems: Iterable[Problem], text: str) -> list[Problem]:
    """Put mistakes beside the fields they are about; those of none are given back."""
    left = []
    for one in problems:
        if one.severity != "error":
            continue
        place = place_of(text, one.line, one.column)
        field = _field_of(form, place.keys)
        if field is None:
            left.append(one)
        elif field.data == "":
            set_error(field, _("请选择质检项。") if field is form.criterion else _("请填写此项。"))
        else:
            set_error(field, _said(one, place))
    return left


def _said(one: Problem, place: Place) -> Markup:
    where = _("YAML 第 %(line)s 行第 %(column)s 列", line=one.line, column=one.column)
    if place.line is not None:
        where = _("这一栏的第 %(line)s 行", line=place.line) + " · " + where
    return Markup("{} <span>{}</span>").format(where, in_words(one.message))


def _field_of(form: FlaskForm, keys: Sequence[str | int]) -> Field | None:
    first, *rest = (*keys, "", "")
    second = str(rest[0])
    if first == "id":
        return form.code if "code" in form else None
    if first == "title":
        return form.title_en if second == "en" else form.title_zh
    if first == "must":
        return form.musts
    if first in LANGUAGES:
        wording = form[first].form
        return wording[second if second in wording else "chat"]
    return form[first] if first in ("criterion", "must_not", "queue", "promotion", "shop", "return_addresses") else None
