"""How far a model agrees with people, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qaplatform.audit.agreement import Figure
from qaplatform.audit.trust import LEAST_FOR_KAPPA, Bar, Comparison, CurvePoint, Shortfall
from qaplatform.services.trust_wording import title_of
from qaplatform.store.llm_trust import TrustRow
from qaplatform.web.i18n import LazyText, _, language, lazy, plural

STATES: Mapping[str, LazyText] = {
    "trusted": lazy("可信，计分"),
    "held": lazy("主管已禁止计分"),
    "not_yet": lazy("未到信任线，只作参考"),
}
PILLS = {"trusted": "pill-done", "held": "pill-fail", "not_yet": "pill-unscored"}


def state_of(row: TrustRow | None) -> str:
    """What becomes of the answers."""
    if row is not None and row.is_held_back:
        return "held"
    return "trusted" if row is not None and row.is_earned else "not_yet"


def question_title(prompt: str) -> str:
    """A question's title."""
    return title_of(prompt, language())


def missing_words(missing: tuple[Shortfall, ...], comparison: Comparison) -> list[str]:
    """What is missing to the bar, with its numbers; without any pair, of the counts alone."""
    return [_missing(one, comparison) for one in missing if comparison.n or one.what in {"n", "rare"}]


def _missing(one: Shortfall, comparison: Comparison) -> str:
    match one.what:
        case "n":
            short = max(1, round(one.least - (one.value or 0)))
            return plural("还差 %(num)s 对裁定", short) + _(
                "（现有 %(n)s，需要 %(least)s）", n=_whole(one.value), least=_whole(one.least)
            )
        case "rare":
            short = max(1, round(one.least - (one.value or 0)))
            return plural("人给出的少见结论还差 %(num)s 次", short) + _(
                "（现有 %(n)s，需要 %(least)s）", n=_whole(one.value), least=_whole(one.least)
            )
        case "agreement":
            return _("一致率 %(value)s，需要 %(least)s", value=_percent(one.value or 0, 1), least=_percent(one.least))
        case "kappa":
            if one.value is None:
                return no_kappa(comparison)
            return _("κ 为 %(value)s，需要 %(least)s", value=_decimal(one.value), least=_decimal(one.least))


def no_kappa(comparison: Comparison) -> str:
    """Why there is no κ."""
    if comparison.n < LEAST_FOR_KAPPA:
        return _("不足 %(least)s 对裁定，κ 还不够算", least=LEAST_FOR_KAPPA)
    return _("双方只给过一种结论，κ 算不出来")


def bar_words(bar: Bar) -> str:
    """The bar in a sentence."""
    return _(
        "信任线：至少 %(n)s 对裁定，其中少见结论至少 %(rare)s 次，一致率至少 %(agreement)s，κ 至少 %(kappa)s。",
        n=bar.least_n, rare=bar.least_rare, agreement=_percent(bar.least_agreement), kappa=_decimal(bar.least_kappa),
    )  # fmt: skip


def weeks_chart(weeks: tuple[Figure, ...]) -> dict[str, Any]:
    """Agreement by week."""
    series = {
        "name": _("一致率"), "values": [one.value for one in weeks], "low": [one.low for one in weeks],
        "high": [one.high for one in weeks],
    }  # fmt: skip
    return {"kind": "line", "unit": "percent", "labels": [one.name for one in weeks], "series": [series]}


def curve_chart(curve: tuple[CurvePoint, ...]) -> dict[str, Any]:
    """Agreement by the share that would be answered."""
    series = {"name": _("一致率"), "values": [one.agreement for one in curve]}
    labels = [f"{one.answered_ratio:.0%}" for one in curve]
    return {"kind": "line", "unit": "percent", "labels": labels, "series": [series]}


def spark(weeks: tuple[Figure, ...], width: int = 96, height: int = 24) -> str:
    """The points of a small line: agreement by week from 0.5 to 1, the lower ones at the bottom edge."""
    step = (width - 4) / max(len(weeks) - 1, 1)
    places = [(2 + n * step, 2 + (height - 4) * (1 - max((one.value or 0) * 2 - 1, 0))) for n, one in enumerate(weeks)]
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def _percent(ratio: float, places: int = 0) -> str:
    return f"{ratio:.{places}%}"


def _decimal(value: float) -> str:
    return f"{value:.2f}"


def _whole(value: float | None) -> int:
    return round(value or 0)
