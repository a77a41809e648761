"""Runs of the grader: what was asked about which conversations, how far it is and what it takes; and starting one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, cast

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from qaplatform import clock
from qaplatform.errors import QAPlatformError
from qaplatform.llm.endpoint import EndpointError
from qaplatform.llm.prompts import shipped_prompts
from qaplatform.services import grading_runs as service
from qaplatform.services.browsing import filter_choices, recent_of
from qaplatform.services.conversation_lines import SEE as SEE_CHATS
from qaplatform.services.grader_settings import GraderSettings
from qaplatform.services.grading_foreseen import RunForeseen, foresee
from qaplatform.services.grading_run_pages import (
    Choices,
    caps_in_force,
    choices,
    count_in_list,
    plan_names,
    run_lines,
)
from qaplatform.services.grading_runs import ASK, SEE, Chosen, RunEndedError, UnknownRunError
from qaplatform.store.grading_runs import ReadRun
from qaplatform.web import grading_run_words as said
from qaplatform.web.access import permitted
from qaplatform.web.conversations.filters import LABELS, Given, Shown
from qaplatform.web.conversations.vocabulary import Vocabulary, criteria_known
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.formatting import number, zone
from qaplatform.web.forms import set_error
from qaplatform.web.grader_words import CURRENCIES, problem_words, verdict_words
from qaplatform.web.grading_run_form import USUAL, GoOnForm, RunForm, new_form, sent_form
from qaplatform.web.i18n import _, language
from qaplatform.web.paging import page_number, page_of
from qaplatform.web.remembering import remembered
from qaplatform.web.sentences import sentence_of
from qaplatform.web.submitting import Session, done, tell

grader_runs = Blueprint("grader_runs", __name__, url_prefix="/grader/runs")
RUNS_ON_A_PAGE = 30
CHATS_ON_A_PAGE = 25
_PLACES = {"grader.no_endpoint": "model", "grader.key_missing": "model", "grader.nothing_chosen": "which"}


@grader_runs.get("")
@permitted(SEE)
def index() -> str:
    """The list, the newest first."""
    viewer = current_viewer()
    with current_store().reading() as session:
        runs, total = service.runs_page(session, viewer, page=page_number(), page_size=RUNS_ON_A_PAGE)
        about = _about(session, runs)
    return render_template(
        "grading_runs/index.html", page=page_of(runs, RUNS_ON_A_PAGE, total), about=about, said=said,
        may_ask=viewer.may(ASK),
    )  # fmt: skip


@grader_runs.get("/<int:id>")
@permitted(SEE)
def show(id: int) -> str:
    """A run with its conversations; while it is under way, it renews itself."""
    return _page_of(id, GoOnForm(formdata=None))


@grader_runs.post("/<int:id>/stop")
@permitted(ASK)
def stop(id: int) -> ResponseReturnValue:
    """End a run."""
    viewer, now = current_viewer(), clock.now()
    try:
        done(lambda session: service.stop_run(session, viewer, id, now=now))
    except UnknownRunError:
        abort(404)
    except RunEndedError as error:
        flash(sentence_of(error), "error")
    else:
        flash(_("正在停止；已得到的回答会保留。"), "success")
    return redirect(url_for(".show", id=id), 303)


@grader_runs.get("/<int:id>/go-on")
@permitted(SEE)
def at_going_on(id: int) -> ResponseReturnValue:
    """Whoever comes back to where a form was refused, as after changing the language, is led to the run."""
    try:
        with current_store().reading() as session:
            service.run_seen(session, current_viewer(), id, now=clock.now())
    except UnknownRunError:
        abort(404)
    return redirect(url_for(".show", id=id), 303)


@grader_runs.post("/<int:id>/go-on")
@permitted(ASK)
def go_on(id: int) -> ResponseReturnValue:
    """Let a run that was stopped go on."""
    viewer, now, form = current_viewer(), clock.now(), GoOnForm()
    if not form.validate() or not _is_more(form, id, now):
        return _page_of(id, form), 400
    try:
        done(lambda session: service.go_on(session, viewer, id, caps=form.caps, now=now))
    except UnknownRunError:
        abort(404)
    except QAPlatformError as error:
        tell(form, error, {})
        return redirect(url_for(".show", id=id), 303)
    flash(_("已接着提问。"), "success")
    return redirect(url_for(".show", id=id), 303)


def _is_more(form: GoOnForm, id: int, now: datetime) -> bool:
    """Whether the new caps leave anything to ask with: they are of the whole run."""
    try:
        with current_store().reading() as session:
            run = service.run_seen(session, current_viewer(), id, now=now).run
    except UnknownRunError:
        abort(404)
    taken = (form.tokens, form.caps.tokens, run.token_count), (form.money, form.caps.money_micros, run.money_micros)
    for field, cap, used in taken:
        if cap is not None and cap <= used:
            set_error(field, _("已经用了这么多，请填更大的数，或留空。"))
    return not form.errors


@grader_runs.get("/new")
@permitted(ASK)
def new() -> ResponseReturnValue:
    """The form; once it is filled in, what it would take, from where it is started."""
    viewer = current_viewer()
    with current_store().reading() as session:
        known = choices(session, viewer)
    if not known.endpoints:
        return render_template("grading_runs/nobody.html", may_manage=viewer.may("grader.manage"))
    if "foresee" not in request.args:
        return _form_page(new_form(known), known)
    form = sent_form(known)
    if not form.validate():
        return _form_page(form, known), 400
    try:
        with current_store().reading() as session:
            chosen = _chosen(session, form)
            of = _count_of(session, form, chosen)
        foreseen = foresee(
            current_store(), viewer, chosen, questions=form.prompts.data or (), endpoint_id=int(form.model.data),
            now=clock.now(),
        )  # fmt: skip
    except QAPlatformError as error:
        _told(form, error)
        return _form_page(form, known), 400
    return _form_page(form, known, foreseen=foreseen, drawn_of=of, is_over=_is_over(form, known.settings, foreseen))


@grader_runs.post("/new")
@permitted(ASK)
def start() -> ResponseReturnValue:
    """Start what the address says, as it was foreseen."""
    viewer, now = current_viewer(), clock.now()
    with current_store().reading() as session:
        known = choices(session, viewer)
    if not known.endpoints:
        return redirect(url_for(".new"), 303)
    form = sent_form(known)
    if not form.validate():
        return _form_page(form, known), 400
    try:
        made = done(
            lambda session: service.ask_about(
                session, viewer, _chosen(session, form), questions=form.prompts.data or (),
                endpoint_id=int(form.model.data), caps=form.caps, now=now,
            )
        )  # fmt: skip
    except QAPlatformError as error:
        _told(form, error)
        return _form_page(form, known), 400
    flash(_("已开始提问，可以离开这个页面。"), "success")
    return redirect(url_for(".show", id=made.value), 303)


def _chosen(session: Session, form: RunForm) -> Chosen:
    viewer = current_viewer()
    if form.which.data == "plan":
        return service.chosen_of_plan(session, viewer, form.plan_id or 0)
    given = form.given
    return service.chosen_of_list(
        session, viewer, given.wanted, most=form.most.data or USUAL, seed=form.seed.data or 0, query=given.query_string
    )


def _count_of(session: Session, form: RunForm, chosen: Chosen) -> str | None:
    """Of how many the conversations were drawn, in words; ``None`` where all were taken."""
    if chosen.kind != "list" or len(chosen.ids) < chosen.wanted["most"]:
        return None
    count = count_in_list(session, current_viewer(), form.given.wanted)
    if count.at_least <= len(chosen.ids):
        return None
    return number(count.at_least) if count.exact else _("至少 %(count)s", count=number(count.at_least))


def _is_over(form: RunForm, settings: GraderSettings, foreseen: RunForeseen) -> bool:
    """Whether a cap may end the run before its last conversation."""
    tokens, caps = foreseen.prompt_tokens + foreseen.completion_tokens, form.caps
    found: list[tuple[int | None, int | None]] = [
        (tokens, one) for one in (caps.tokens, settings.run_tokens, settings.day_tokens)
    ]
    found.append((foreseen.money_micros, caps.money_micros))
    if settings.currency == foreseen.currency:
        found += [(foreseen.money_micros, one) for one in (settings.run_money_micros, settings.day_money_micros)]
    return any(taken > cap for taken, cap in found if taken is not None and cap is not None)


def _told(form: RunForm, error: QAPlatformError) -> None:
    if isinstance(error, EndpointError):
        set_error(form.model, _("这个接口的设置有误，请在设置里改正。"))
    else:
        tell(form, error, _PLACES)


def _form_page(form: RunForm, known: Choices, **foreseen: Any) -> str:
    with current_store().reading() as session:
        conditions = _conditions(session, form.given) if form.which.data == "list" else []
    values: dict[str, Any] = {"foreseen": None, "drawn_of": None, "is_over": False}
    return render_template(
        "grading_runs/new.html",
        currencies=CURRENCIES,
        form=form,
        known=known,
        conditions=conditions,
        said=said,
        **(values | foreseen),
    )


def _page_of(id: int, form: GoOnForm) -> str:
    viewer, now = current_viewer(), clock.now()
    try:
        with current_store().reading() as session:
            seen = service.run_seen(session, viewer, id, now=now)
            lines, total = run_lines(session, viewer, id, page=page_number(), page_size=CHATS_ON_A_PAGE)
            about = _about(session, [seen.run])
            caps = caps_in_force(session, seen.run)
    except UnknownRunError:
        abort(404)
    left = seen.run.total_count - seen.run.done_count - seen.run.skipped_count
    template = "grading_runs/_run.html" if "HX-Request" in request.headers else "grading_runs/show.html"
    return render_template(
        template,
        seen=seen,
        run=seen.run,
        page=page_of(lines, CHATS_ON_A_PAGE, total),
        about=about[id],
        caps=caps,
        form=form,
        left=left,
        faults=_folded(seen.faults),
        titles=Titles(),
        said=said,
        problem_words=problem_words,
        may_ask=viewer.may(ASK),
        may_see_jobs=viewer.may("jobs.see"),
    )


def _folded(faults: Mapping[str, int]) -> list[tuple[str, int]]:
    """Faults by kind, the most frequent first; what exactly was wrong with a reply is left out."""
    folded: Counter[str] = Counter()
    for fault, count in faults.items():
        folded[fault.partition(": ")[0]] += count
    return folded.most_common()


class Titles:
    """What questions are called, and whether an answer speaks for the agent."""

    def __init__(self) -> None:
        self._vocabulary, self._criteria = Vocabulary(language()), criteria_known()
        self._prompts = shipped_prompts().questions

    def of(self, criterion: str, prompt: str) -> str:
        """A question's title: the criterion's, or for one beside the rubric the prompt's."""
        if criterion in self._criteria:
            return self._vocabulary.criterion(criterion)
        known = self._prompts.get(prompt)
        return known.title[language()] if known else criterion

    def kind(self, criterion: str, verdict: str | None) -> str:
        """``good``, ``bad`` or neither; also neither where no rubric says which answer is the good one."""
        known = self._criteria.get(criterion)
        if known is None or known.question is None or verdict not in ("yes", "no"):
            return "plain"
        return "good" if verdict == known.question.good else "bad"

    def verdict(self, verdict: str | None) -> str:
        """A verdict in a word."""
        return verdict_words(verdict)


