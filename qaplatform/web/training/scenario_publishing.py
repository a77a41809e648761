"""Publishing a scenario, and taking it back."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, SubmitField

from qaplatform import clock
from qaplatform.errors import QAPlatformError
from qaplatform.exam.references import BAD_AT_MOST, GOOD_AT_LEAST
from qaplatform.services.rubric_diffs import file_diffs
from qaplatform.services.training import scenario_drafts as service
from qaplatform.services.training.scenario_checking import readiness
from qaplatform.services.training.scenario_drafts import PUBLISH
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.forms import Form
from qaplatform.web.i18n import _, language, lazy
from qaplatform.web.sentences import sentence_of
from qaplatform.web.submitting import done, missing_is_404, submitted
from qaplatform.web.training.scenarios import scenario_page, scenarios, seen_or_404, version_seen


class PublishForm(Form):
    """What whoever publishes vouches for."""

    is_invented = BooleanField(lazy("我已通读：里面没有任何真人的姓名、号码、地址或其他信息"))
    submit = SubmitField(lazy("发布"))


@scenarios.get("/<code>/publish")
@permitted(PUBLISH)
def ask_publish(code: str) -> str:
    """What would be published, and what stands in the way."""
    return _publish_page(code, PublishForm(formdata=None))


@scenarios.post("/<code>/publish")
@permitted(PUBLISH)
def publish(code: str) -> ResponseReturnValue:
    """Let the draft stand."""
    form, viewer, now = PublishForm(), current_viewer(), clock.now()
    with missing_is_404(), current_store().reading() as session:
        # Playing the references takes time and is kept: the transaction that writes is not held up by it.
        seen = service.scenario_seen(session, viewer, code)
        readiness(session, code, seen.text, now)
    made = submitted(
        form,
        lambda session: service.publish_scenario(
            session, viewer, code, seen_version=version_seen(), is_invented=bool(form.is_invented.data), now=now
        ),
        {"scenarios.real_person": "is_invented"},
    )
    if made is None:
        return _publish_page(code, form), 400
    flash(_("场景已发布，之后的考核会抽到它。"), "success")
    return redirect(url_for(".show", code=code), 303)


def _publish_page(code: str, form: PublishForm) -> str:
    with missing_is_404(), current_store().reading() as session:
        seen = service.scenario_seen(session, current_viewer(), code)
        ready = readiness(session, code, seen.text, clock.now())
    path = f"{code}.yaml"
    return scenario_page(
        "publish",
        seen,
        form=form,
        ready=ready,
        has_changes=seen.draft is not None and seen.draft.text != seen.standing_text,
        marks=(GOOD_AT_LEAST, BAD_AT_MOST),
        diffs=file_diffs({path: seen.standing_text}, {path: seen.text}) if seen.standing_text else [],
    )


@scenarios.get("/<code>/withdraw")
@permitted(PUBLISH)
def ask_withdraw(code: str) -> str:
    """Whether one is sure."""
    seen = seen_or_404(code)
    return render_template(
        "parts/confirm.html",
        title=_("撤下场景"),
        question=_("要撤下“%(title)s”吗？", title=seen.title.in_language(language())),
        details=[_("之后的考核不会再抽到它。"), _("考过的成绩和记录不变；随时可以从旧版本重新发布。")],
        action=url_for(".withdraw", code=code, version=seen.version),
        label=_("撤下"),
        back=url_for(".show", code=code),
    )


@scenarios.post("/<code>/withdraw")
@permitted(PUBLISH)
def withdraw(code: str) -> ResponseReturnValue:
    """Take it back."""
    viewer, now = current_viewer(), clock.now()
    version = request.args.get("version", -1, type=int)
    try:
        done(
            lambda session: service.withdraw_scenario(session, viewer, code, seen_version=version, now=now)
        )  # fmt: skip
    except QAPlatformError as error:
        if getattr(error, "code", "") not in ("scenarios.moved_on", "scenarios.same"):
            raise
        flash(sentence_of(error), "error")
        return redirect(url_for(".show", code=code), 303)
    flash(_("场景已撤下。"), "success")
    return redirect(url_for(".show", code=code), 303)
