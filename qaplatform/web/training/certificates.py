"""Certificates: one's own, those of people within reach, each to be printed; looking one up by its number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SubmitField, TextAreaField

from qaplatform import clock
from qaplatform.exam.scenario import Scenario
from qaplatform.services.training import certificates as service
from qaplatform.services.training.catalogue import scenarios_now
from qaplatform.services.training.certificate_words import paper_of
from qaplatform.services.training.certificates import CertificateNumberError, StoredCertificate, Verified
from qaplatform.services.training.settings import training_settings
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.forms import Form, at_most, required, stripped
from qaplatform.web.i18n import LazyText, _, language, lazy
from qaplatform.web.paging import page_number, page_of
from qaplatform.web.sentences import sentence_of
from qaplatform.web.submitting import submitted

certificates = Blueprint("certificates", __name__, url_prefix="/certificates")
KIND_WORDS: dict[str, LazyText] = {
    "mock_exam": lazy("模拟考核"),
    "path": lazy("学习路径结业"),
    "rubric": lazy("质检评分"),
}


class RevokingForm(Form):
    """Why a certificate is taken back."""

    reason = TextAreaField(
        lazy("撤销原因"), [required(), at_most(service.MOST_REASON_CHARS)], [stripped], render_kw={"rows": 4}
    )
    submit = SubmitField(lazy("撤销证书"))


@certificates.get("")
@permitted("training.learn")
def index() -> str:
    """One's own, those within reach, and a number looked up with ``?number=``."""
    viewer, text, number = current_viewer(), request.args.get("q", ""), request.args.get("number", "").strip()
    has_people = service.may_verify(viewer)
    verified: Verified | None = None
    problem = ""
    with current_store().reading() as session:
        own = service.own_certificates(session, viewer.user_id)
        standing = service.exam_standing(session, viewer.user_id)
        found, total = (
            service.certificates_page(session, viewer, text=text, page=page_number()) if has_people else ([], 0)
        )
        scenarios = scenarios_now(session)
        rules = training_settings(session)
        if number:
            try:
                verified = service.verify(session, viewer, number)
            except CertificateNumberError as error:
                problem = sentence_of(error)
    return render_template(
        "training/certificates/index.html",
        **_frame(),
        own=own,
        standing=standing,
        rules=rules,
        page=page_of(found, service.PAGE_SIZE, total),
        query=text,
        number=number,
        verified=verified,
        problem=problem,
        has_people=has_people,
        titles=_titles(scenarios),
    )


@certificates.get("/<number>")
@permitted("training.learn")
def show(number: str) -> str:
    """One, as it is printed."""
    viewer = current_viewer()
    with current_store().reading() as session:
        one = service.certificate_seen(session, viewer, number)
        titles, rules = _titles(scenarios_now(session)), training_settings(session)
    return render_template(
        "training/certificates/show.html",
        **_frame(),
        one=one,
        titles=titles,
        paper=paper_of(one),
        issued_on=rules.day_of(one.issued_at).isoformat(),
        may_revoke=one.revoked_at is None and viewer.may("training.publish"),
    )


@certificates.get("/<number>/revoke")
@permitted("training.publish")
def ask_revoke(number: str) -> str:
    """Why it is taken back."""
    return _revoking(number, RevokingForm(formdata=None))


@certificates.post("/<number>/revoke")
@permitted("training.publish")
def revoke(number: str) -> ResponseReturnValue:
    """Take it back."""
    form, by, now = RevokingForm(), current_viewer(), clock.now()
    _one(number)
    revoked = submitted(
        form,
        lambda session: service.revoke(session, by, number, form.reason.data or "", now=now),
        {"certificates.reason": "reason"},
    )
    if revoked is None:
        return _revoking(number, form), 400
    flash(_("证书已撤销。"), "success")
    return redirect(url_for(".show", number=number), 303)


def _one(number: str) -> StoredCertificate:
    with current_store().reading() as session:
        return service.certificate_seen(session, current_viewer(), number)


def _revoking(number: str, form: RevokingForm) -> str:
    one = _one(number)
    return render_template("training/certificates/revoke.html", **_frame(), one=one, form=form)


def _titles(scenarios: Mapping[str, Scenario]) -> dict[str, str]:
    return {id: one.title.in_language(language()) for id, one in scenarios.items()}


def _frame() -> dict[str, Any]:
    """Under which tabs the pages stand: those who look after others come from the other side."""
    viewer = current_viewer()
    leads = viewer.may("training.coach") or viewer.may("training.lead")
    layout = "leading" if leads else "learning"
    return {
        "layout": f"training/{layout}_layout.html",
        "here_in_training": url_for("certificates.index"),
        "kind_words": KIND_WORDS,
    }
