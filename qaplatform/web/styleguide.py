"""``/styleguide``: every piece that pages are made of, on one page; in tests and while developing only."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, flash, render_template, request
from wtforms import (
    BooleanField,
    DateField,
    FileField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
)

from qaplatform import clock
from qaplatform.web.access import permitted
from qaplatform.web.forms import Form, at_most, between, choices, required, set_error
from qaplatform.web.i18n import _, lazy
from qaplatform.web.paging import Page, sort_of

styleguide = Blueprint("styleguide", __name__, url_prefix="/styleguide")


SHOP = "晴空家居旗舰店"
QUERY = "退款"


class SampleForm(Form):
    """One field of each kind."""

    name = StringField(lazy("店铺名称"), [required(), at_most(200)], default=SHOP)
    code = StringField(lazy("店铺编号"), [required(), at_most(100)])
    kind = SelectField(lazy("店铺类型"), choices=choices(("B", "B"), ("C", "C")))
    days = IntegerField(lazy("原文保留天数"), [between(1, 3650)], default=180)
    opened = DateField(lazy("开始日期"))
    note = TextAreaField(lazy("备注"), render_kw={"rows": 3})
    file = FileField(lazy("会话文件"))
    active = BooleanField(lazy("启用"), default=True)
    queue = RadioField(
        lazy("默认队列"), choices=choices(("pre", lazy("售前")), ("after", lazy("售后"))), default="after"
    )
    submit = SubmitField(lazy("保存"))


@styleguide.get("")
@permitted("self.manage")
def show() -> str:
    """All pieces."""
    form = SampleForm(formdata=None)
    set_error(form.code, _("请填写此项。"))
    flash(_("已保存。"), "success")
    now = clock.now()
    lines = [
        (
            now - timedelta(minutes=7 * n),
            ("pass", "fail", "critical", "pending", "unscored")[n % 5],
            (96.5, 61.0, 0.0, None)[n % 4],
        )
        for n in range(6)
    ]
    page = Page(lines, 2, 6, has_next=True, total=6817)
    sort = sort_of(("started", "score"), "-started")
    return render_template("styleguide/show.html", form=form, page=page, sort=sort, now=now, query=QUERY)


@styleguide.get("/progress")
@permitted("self.manage")
def progress() -> str:
    """A part of a page that renews itself; the whole page for whoever has no JavaScript."""
    template = "styleguide/_progress.html" if request.headers.get("HX-Request") else "styleguide/progress.html"
    return render_template(template, done=clock.now().second, total=60)


@styleguide.get("/confirm")
@permitted("self.manage")
def confirm() -> str:
    """The page that asks whether one is sure."""
    return render_template(
        "parts/confirm.html",
        title=_("取消任务"),
        question=_("要取消这个任务吗？"),
        details=[_("已经导入的会话会保留。"), _("之后可以重新开始。")],
        action="/styleguide/confirm",
        label=_("取消任务"),
        back="/styleguide",
    )
