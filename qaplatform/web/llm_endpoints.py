"""Endpoints of language models in the browser: from a preset to a connection that was tried."""

from __future__ import annotations

import msgspec
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    PasswordField,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Optional

from qaplatform import clock
from qaplatform.llm.endpoint import Preset, presets
from qaplatform.services import endpoint_trials
from qaplatform.services import llm_endpoints as service
from qaplatform.services.endpoint_fields import MOST_EXTRA_CHARS, MOST_KEY_CHARS, EndpointFields, fields_of_preset
from qaplatform.services.endpoint_trials import EndpointTrial
from qaplatform.services.grader_settings import KeyNotThereError
from qaplatform.services.llm_endpoints import EndpointLine, RetiredEndpointError
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.forms import Form, NumberField, at_most, choices, required, saved, stripped
from qaplatform.web.grader_words import CURRENCIES, call_words
from qaplatform.web.i18n import _, language, lazy
from qaplatform.web.sentences import sentence_of
from qaplatform.web.submitting import done, missing_is_404, submitted

llm_endpoints = Blueprint("llm_endpoints", __name__, url_prefix="/grader/endpoints")
_FIELDS = (
    "base_url", "model", "api_key", "input_price", "output_price", "currency", "context_tokens", "temperature",
    "deadline_seconds", "extra",
)  # fmt: skip
_PLACES = {f"endpoints.{field}": field for field in _FIELDS} | {
    "endpoints.name_form": "name",
    "endpoints.name_taken": "name",
    "endpoints.key_variable": "api_key",
    "endpoints.key_again": "api_key",
    "endpoints.price_half": "output_price",
}
SPECIAL = (
    "json_schema", "json_object", "seed", "max_completion_tokens", "stream", "context_tokens", "temperature",
    "deadline_seconds", "extra",
)  # fmt: skip
"""Fields that most people leave as the preset has them."""
_QUIET = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}


class EndpointForm(Form):
    """All that can be said of an endpoint."""

    preset = HiddenField()
    name = StringField(lazy("名称"), [required(), at_most(200)], [stripped])
    base_url = StringField(
        lazy("接口地址"), [required(), at_most(500)], [stripped], render_kw={**_QUIET, "inputmode": "url"}
    )
    model = StringField(lazy("模型"), [required(), at_most(200)], [stripped], render_kw=_QUIET)
    api_key = PasswordField(
        lazy("密钥"), [at_most(MOST_KEY_CHARS)], [stripped], render_kw={**_QUIET, "autocomplete": "new-password"}
    )
    forgets_key = BooleanField(lazy("删除已保存的密钥"))
    input_price = StringField(lazy("输入价格"), [at_most(40)], [stripped], render_kw={"inputmode": "decimal"})
    output_price = StringField(lazy("输出价格"), [at_most(40)], [stripped], render_kw={"inputmode": "decimal"})
    currency = SelectField(lazy("币种"), choices=choices(*CURRENCIES.items()))
    json_schema = BooleanField(lazy("按 JSON Schema 作答"))
    json_object = BooleanField(lazy("按 JSON 对象作答"))
    seed = BooleanField(lazy("固定随机种子（seed）"))
    max_completion_tokens = BooleanField(lazy("用 max_completion_tokens 限制回答长度"))
    stream = BooleanField(lazy("分段接收回答（stream）"))
    context_tokens = IntegerField(
        lazy("上下文长度（token）"), [InputRequired(lazy("请填写此项。"))], render_kw={"inputmode": "numeric"}
    )
    temperature = NumberField(lazy("温度"), [Optional()], render_kw={"inputmode": "decimal"})
    deadline_seconds = NumberField(
        lazy("时限（秒）"), [InputRequired(lazy("请填写此项。"))], render_kw={"inputmode": "decimal"}
    )
    extra = TextAreaField(
        lazy("附加参数（JSON）"), [at_most(MOST_EXTRA_CHARS)], [stripped], render_kw={**_QUIET, "rows": 6}
    )
    submit = SubmitField(lazy("保存"))

    def fields(self) -> EndpointFields:
        """What was written, for the service."""
        known = {one.id for one in presets()}
        return EndpointFields(
            preset=self.preset.data if self.preset.data in known else None,
            name=self.name.data or "",
            base_url=self.base_url.data or "",
            model=self.model.data or "",
            api_key=self.api_key.data or "",
            forgets_key=self.forgets_key.data,
            input_price=self.input_price.data,
            output_price=self.output_price.data,
            currency=self.currency.data,
            json_schema=self.json_schema.data,
            json_object=self.json_object.data,
            seed=self.seed.data,
            max_completion_tokens=self.max_completion_tokens.data,
            stream=self.stream.data,
            context_tokens=self.context_tokens.data,
            temperature=self.temperature.data,
            deadline_seconds=self.deadline_seconds.data,
            extra=self.extra.data or "",
        )

    @property
    def is_special_wrong(self) -> bool:
        """Whether something is wrong among the fields that are folded away."""
        return any(self[name].errors for name in SPECIAL)


@llm_endpoints.get("")
@permitted("grader.manage")
def index() -> str:
    """The list."""
    with current_store().reading() as session:
        lines = service.endpoint_lines(session, current_viewer())
    return render_template("llm_endpoints/index.html", lines=lines, currencies=CURRENCIES)


