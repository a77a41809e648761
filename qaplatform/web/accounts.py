"""Platform accounts of shops: who writes under them, in which days and in which shift."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import groupby
from operator import attrgetter

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import DateField, SelectField, StringField, SubmitField
from wtforms.validators import Optional

from qaplatform import clock
from qaplatform.audit.context import DAY_MINUTES
from qaplatform.services import accounts as service
from qaplatform.services.accounts import HolderFields, HolderOverlapError
from qaplatform.services.agents import agent_choices
from qaplatform.services.shops import shop_choices
from qaplatform.store.accounts import AccountFilter, AccountLine, HolderLine
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.formatting import day, minute_of_day
from qaplatform.web.forms import Form, at_most, choices, required, saved, set_error, stripped
from qaplatform.web.grants import choices_of_agents
from qaplatform.web.i18n import _, lazy, plural
from qaplatform.web.minutes import MinuteField
from qaplatform.web.paging import page_number, page_of
from qaplatform.web.submitting import Session, done, missing_is_404, submitted
from qaplatform.web.today import today

accounts = Blueprint("accounts", __name__, url_prefix="/admin/accounts")
PAGE_SIZE = 50
_DAY = timedelta(days=1)
_PLACES = {
    "accounts.days": "last_day",
    "accounts.minutes": "end",
    "users.place_unknown": "agent",
}


class AccountForm(Form):
    """An account that no conversation has named yet."""

    shop = SelectField(lazy("店铺"))
    name = StringField(lazy("子账号名称"), [required(), at_most(200)], [stripped])
    submit = SubmitField(lazy("保存"))


class HolderForm(Form):
    """Who holds an account, and when; the last day counts."""

    agent = SelectField(lazy("客服"), [required(lazy("请选择客服。"))])
    from_day = DateField(lazy("开始日期"), [Optional()])
    last_day = DateField(lazy("最后一天"), [Optional()])
    start = MinuteField(lazy("班次开始"), render_kw={"placeholder": "00:00", "inputmode": "numeric"})
    end = MinuteField(lazy("班次结束"), render_kw={"placeholder": "24:00", "inputmode": "numeric"})
    submit = SubmitField(lazy("保存"))

    def fields(self) -> HolderFields:
        """What was written, for the service: half-open days; a shift that ends before it begins ends on the next day."""
        start, end = self.start.data or 0, DAY_MINUTES if self.end.data is None else self.end.data
        return HolderFields(
            agent_id=int(self.agent.data),
            from_day=self.from_day.data,
            until_day=self.last_day.data + _DAY if self.last_day.data else None,
            start_minute=start,
            end_minute=end if end > start else end + DAY_MINUTES,
        )


@accounts.app_template_global("holding_text")
def holding_text(one: HolderLine) -> str:
    """``2026-03-01 至 2026-05-31 · 22:00–次日 06:00``."""
    first, last = day(one.from_day), day(one.until_day - _DAY) if one.until_day else ""
    if one.from_day and one.until_day:
        days = _("%(first)s 至 %(last)s", first=first, last=last)
    elif one.from_day:
        days = _("%(first)s 起", first=first)
    else:
        days = _("至 %(last)s", last=last) if one.until_day else _("一直")
    return f"{days} · {shift_text(one)}"


def shift_text(one: HolderLine) -> str:
    """``全天``, ``09:00–17:00``, ``22:00–次日 06:00``."""
    if one.start_minute == 0 and one.end_minute == DAY_MINUTES:
        return _("全天")
    start = minute_of_day(one.start_minute)
    if one.end_minute <= DAY_MINUTES:
        return f"{start}–{minute_of_day(one.end_minute)}"
    return _("%(start)s–次日 %(end)s", start=start, end=minute_of_day(one.end_minute - DAY_MINUTES))


@accounts.get("")
@permitted("people.manage")
def index() -> str:
    """The list; accounts that nobody holds come first."""
    wanted = AccountFilter(
        text=request.args.get("q", "").strip() or None,
        shop_id=request.args.get("shop", type=int),
        agent_id=request.args.get("agent", type=int),
        held={"held": True, "free": False}.get(request.args.get("state", "")),
    )
    viewer = current_viewer()
    with current_store().reading() as session:
        lines, total = service.accounts_page(session, viewer, wanted, page=page_number(), page_size=PAGE_SIZE)
        _lines, free = service.accounts_page(session, viewer, AccountFilter(held=False), page_size=1)
        shops = shop_choices(session, viewer, "people.manage")
    return render_template(
        "accounts/index.html",
        page=page_of(lines, PAGE_SIZE, total),
        free_count=free,
        shops=[(str(one.id), one.name) for one in shops],
        is_filtered=wanted != AccountFilter(),
        today=today(),
    )


@accounts.get("/new")
@permitted("people.manage")
def new() -> str:
    """A form for an account that no conversation has named yet."""
    return render_template("accounts/new.html", form=_ready_account(AccountForm(shop=request.args.get("shop", ""))))


@accounts.post("/new")
@permitted("people.manage")
def create() -> ResponseReturnValue:
    """Make an account."""
    form = _ready_account(AccountForm())
    by, now = current_viewer(), clock.now()
    made = submitted(
        form,
        lambda session: service.create_account(session, int(form.shop.data), form.name.data or "", by=by, now=now),
        {"accounts.name_form": "name", "accounts.taken": "name", "users.place_unknown": "shop"},
    )
    if made is None:
        return render_template("accounts/new.html", form=form), 400
    flash(_("子账号已登记，请选择由谁使用。"), "success")
    return redirect(url_for(".show", id=made.value), 303)


@accounts.get("/free")
@permitted("people.manage")
def free() -> str:
    """Accounts that nobody holds, each with a list to choose an agent from; likely ones are said, never chosen."""
    viewer = current_viewer()
    with current_store().reading() as session:
        lines, total = service.accounts_page(
            session, viewer, AccountFilter(held=False), page=page_number(), page_size=PAGE_SIZE
        )
        agents = agent_choices(session, viewer, "people.manage")
    likely, names = service.likely_holders(lines, agents), {one.id: one for one in agents}
    here = [one for one in agents if one.left_on is None or one.left_on > today()]
    options = choices_of_agents(here, _("暂不分配"))
    return render_template(
        "accounts/free.html",
        page=page_of(lines, PAGE_SIZE, total),
        form=Form(),
        agents=[(group, list(found)) for group, found in groupby(options, key=attrgetter("optgroup"))],
        likely={account: names[agent] for account, agent in likely.items()},
    )


@accounts.post("/free")
@permitted("people.manage")
def assign() -> ResponseReturnValue:
    """Give the accounts for which somebody was chosen to them, for all days and hours."""
    wanted = {
        int(name.removeprefix("account-")): int(value)
        for name, value in request.form.items()
        if name.startswith("account-") and name.removeprefix("account-").isdecimal() and value.isdecimal()
    }
    by, now = current_viewer(), clock.now()
    form = Form()
    given = submitted(form, lambda session: service.assign_free(session, wanted, by=by, now=now))
    if given and given.value:
        flash(
            plural("已分配 %(num)s 个子账号。要把已有的会话也归到个人，请在子账号管理中重新归属。", given.value),
            "success",
        )
    elif given:
        flash(_("请先为子账号选择客服。"), "warning")
    return redirect(url_for(".free"), 303)


@accounts.get("/<int:id>")
@permitted("people.manage")
def show(id: int) -> str:
    """One account with its holders, and a form for another one."""
    return _page(_line(id), _ready(HolderForm(formdata=None)))


@accounts.post("/<int:id>")
@permitted("people.manage")
def add_holder(id: int) -> ResponseReturnValue:
    """Say who holds the account."""
    line, form = _line(id), _ready(HolderForm())
    by, now = current_viewer(), clock.now()

    def act(session: Session) -> None:
        service.add_holder(session, id, form.fields(), by=by, now=now)

    if not _held(form, act):
        return _page(line, form), 400
    flash(saved(), "success")
    return redirect(url_for(".show", id=id), 303)


@accounts.get("/<int:id>/holders/<int:holder_id>")
@permitted("people.manage")
def edit_holder(id: int, holder_id: int) -> str:
    """One holding."""
    line = _line(id)
    one = _holder(line, holder_id)
    is_whole_day = (one.start_minute, one.end_minute) == (0, DAY_MINUTES)
    form = HolderForm(
        agent=str(one.agent_id),
        from_day=one.from_day,
        last_day=one.until_day - _DAY if one.until_day else None,
        start=None if is_whole_day else one.start_minute,
        end=None if is_whole_day else (one.end_minute - 1) % DAY_MINUTES + 1,
    )
    return _holder_page(line, one, _ready(form))


@accounts.post("/<int:id>/holders/<int:holder_id>")
@permitted("people.manage")
def change_holder(id: int, holder_id: int) -> ResponseReturnValue:
    """Say it otherwise."""
    line, form = _line(id), _ready(HolderForm())
    one = _holder(line, holder_id)
    by, now = current_viewer(), clock.now()

    def act(session: Session) -> None:
        service.change_holder(session, id, holder_id, form.fields(), by=by, now=now)

    if not _held(form, act):
        return _holder_page(line, one, form), 400
    flash(saved(), "success")
    return redirect(url_for(".show", id=id), 303)


@accounts.get("/<int:id>/holders/<int:holder_id>/remove")
@permitted("people.manage")
def ask_remove_holder(id: int, holder_id: int) -> str:
    """Whether one is sure."""
    line = _line(id)
    one = _holder(line, holder_id)
    return render_template(
        "parts/confirm.html",
        title=_("删除使用记录"),
        question=_("要删除 %(name)s 使用“%(account)s”的记录吗？", name=one.agent_name, account=line.name),
        details=[
            _("如果此人只是不再使用，请改填最后一天，否则以前的会话重新质检时会找不到人。"),
            _("删除后无法恢复，需要时须重新填写。"),
        ],
        action=url_for(".remove_holder", id=id, holder_id=holder_id),
        label=_("删除"),
        back=url_for(".show", id=id),
    )


@accounts.post("/<int:id>/holders/<int:holder_id>/remove")
@permitted("people.manage")
def remove_holder(id: int, holder_id: int) -> ResponseReturnValue:
    """Unsay it."""
    by, now = current_viewer(), clock.now()
    done(lambda session: service.remove_holder(session, id, holder_id, by=by, now=now))
    flash(_("记录已删除。"), "success")
    return redirect(url_for(".show", id=id), 303)


@accounts.get("/<int:id>/remove")
@permitted("people.manage")
def ask_remove(id: int) -> str:
    """Whether one is sure."""
    line = _line(id)
    return render_template(
        "parts/confirm.html",
        title=_("删除子账号"),
        question=_("要删除 %(shop)s 的子账号“%(name)s”吗？", shop=line.shop_name, name=line.name),
        details=[_("谁在何时使用过它的记录一并删除，无法恢复。"), _("如果会话中再次出现，会自动重新登记。")],
        action=url_for(".remove", id=id),
        label=_("删除"),
        back=url_for(".show", id=id),
    )


@accounts.post("/<int:id>/remove")
@permitted("people.manage")
def remove(id: int) -> ResponseReturnValue:
    """Remove an account."""
    by, now = current_viewer(), clock.now()
    done(lambda session: service.remove_account(session, id, by=by, now=now))
    flash(_("子账号已删除。"), "success")
    return redirect(url_for(".index"), 303)


def _held(form: HolderForm, act: Callable[[Session], None]) -> bool:
    """Whether a holding could be written; if not, the form says why."""
    try:
        return submitted(form, act, _PLACES, but=HolderOverlapError) is not None
    except HolderOverlapError as error:
        said = _(
            "%(name)s 在这段时间也使用这个子账号（%(when)s），请先修改他的日期或班次。",
            name=error.other.agent_name,
            when=holding_text(error.other),
        )
        set_error(form.agent, said)
        return False


def _ready_account(form: AccountForm) -> AccountForm:
    with current_store().reading() as session:
        shops = shop_choices(session, current_viewer(), "people.manage")
    form.shop.choices = choices(*((str(one.id), one.name) for one in shops))
    return form


def _ready(form: HolderForm) -> HolderForm:
    with current_store().reading() as session:
        form.agent.choices = choices_of_agents(agent_choices(session, current_viewer(), "people.manage"), _("请选择"))
    return form


def _line(id: int) -> AccountLine:
    with missing_is_404(), current_store().reading() as session:
        return service.account_line(session, current_viewer(), id)


def _holder(line: AccountLine, holder_id: int) -> HolderLine:
    found = next((one for one in line.holders if one.id == holder_id), None)
    return found if found is not None else abort(404)


def _page(line: AccountLine, form: HolderForm) -> str:
    return render_template("accounts/show.html", line=line, form=form, today=today())


def _holder_page(line: AccountLine, one: HolderLine, form: HolderForm) -> str:
    return render_template("accounts/holder.html", line=line, one=one, form=form)
