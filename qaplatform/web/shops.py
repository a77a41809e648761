"""Shops: what they are called, their zone and class, how long text is kept, which folder is watched."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, IntegerField, SelectField, StringField, SubmitField
from wtforms.validators import Optional

from qaplatform import clock
from qaplatform.services import shops as service
from qaplatform.services.reauditing import ask_for_shop
from qaplatform.services.shops import MOST_RETENTION_DAYS, SHOP_CLASSES, PurgeNotAcceptedError, ShopFields
from qaplatform.store.shops import ShopFilter, ShopLine
from qaplatform.web.access import permitted
from qaplatform.web.current import current_settings, current_store, current_viewer
from qaplatform.web.forms import Form, at_most, between, choices, required, saved, stripped
from qaplatform.web.i18n import _, lazy
from qaplatform.web.navigation import exists
from qaplatform.web.paging import page_number, page_of
from qaplatform.web.reauditing import to_job
from qaplatform.web.submitting import missing_is_404, submitted

shops = Blueprint("shops", __name__, url_prefix="/admin/shops")
PAGE_SIZE = 50
ZONES = ("Asia/Shanghai", "Asia/Hong_Kong", "Asia/Taipei", "Asia/Singapore", "Asia/Tokyo", "Asia/Bangkok",
         "Europe/London", "Europe/Berlin", "America/New_York", "America/Los_Angeles", "UTC")  # fmt: skip
"""Offered while one types; every other zone of the time zone database may be written as well."""
_PLACES = {
    "shops.code_form": "code",
    "shops.code_taken": "code",
    "shops.name_form": "name",
    "shops.class": "shop_class",
    "shops.timezone": "timezone",
    "shops.retention": "retention_days",
    "folders.unusable": "folder",
    "folders.relative": "folder",
    "folders.missing": "folder",
    "folders.not_a_folder": "folder",
    "folders.unreadable": "folder",
    "folders.own": "folder",
    "folders.taken": "folder",
}


class ShopForm(Form):
    """All that can be said of a shop."""

    name = StringField(lazy("店铺名称"), [required(), at_most(200)], [stripped])
    code = StringField(lazy("店铺编号"), [required(), at_most(100)], [stripped])
    shop_class = SelectField(lazy("店铺等级"), choices=choices(*((one, one) for one in SHOP_CLASSES)), default="B")
    timezone = StringField(
        lazy("时区"), [required(), at_most(60)], [stripped], default=ZONES[0], render_kw={"list": "zones"}
    )
    retention_days = IntegerField(
        lazy("原文保留天数"), [Optional(), between(1, MOST_RETENTION_DAYS)], render_kw={"inputmode": "numeric"}
    )
    folder = StringField(lazy("监听文件夹"), [at_most(1000)], [stripped])
    active = BooleanField(lazy("启用这个店铺"), default=True)
    forbids_llm = BooleanField(lazy("不发送给语言模型"))
    accepts_purge = BooleanField(lazy("我已了解，按新的期限清除原文"))
    submit = SubmitField(lazy("保存"))

    def fields(self) -> ShopFields:
        """What was written, for the service."""
        return ShopFields(
            code=self.code.data or "",
            name=self.name.data or "",
            shop_class=self.shop_class.data,
            timezone=self.timezone.data or "",
            text_retention_days=self.retention_days.data,
            watched_folder=self.folder.data,
            active=self.active.data,
            forbids_llm=self.forbids_llm.data,
        )


@shops.get("")
@permitted("shops.manage")
def index() -> str:
    """The list."""
    wanted = ShopFilter(
        text=request.args.get("q", "").strip() or None,
        active={"active": True, "inactive": False}.get(request.args.get("state", "")),
    )
    with current_store().reading() as session:
        lines, total = service.shops_page(session, current_viewer(), wanted, page=page_number(), page_size=PAGE_SIZE)
    page = page_of(lines, PAGE_SIZE, total)
    return render_template("shops/index.html", page=page, is_filtered=wanted != ShopFilter())


@shops.get("/new")
@permitted("shops.manage")
def new() -> str:
    """A form for a new shop."""
    return render_template("shops/new.html", form=ShopForm(), zones=ZONES)


@shops.post("/new")
@permitted("shops.manage")
def create() -> ResponseReturnValue:
    """Make a shop."""
    form = ShopForm()
    folder = current_settings().data_folder
    made = submitted(
        form,
        lambda session: service.create_shop(
            session, form.fields(), by=current_viewer(), now=clock.now(), data_folder=folder
        ),
        _PLACES,
    )
    if made is None:
        return render_template("shops/new.html", form=form, zones=ZONES), 400
    flash(_("店铺已创建。接下来可以设置时段、促销日和退货地址。"), "success")
    return redirect(url_for(".show", id=made.value), 303)


@shops.get("/<int:id>")
@permitted("shops.manage")
def show(id: int) -> str:
    """One shop."""
    line = shop_or_404(id)
    form = ShopForm(
        name=line.name,
        code=line.code,
        shop_class=line.shop_class,
        timezone=line.timezone,
        retention_days=line.text_retention_days,
        folder=line.watched_folder,
        active=line.active,
        forbids_llm=line.forbids_llm,
    )
    return _page(line, form)


@shops.post("/<int:id>")
@permitted("shops.manage")
def change(id: int) -> ResponseReturnValue:
    """Change a shop. Where that would remove text, the form comes back and asks for it to be accepted."""
    line, form = shop_or_404(id), ShopForm()
    try:
        changed = submitted(
            form,
            lambda session: service.change_shop(
                session,
                id,
                form.fields(),
                by=current_viewer(),
                now=clock.now(),
                data_folder=current_settings().data_folder,
                accepts_purge=form.accepts_purge.data,
            ),
            _PLACES,
            but=PurgeNotAcceptedError,
        )
    except PurgeNotAcceptedError as error:
        return _page(line, form, purge_count=error.conversation_count), 409
    if changed is None:
        return _page(line, form), 400
    flash(saved(), "success")
    return redirect(url_for(".show", id=id), 303)


@shops.get("/<int:id>/reaudit")
@permitted("shops.manage")
def ask_audit_anew(id: int) -> str:
    """Whether the shop's conversations are to be audited by the settings of now."""
    line = shop_or_404(id)
    question = _("要按现在的设置重新质检“%(shop)s”已有的会话吗？", shop=line.name)
    return _asked_anew(question, url_for(".audit_anew", id=id), url_for(".show", id=id))