def _about(session: Session, runs: Iterable[ReadRun]) -> dict[int, dict[str, Any]]:
    """What runs were about: a plan by its name, a list by its conditions, a conversation by its number."""
    some = list(runs)
    wanted = {one.wanted.get("plan_id") for one in some if one.kind == "plan"}
    plans = plan_names(session, current_viewer(), {id for id in wanted if isinstance(id, int)})
    shown = _shown(session) if any(one.kind == "list" for one in some) else None
    found: dict[int, dict[str, Any]] = {}
    for one in some:
        about: dict[str, Any] = {"title": str(said.KINDS[one.kind]), "conditions": [], "url": None, "query": ""}
        if one.kind == "plan":
            name = plans.get(cast("int", one.wanted.get("plan_id")))
            if name is not None:
                about |= {"title": name, "url": url_for("samples.plan", id=one.wanted["plan_id"])}
        elif shown is not None and one.kind == "list":
            given = Given.read(one.wanted.get("query") or "", zone())
            about |= {"conditions": _grouped(given, shown), "query": given.query_string}
        found[one.id] = about
    return found


def _conditions(session: Session, given: Given) -> list[tuple[str, str]]:
    return _grouped(given, _shown(session))


def _shown(session: Session) -> Shown:
    scope = current_viewer().scope(SEE_CHATS)
    recent = remembered(("recent", scope), lambda: recent_of(session, scope))
    return Shown(filter_choices(session, scope, recent), Vocabulary(language()))


def _grouped(given: Given, shown: Shown) -> list[tuple[str, str]]:
    """A filter as labels and values; the values of one label together."""
    out: dict[str, list[str]] = {}
    for name, value in given.pairs:
        out.setdefault(str(LABELS[name]), []).append(shown(name, value))
    return [(label, _("、").join(values)) for label, values in out.items()]
