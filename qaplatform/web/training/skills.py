"""Skills in the browser: a criterion's real chats, drills and exams over time, what to train next, and the curves of new hires."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, render_template, url_for

from qaplatform import clock
from qaplatform.services.statistics import Share
from qaplatform.services.training import drills as drill_services
from qaplatform.services.training import skills as services
from qaplatform.services.training.criterion_training import Material, material_of
from qaplatform.services.training.curves import Curve, Curves, Figure, curves_of
from qaplatform.services.training.learners import learner_of_user
from qaplatform.services.training.skills import LEAST_IN_A_WEEK, Skills
from qaplatform.training.lessons import Language
from qaplatform.web.access import permitted
from qaplatform.web.conversations.vocabulary import Vocabulary, criteria_known
from qaplatform.web.current import current_store, current_viewer
from qaplatform.web.i18n import LazyText, _, language, lazy
from qaplatform.web.navigation import exists
from qaplatform.web.paging import page_number, page_of
from qaplatform.web.training.drill_words import ORIGINS, STATES

skills = Blueprint("skills", __name__, url_prefix="/skills")
_PAGE = 20
HEAT = (0.6, 0.75, 0.85, 0.95)
"""Where the steps of the heat map begin, as shares that held."""
CURVES: dict[str, tuple[LazyText, str, LazyText]] = {
    "handling": (lazy("处理时长"), "minutes", lazy("每通会话从第一条到最后一条消息的平均分钟数，超过 4 小时的不计")),
    "replies": (lazy("回复达标率"), "percent", lazy("在时限内的回复占全部回复的比例")),
    "score": (lazy("平均分"), "score", lazy("机器对全部会话的初判")),
    "csat": (lazy("满意度"), "rating", lazy("有评价的会话的平均分")),
}


@skills.get("")
@permitted("training.learn")
def own() -> str:
    """One's own."""
    viewer, now = current_viewer(), clock.now()
    with current_store().reading() as session:
        found = services.own_skills(session, viewer, _criteria(), now=now)
        curves = curves_of(session, found.learner, now=now)
        material = {one.criterion: material_of(session, one.criterion, _language()) for one in found.next_steps}
    return _page(found, curves, material, is_own=True)


@skills.get("/<int:user_id>")
@permitted("training.see")
def show(user_id: int) -> str:
    """Somebody's."""
    viewer, now = current_viewer(), clock.now()
    with current_store().reading() as session:
        found = services.skills_of(session, viewer, user_id, _criteria(), now=now)
        curves = curves_of(session, found.learner, now=now)
        material = {one.criterion: material_of(session, one.criterion, _language()) for one in found.next_steps}
    return _page(found, curves, material, is_own=user_id == viewer.user_id)


@skills.get("/<int:user_id>/drills")
@permitted("training.see")
def answers(user_id: int) -> str:
    """What somebody has answered to drills."""
    with current_store().reading() as session:
        learner = learner_of_user(session, current_viewer(), user_id)
        rows, moments, total = drill_services.history(
            session, user_id, page=page_number(), page_size=_PAGE, now=clock.now()
        )
    page = page_of(list(zip(rows, moments, strict=True)), _PAGE, total)
    return render_template(
        "training/skills/answers.html",
        page=page, learner=learner, vocabulary=Vocabulary(language()), states=STATES, origins=ORIGINS,
    )  # fmt: skip


def _language() -> Language:
    return "en" if language() == "en" else "zh"


def _criteria() -> list[str]:
    """What the machine judges; what only people judge has no weeks."""
    known = criteria_known()
    order = Vocabulary(language()).in_order(known)
    return [id for id in order if known[id].kind == "check"]


def heat(one: Share) -> str:
    """The step of the heat map; empty where there is too little."""
    if one.ratio is None or one.of < LEAST_IN_A_WEEK:
        return ""
    return f"heat-{sum(one.ratio >= step for step in HEAT)}"


def _page(found: Skills, curves: Curves | None, material: dict[str, Material], *, is_own: bool) -> str:
    return render_template(
        "training/skills/show.html",
        found=found,
        known=[one for one in found.skills if one.is_known],
        is_own=is_own,
        vocabulary=Vocabulary(language()),
        material=material,
        heat=heat,
        sources=[("chats", _("会话")), ("drills", _("练习")), ("exams", _("考核"))],
        curves=curves,
        charts=_charts(curves) if curves else [],
        least=LEAST_IN_A_WEEK,
        language_code=_language(),
        back=None if is_own else _back(found),
    )


def _back(found: Skills) -> tuple[str, str] | None:
    """The way to the person's page, where there is one."""
    if found.learner.agent_id is None or not exists("training.person"):
        return None
    return url_for("training.person", agent_id=found.learner.agent_id), found.learner.name


_CEILINGS = {"score": 100, "csat": 5}
"""Above which no axis goes, wherever an interval may end."""


def _charts(curves: Curves) -> list[dict[str, object]]:
    labels = [_("第 %(number)s 周", number=n) for n in range(1, len(curves.weeks) + 1)]
    out = []
    for one in curves.curves:
        title, unit, note = CURVES[one.metric]
        scale = 60.0 if unit == "minutes" else 1.0
        own = _line(_("本人"), [pair[0] for pair in one.weeks], scale)
        others = _line(_("老员工（同类会话）"), [pair[1] for pair in one.weeks], scale)
        series = [line for line in (own, others) if any(value is not None for value in _values(line))]
        chart = {
            "kind": "line",
            "labels": labels,
            "unit": "score" if unit == "minutes" else unit,
            "ceiling": _CEILINGS.get(one.metric),
            "series": series,
        }
        out.append(
            {
                "curve": one,
                "title": title,
                "note": note,
                "unit": unit,
                "labels": labels,
                "chart": chart,
                "gap": _gap(one),
            }
        )
    return out


def _values(line: dict[str, object]) -> Sequence[float | None]:
    return line["values"]  # type: ignore[return-value]


def _line(name: str, figures: Sequence[Figure], scale: float) -> dict[str, object]:
    def scaled(values: Sequence[float | None]) -> list[float | None]:
        return [None if value is None else round(value / scale, 4) for value in values]

    return {
        "name": name,
        "values": scaled([one.value for one in figures]),
        "low": scaled([one.low for one in figures]),
        "high": scaled([one.high for one in figures]),
        "band": True,
    }


def _gap(one: Curve) -> tuple[float, float] | None:
    """One's own figure as a multiple of the colleagues', at first and lately."""
    pairs = (one.first, one.last)
    if any(own.value is None or not other.value for own, other in pairs):
        return None
    first, last = ((own.value or 0) / (other.value or 1) for own, other in pairs)
    return first, last
