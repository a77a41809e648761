"""Departments that can end a problem, and whom to turn to there."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField, SubmitField

from qaplatform import clock
from qaplatform.services import departments as service
from qaplatform.services.departments import DepartmentFields
from qaplatform.store.departments import DepartmentLine
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.forms import Form, at_most, required, saved, stripped
from qaplatform.web.i18n import _, lazy
from qaplatform.web.paging import page_number, page_of
from qaplatform.web.submitting import done, missing_is_404, submitted

departments = Blueprint("departments", __name__, url_prefix="/admin/departments")
PAGE_SIZE = 50
_PLACES = {
    "departments.code_form": "code",
    "departments.code_taken": "code",
    "departments.name_form": "name",
    "departments.contact_form": "contact_name",
}


class DepartmentForm(Form):
    """All that can be said of a department."""

    name = StringField(lazy("部门名称"), [required(), at_most(200)], [stripped])
    code = StringField(lazy("部门编号"), [required(), at_most(100)], [stripped])
    contact_name = StringField(lazy("联系人"), [at_most(200)], [stripped])
    contact_way = StringField(lazy("联系方式"), [at_most(300)], [stripped])
    submit = SubmitField(lazy("保存"))

    def fields(self) -> DepartmentFields:
        """What was written, for the service."""
        return DepartmentFields(
            code=self.code.data or "",
            name=self.name.data or "",
            contact_name=self.contact_name.data,
            contact_way=self.contact_way.data,
        )


@departments.get("")
@permitted("shops.manage")
def index() -> str:
    """The list."""
    with current_store().reading() as session:
        lines, total = service.departments_page(session, current_viewer(), page=page_number(), page_size=PAGE_SIZE)
    return render_template("departments/index.html", page=page_of(lines, PAGE_SIZE, total))


@departments.get("/new")
@permitted("shops.manage")
def new() -> str:
    """A form for a new department."""
    return _page(None, DepartmentForm())


@departments.post("/new")
@permitted("shops.manage")
def create() -> ResponseReturnValue:
    """Make a department."""
    form = DepartmentForm()
    by, now = current_viewer(), clock.now()
    made = submitted(form, lambda session: service.create_department(session, form.fields(), by=by, now=now), _PLACES)
    if made is None:
        return _page(None, form), 400
    flash(_("部门已创建。"), "success")
    return redirect(url_for(".index"), 303)


@departments.get("/<int:id>")
@permitted("shops.manage")
def show(id: int) -> str:
    """One department."""
    line = _line(id)
    form = DepartmentForm(name=line.name, code=line.code, contact_name=line.contact_name, contact_way=line.contact_way)
    return _page(line, form)


@departments.post("/<int:id>")
@permitted("shops.manage")
def change(id: int) -> ResponseReturnValue:
    """Change a department."""
    line, form = _line(id), DepartmentForm()
    by, now = current_viewer(), clock.now()
    changed = submitted(
        form, lambda session: service.change_department(session, id, form.fields(), by=by, now=now), _PLACES
    )
    if changed is None:
        return _page(line, form), 400
    flash(saved(), "success")
    return redirect(url_for(".index"), 303)


@departments.get("/<int:id>/remove")
@permitted("shops.manage")
def ask_remove(id: int) -> str:
    """Whether one is sure."""
    line = _line(id)
    return render_template(
        "parts/confirm.html",
        title=_("删除部门"),
        question=_("要删除部门“%(name)s”吗？", name=line.name),
        details=[_("联系人和联系方式一并删除，无法恢复。")],
        action=url_for(".remove", id=id),
        label=_("删除"),
        back=url_for(".show", id=id),
    )


@departments.post("/<int:id>/remove")
@permitted("shops.manage")
def remove(id: int) -> ResponseReturnValue:
    """Remove a department."""
    by, now = current_viewer(), clock.now()
    done(lambda session: service.remove_department(session, id, by=by, now=now))
    flash(_("部门已删除。"), "success")
    return redirect(url_for(".index"), 303)


def _line(id: int) -> DepartmentLine:
    with missing_is_404(), current_store().reading() as session:
        return service.department_line(session, current_viewer(), id)


def _page(line: DepartmentLine | None, form: DepartmentForm) -> str:
    return render_template("departments/edit.html", line=line, form=form)
