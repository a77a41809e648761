"""The ledger of the language models in the browser."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, flash, render_template, request

from qaplatform import clock
from qaplatform.exam.scenario_loading import shipped_scenarios
from qaplatform.llm.prompts import shipped_prompts
from qaplatform.services import llm_spending as service
from qaplatform.services.endpoint_trials import TRIAL
from qaplatform.services.grader_settings import grader_settings
from qaplatform.services.llm_spending import Ledger, LedgerPeriodError
from qaplatform.services.rubric_books import published_rubrics
from qaplatform.services.training.llm_customer import RUBRIC as EXAM
from qaplatform.web.access import permitted
from qaplatform.web.charts import TwoPartChart, two_part_bars
from qaplatform.web.conversations.vocabulary import know, rubrics_known
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.i18n import LazyText, _, language, lazy
from qaplatform.web.sentences import sentence_of

llm_spending = Blueprint("llm_spending", __name__, url_prefix="/grader/costs")
PERIODS: dict[str, LazyText] = {"month": lazy("本月"), "30": lazy("近 30 天")}


@llm_spending.get("")
@permitted("grader.costs")
def show() -> str:
    """A period, and today against the caps."""
    viewer = current_viewer()
    with current_store().reading() as session:
        today = grader_settings(session).day_of(clock.now())
        period, first, last = _period(today)
        try:
            ledger = service.ledger(session, viewer, first, last)
        except LedgerPeriodError as error:
            flash(sentence_of(error), "error")
            period, first, last = "month", today.replace(day=1), today
            ledger = service.ledger(session, viewer, first, last)
        use = service.day_use(session, today)
        know(published_rubrics(session))
    return render_template(
        "llm_spending/show.html",
        ledger=ledger,
        use=use,
        period=period,
        is_custom=period == "custom",
        periods=PERIODS,
        chart=_chart(ledger),
        question_words=question_words,
        rubric_words=rubric_words,
    )


def question_words(id: str) -> str:
    """What a question is called."""
    if id == TRIAL:
        return _("测试连接")
    known = shipped_prompts().questions.get(id)
    if known is not None:
        return known.title[language()]
    played = shipped_scenarios().get(id)
    return id if played is None else _("模拟对话：%(title)s", title=played.title.in_language(language()))


def rubric_words(code: str) -> str:
    """What a rubric is called."""
    if not code:
        return _("不属于质检标准")
    if code == EXAM:
        return _("模拟对话的客户")
    return next((one.title.in_language(language()) for one in rubrics_known() if one.id == code), code)


def _period(today: date) -> tuple[str, date, date]:
    """What is asked for; days that are named come before the choice beside them."""
    first, last = _day(request.args.get("from")), _day(request.args.get("to"))
    if first is not None or last is not None:
        last = last or today
        return "custom", first or date.fromordinal(max(1, last.toordinal() - 29)), last
    if request.args.get("period") == "30":
        return "30", today - timedelta(days=29), today
    return "month", today.replace(day=1), today


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _chart(ledger: Ledger) -> TwoPartChart:
    return two_part_bars([(one.of[0], one.prompt_tokens, one.completion_tokens) for one in ledger.days])
