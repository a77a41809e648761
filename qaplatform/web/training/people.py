"""One person's training: their path as they see it, with what leads and mentors do about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import DateField, IntegerField, SelectField, SubmitField, TextAreaField
from wtforms.validators import Optional

from qaplatform import clock
from qaplatform.errors import QAPlatformError
from qaplatform.services.access import AccessError
from qaplatform.services.browsing import NotThereError
from qaplatform.services.training import enrolments, mentorships, step_records
from qaplatform.services.training.learners import Learner, learner_of_agent
from qaplatform.services.training.people import PersonPage, person_page
from qaplatform.services.training.step_records import MOST_CHARS, NewRecord, PickedChat, RecordKind
from qaplatform.web.access import permitted
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.formatting import moment, score
from qaplatform.web.forms import Form, at_most, between, choices, required, saved
from qaplatform.web.i18n import _, lazy, plural
from qaplatform.web.numbers import GREATEST, number_in
from qaplatform.web.sentences import sentence_of
from qaplatform.web.submitting import Session, submitted
from qaplatform.web.training.board import training
from qaplatform.web.training.path_words import in_words

__all__ = ["training"]
_PLACES = {
    "training.no_path": "path",
    "training.first_day": "hired_on",
    "training.mentor_unfit": "mentor",
    "training.mentor_moved_on": "mentor",
    "training.record_step": "step",
    "training.record_day": "done_on",
    "training.record_text": "text",
    "training.record_chat": "chat_number",
}


class PathForm(Form):
    """Which path, and the day due dates count from."""

    path = SelectField(lazy("所在路径"))
    hired_on = DateField(lazy("第一天"), [required()])
    submit = SubmitField(lazy("保存"))


class MentorForm(Form):
    """Who accompanies."""

    mentor = SelectField(lazy("带教"))
    submit = SubmitField(lazy("保存"))


class RecordForm(Form):
    """A talk, or without the later fields empty a case."""

    step = SelectField(lazy("对应步骤"))
    done_on = DateField(lazy("日期"), [required()])
    text = TextAreaField(lazy("内容"), [required(), at_most(MOST_CHARS)], render_kw={"rows": 4})
    submit = SubmitField(lazy("记下"))


class CaseForm(RecordForm):
    """A case."""

    chat = SelectField(lazy("哪通会话"))
    chat_number = IntegerField(lazy("会话编号"), [Optional(), between(1, GREATEST)])


@training.get("/people/<int:agent_id>")
@permitted("training.see")
def person(agent_id: int) -> ResponseReturnValue:
    """The page; whoever opens their own sees it as learners do."""
    viewer = current_viewer()
    if viewer.agent_id == agent_id and viewer.scope("training.see").is_one_agents:
        return redirect(url_for("learning.show"), 303)
    return _page(agent_id)


@training.post("/people/<int:agent_id>/path")
@permitted("training.lead")
def choose_path(agent_id: int) -> ResponseReturnValue:
    """Put somebody on a path, on another one, or count from another day."""
    page = _seen(agent_id, "training.lead")
    form, by, now = _path_form(page), current_viewer(), clock.now()
    act = enrolments.enrol if page.row is None else enrolments.change_path
    made = submitted(
        form,
        lambda session: act(session, by, agent_id, path=form.path.data, hired_on=form.hired_on.data, now=now),
        _PLACES,
    )
    row = _seen(agent_id).row if made is not None else None
    if row and row.late:
        flash(plural("从这一天算起，已有 %(num)s 步超期；不想这样，把第一天改晚。", len(row.late)), "warning")
    return _answer(agent_id, made, path=form)


@training.post("/people/<int:agent_id>/mentor")
@permitted("training.lead")
def choose_mentor(agent_id: int) -> ResponseReturnValue:
    """Give somebody a mentor, another one, or none."""
    page = _seen(agent_id, "training.lead")
    form, by, now = _mentor_form(page), current_viewer(), clock.now()

    def act(session: Session) -> None:
        if form.mentor.data:
            mentorships.assign_mentor(session, by, agent_id, int(form.mentor.data), now=now)
        else:
            mentorships.end_mentorship(session, by, agent_id, now=now)

    return _answer(agent_id, submitted(form, act, _PLACES), mentor=form)


@training.post("/people/<int:agent_id>/talks")
@permitted("training.coach")
def add_talk(agent_id: int) -> ResponseReturnValue:
    """Note down a talk."""
    page = _seen(agent_id, "training.coach")
    form = _talk_form(page)
    return _answer(agent_id, _noted(agent_id, form, "mentor_talk", None), talk=form)


@training.post("/people/<int:agent_id>/cases")
@permitted("training.coach")
def add_case(agent_id: int) -> ResponseReturnValue:
    """Note down a case; it is picked from the newest chats, or named by its number."""
    page = _seen(agent_id, "training.coach")
    form = _case_form(page)
    picked = form.chat_number.data or (int(form.chat.data) if (form.chat.data or "").isdigit() else None)
    return _answer(agent_id, _noted(agent_id, form, "case_review", picked), case=form)


@training.post("/people/<int:agent_id>/agree")
@permitted("training.coach")
def agree(agent_id: int) -> ResponseReturnValue:
    """The mentor agrees to graduating, or, where they did, takes it back."""
    page = _seen(agent_id, "training.coach")
    agrees = page.row is None or page.row.person.enrolment.agreed_at is None
    by, now = current_viewer(), clock.now()
    return _done(agent_id, lambda session: enrolments.agree(session, by, agent_id, agrees=agrees, now=now), saved())


@training.get("/people/<int:agent_id>/graduate")
@permitted("training.lead")
def ask_graduate(agent_id: int) -> ResponseReturnValue:
    """Whether one is sure; who is not ready is not asked about."""
    learner, page = _led(agent_id), _seen(agent_id)
    if page.row is None or page.row.person.progress is None or not page.row.person.progress.graduated:
        flash(sentence_of(enrolments.NotReadyError()), "warning")
        return redirect(url_for(".person", agent_id=agent_id), 303)
    return render_template(
        "parts/confirm.html",
        title=_("结业"),
        question=_("让%(name)s结业吗？", name=learner.name),
        details=[_("学习路径就此完成，成绩、日志和记录都留着。"), _("之后可以再安排新的路径。")],
        action=url_for(".graduate", agent_id=agent_id),
        label=_("结业"),
        back=url_for(".person", agent_id=agent_id),
        is_harmless=True,
    )


@training.post("/people/<int:agent_id>/graduate")
@permitted("training.lead")
def graduate(agent_id: int) -> ResponseReturnValue:
    """Let somebody graduate."""
    by, now = current_viewer(), clock.now()
    return _done(agent_id, lambda session: enrolments.graduate(session, by, agent_id, now=now), _("已结业，恭喜！"))


@training.get("/people/<int:agent_id>/stop")
@permitted("training.lead")
def ask_stop(agent_id: int) -> ResponseReturnValue:
    """Whether one is sure."""
    learner = _led(agent_id)
    return render_template(
        "parts/confirm.html",
        title=_("停止学习路径"),
        question=_("让%(name)s退出现在的学习路径吗？", name=learner.name),
        details=[_("已完成的内容、成绩和日志都留着。"), _("以后可以重新安排路径，从第一天起做过的都会算上。")],
        action=url_for(".stop", agent_id=agent_id),
        label=_("停止"),
        back=url_for(".person", agent_id=agent_id),
    )


@training.post("/people/<int:agent_id>/stop")
@permitted("training.lead")
def stop(agent_id: int) -> ResponseReturnValue:
    """Take somebody off their path."""
    by, now = current_viewer(), clock.now()
    return _done(agent_id, lambda session: enrolments.stop(session, by, agent_id, now=now), _("已退出学习路径。"))


def _seen(agent_id: int, permission: str = "training.see") -> PersonPage:
    """What the page shows, of somebody one may do this with."""
    with current_store().reading() as session:
        if permission != "training.see":
            learner_of_agent(session, current_viewer(), agent_id, permission)
        return person_page(session, current_viewer(), agent_id, now=clock.now())


def _led(agent_id: int) -> Learner:
    with current_store().reading() as session:
        return learner_of_agent(session, current_viewer(), agent_id, "training.lead")


def _page(agent_id: int, **forms: Form) -> str:
    """The page, with a form as it was sent in its place."""
    page = _seen(agent_id)
    return render_template(
        "training/people/show.html",
        page=page,
        row=page.row,
        learner=page.learner,
        path_titles={id: in_words(title) for id, title in page.titles},
        path_form=forms.get("path") or _path_form(page, sent=False),
        mentor_form=forms.get("mentor") or _mentor_form(page, sent=False),
        talk_form=forms.get("talk") or _talk_form(page, sent=False),
        case_form=forms.get("case") or _case_form(page, sent=False),
        sent=next(iter(forms), ""),
    )


def _answer(agent_id: int, made: Any, **forms: Form) -> ResponseReturnValue:
    if made is None:
        return _page(agent_id, **forms), 400
    flash(saved(), "success")
    return redirect(url_for(".person", agent_id=agent_id), 303)


def _done(agent_id: int, act: Callable[[Session], Any], said: str) -> ResponseReturnValue:
    """Do what a button asks for, and say what kept it from being done."""
    try:
        with current_store().writing() as session:
            act(session)
    except (AccessError, NotThereError):
        raise
    except QAPlatformError as error:
        flash(sentence_of(error), "error")
    else:
        flash(said, "success")
    return redirect(url_for(".person", agent_id=agent_id), 303)


def _noted(agent_id: int, form: RecordForm, kind: RecordKind, picked: int | None) -> Any:
    by, now = current_viewer(), clock.now()
    return submitted(
        form,
        lambda session: step_records.add_record(
            session,
            by,
            agent_id,
            NewRecord(kind, form.done_on.data, form.text.data or "", form.step.data or "", picked),
            now=now,
        ),
        _PLACES,
    )


def _made(kind: type[Any], prefix: str, *, sent: bool, **values: Any) -> Any:
    """A form with what was sent, or with what stands."""
    return kind(prefix=prefix, **values) if sent else kind(formdata=None, prefix=prefix, **values)


def _path_form(page: PersonPage, *, sent: bool = True) -> PathForm:
    path = page.row.person.enrolment.path if page.row else None
    form: PathForm = _made(PathForm, "path-", sent=sent, path=path, hired_on=page.first_day)
    form.path.choices = choices(*((id, in_words(title)) for id, title in page.titles))
    return form


def _mentor_form(page: PersonPage, *, sent: bool = True) -> MentorForm:
    form: MentorForm = _made(MentorForm, "mentor-", sent=sent, mentor=str(page.learner.mentor_id or ""))
    now = {page.learner.mentor_id: page.learner.mentor_name} if page.learner.mentor_id else {}
    names = {**now, **{one.id: one.name for one in page.mentors}}
    form.mentor.choices = choices(("", _("没有带教")), *((str(id), name or "") for id, name in names.items()))
    return form


def _talk_form(page: PersonPage, *, sent: bool = True) -> RecordForm:
    form: RecordForm = _made(RecordForm, "talk-", sent=sent, done_on=page.today)
    progress = page.row.person.progress if page.row else None
    locked = step_records.steps_to_open(progress) if progress else []
    early = choices(*((one.id, _("提前开放：%(title)s", title=in_words(one.title))) for one in locked))
    form.step.choices = [*_steps(page, "mentor_talk"), *early]
    return form


def _case_form(page: PersonPage, *, sent: bool = True) -> CaseForm:
    """Open criticals can be picked however old they are; ``case`` in the address has picked one."""
    critical = {one.conversation_id: one.started_at for one in page.row.person.facts.open_chats} if page.row else {}
    asked = number_in(request.args, "case")
    picked = str(asked) if asked in critical else ""
    form: CaseForm = _made(CaseForm, "case-", sent=sent, done_on=page.today, chat=picked)
    form.step.choices = _steps(page, "case_review")
    graves = ((str(id), " · ".join([f"#{id}", moment(at), _("一票否决")])) for id, at in critical.items())
    others = ((str(one.id), _chat(one)) for one in page.chats if one.id not in critical)
    form.chat.choices = choices(("", _("请选择")), *graves, *others)
    return form


def _steps(page: PersonPage, kind: RecordKind) -> list[Any]:
    progress = page.row.person.progress if page.row else None
    opened = step_records.steps_for(progress, kind) if progress else []
    return choices(*((one.id, in_words(one.title)) for one in opened), ("", _("不对应步骤")))


def _chat(one: PickedChat) -> str:
    said = [f"#{one.id}", moment(one.started_at)]
    return " · ".join([*said, score(one.score)] if one.score is not None else said)