@shops.get("/shared/reaudit")
@permitted("shops.manage")
def ask_audit_all_anew() -> str:
    """The same for all shops."""
    question = _("要按现在的设置重新质检所有店铺已有的会话吗？")
    return _asked_anew(question, url_for(".audit_all_anew"), url_for(".index"))


def _asked_anew(question: str, action: str, back: str) -> str:
    return render_template(
        "parts/confirm.html",
        title=_("重新质检"),
        question=question,
        details=[
            _("日历、时段、退货地址、人员和子账号归属，都以现在登记的、会话当天的内容为准。"),
            _("没有变化的会话会跳过；有变化的得到新的结果，原结果会保留。"),
            _("原文已清除的会话不再质检。"),
        ],
        action=action,
        label=_("重新质检"),
        back=back,
        is_harmless=True,
    )


@shops.post("/<int:id>/reaudit")
@permitted("shops.manage")
def audit_anew(id: int) -> ResponseReturnValue:
    """Ask for the job that audits the shop's conversations anew."""
    return _audited_anew(shop_or_404(id).id, url_for(".show", id=id))


@shops.post("/shared/reaudit")
@permitted("shops.manage")
def audit_all_anew() -> ResponseReturnValue:
    """The same for all shops."""
    return _audited_anew(None, url_for(".index"))


def _audited_anew(id: int | None, back: str) -> ResponseReturnValue:
    with current_store().writing() as session:
        asked = ask_for_shop(session, current_viewer(), id, now=clock.now())
    return to_job(asked, back)


def shop_or_404(id: int, permission: str = "shops.manage") -> ShopLine:
    """A shop by its number; the page is not there if the shop is not."""
    with missing_is_404(), current_store().reading() as session:
        return service.shop_line(session, current_viewer(), id, permission)


@shops.app_template_global("shop_tabs")
def shop_tabs(id: int | None) -> list[tuple[str, str, int | None]]:
    """The pages that belong to a shop (``None``: to all shops together) and that the viewer may open."""
    parts: list[tuple[str, str, str]] = [
        ("shops.show", "shops.manage", _("基本资料")),
        ("clock_bands.show", "shops.manage", _("时段与回复时限")),
        ("calendar_days.show", "shops.manage", _("促销日与假日")),
        ("return_addresses.show", "shops.manage", _("退货地址")),
        ("push_tokens.index", "tokens.manage", _("推送令牌")),
    ]
    viewer = current_viewer()
    if id is None:
        return [(url_for(f"{name.partition('.')[0]}.show_shared"), text, None) for name, _needs, text in parts[1:3]]
    return [
        (url_for(name, id=id) if name == "shops.show" else url_for(name, shop_id=id), text, None)
        for name, needs, text in parts
        if exists(name) and viewer.may(needs)
    ]


def _page(line: ShopLine, form: ShopForm, purge_count: int | None = None) -> str:
    return render_template("shops/show.html", line=line, form=form, zones=ZONES, purge_count=purge_count)