@llm_endpoints.get("/new")
@permitted("grader.manage")
def new() -> str:
    """Which service it is; with ``?preset=`` the form, filled in."""
    preset = _preset(request.args.get("preset"))
    if preset is None:
        return render_template("llm_endpoints/choose.html", groups=_groups())
    fields = fields_of_preset(preset, language())
    if preset.id == "custom":
        fields = msgspec.structs.replace(fields, name="", base_url="", model="")
    return _new(_form_of(fields), preset)


@llm_endpoints.post("/new")
@permitted("grader.manage")
def create() -> ResponseReturnValue:
    """Enter an endpoint."""
    form = EndpointForm()
    by, now = current_viewer(), clock.now()
    made = submitted(form, lambda session: service.create_endpoint(session, form.fields(), by=by, now=now), _PLACES)
    if made is None:
        return _new(form, _preset(form.preset.data)), 400
    flash(_("模型接口已添加。请测试一下连接。"), "success")
    return redirect(url_for(".show", id=made.value), 303)


@llm_endpoints.get("/<int:id>")
@permitted("grader.manage")
def show(id: int) -> str:
    """One endpoint."""
    line = _line(id)
    return _page(line, _form_of(line.fields))


@llm_endpoints.post("/<int:id>")
@permitted("grader.manage")
def change(id: int) -> ResponseReturnValue:
    """Change an endpoint."""
    form, by, now = EndpointForm(), current_viewer(), clock.now()
    changed = submitted(
        form, lambda session: service.change_endpoint(session, id, form.fields(), by=by, now=now), _PLACES
    )
    if changed is None:
        return _page(_line(id), form), 400
    flash(saved(), "success")
    return redirect(url_for(".show", id=id), 303)


@llm_endpoints.post("/<int:id>/use")
@permitted("grader.manage")
def use(id: int) -> ResponseReturnValue:
    """Ask this one from now on."""
    by, now = current_viewer(), clock.now()
    try:
        done(lambda session: service.choose_endpoint(session, id, by=by, now=now))
    except RetiredEndpointError as error:
        flash(sentence_of(error), "error")
    else:
        flash(_("以后的提问都用这个模型接口。"), "success")
    return redirect(url_for(".index"), 303)


@llm_endpoints.get("/<int:id>/try")
@permitted("grader.manage")
def tried(id: int) -> ResponseReturnValue:
    """What came of a try is kept nowhere: whoever comes back to its address, as after changing the language, is led on."""
    _line(id)
    return redirect(url_for(".show", id=id), 303)


@llm_endpoints.post("/<int:id>/try")
@permitted("grader.manage")
def try_out(id: int) -> ResponseReturnValue:
    """Ask it something, and say what came of it on this very page: it is kept nowhere."""
    form_page = _line(id)
    try:
        with missing_is_404():
            trial = endpoint_trials.try_endpoint(current_store(), current_viewer(), id, now=clock.now())
    except (KeyNotThereError, RetiredEndpointError) as error:
        flash(sentence_of(error), "error")
        return redirect(url_for(".show", id=id), 303)
    return _page(form_page, _form_of(form_page.fields), trial)


@llm_endpoints.get("/<int:id>/retire")
@permitted("grader.manage")
def ask_retire(id: int) -> str:
    """Whether one is sure."""
    line = _line(id)
    if line.retired_at is not None:
        abort(404)
    return render_template(
        "parts/confirm.html",
        title=_("停用模型接口"),
        question=_("要停用模型接口“%(name)s”吗？", name=line.fields.name),
        details=[
            _("以后不再向它提问，保存的密钥会删除；它已有的回答和费用记录保留。"),
            _("停用后不能恢复，名称也不能再用；需要时请重新添加。"),
        ],
        action=url_for(".retire", id=id),
        label=_("停用"),
        back=url_for(".show", id=id),
    )


@llm_endpoints.post("/<int:id>/retire")
@permitted("grader.manage")
def retire(id: int) -> ResponseReturnValue:
    """Ask it nothing any more."""
    by, now = current_viewer(), clock.now()
    try:
        done(lambda session: service.retire_endpoint(session, id, by=by, now=now))
    except RetiredEndpointError as error:
        flash(sentence_of(error), "error")
    else:
        flash(_("模型接口已停用。"), "success")
    return redirect(url_for(".index"), 303)


def _line(id: int) -> EndpointLine:
    with missing_is_404(), current_store().reading() as session:
        return service.endpoint_line(session, current_viewer(), id)


def _form_of(fields: EndpointFields) -> EndpointForm:
    return EndpointForm(formdata=None, obj=fields)


def _preset(id: str | None) -> Preset | None:
    return next((one for one in presets() if one.id == id), None)


def _groups() -> list[tuple[str, list[Preset]]]:
    """Presets by where they are: the file has them in this order."""
    own = [one for one in presets() if one.local]
    abroad = [one for one in presets() if one.currency != "CNY" and not one.local]
    other = [one for one in presets() if one.id == "custom"]
    at_home = [one for one in presets() if one not in own + abroad + other]
    return [
        (_("国内服务"), at_home),
        (_("国际服务"), abroad),
        (_("自己的服务器（内容不出本单位，不计费）"), own),
        (_("其他"), other),
    ]


def _new(form: EndpointForm, preset: Preset | None) -> str:
    return render_template("llm_endpoints/new.html", form=form, preset=preset, key_hint="")


def _page(line: EndpointLine, form: EndpointForm, trial: EndpointTrial | None = None) -> str:
    return render_template(
        "llm_endpoints/show.html",
        line=line,
        form=form,
        preset=_preset(line.fields.preset),
        key_hint=line.key_hint,
        trial=trial,
        call_words=call_words,
    )
