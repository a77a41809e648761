"""The filter of a plan in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from qaplatform.services.access import Viewer
from qaplatform.services.plan_forms import PlanDraft
from qaplatform.services.sampling_pages import plan_choices
from qaplatform.web import sentences
from qaplatform.web.conversations.filters import HOURS, LABELS, WEEKDAYS
from qaplatform.web.conversations.vocabulary import Vocabulary, channel, queue
from qaplatform.web.formatting import percent
from qaplatform.web.i18n import LazyText, _, language, lazy

_OF_PLANS: Mapping[str, tuple[LazyText, str]] = {
    "days": (lazy("时间"), "days"),
    "since_draw": (lazy("时间"), "draw"),
    "value_from": (lazy("订单金额 ≥"), ""),
    "value_to": (lazy("订单金额 ≤"), ""),
    "hired_within": (lazy("客服"), "hired"),
}


def conditions_of(session: Any, viewer: Viewer, draft: PlanDraft) -> list[tuple[str, str]]:
    """Label and value of everything the filter says; empty = all conversations."""
    pairs = parse_qsl(draft.query)
    if not pairs:
        return []
    choices = plan_choices(session, viewer)
    names = {
        name: {str(one.id): one.name for one in some}
        for name, some in (("shop", choices.shops), ("team", choices.teams), ("agent", choices.agents))
    }
    out: dict[str, list[str]] = {}
    for name, value in pairs:
        if name in _OF_PLANS:
            label, kind = _OF_PLANS[name]
            said = {
                "days": _("最近 %(count)s 天", count=value),
                "draw": _("上次抽取以来"),
                "hired": _("入职 %(count)s 天以内", count=value),
            }
            text = said.get(kind, value)
        else:
            label, text = LABELS.get(name, lazy("其他")), _of_list(name, value, names)
        out.setdefault(str(label), []).append(text)
    return [(label, _("、").join(texts)) for label, texts in out.items()]


def _of_list(name: str, value: str, names: Mapping[str, Mapping[str, str]]) -> str:
    """A value of the conversation list's own filter."""
    if name in names:
        return names[name].get(value, f"#{value}")
    vocabulary = Vocabulary(language())
    ways: Mapping[str, Callable[[str], str]] = {
        "topic": vocabulary.topic,
        "failed": vocabulary.criterion,
        "queue": queue,
        "channel": channel,
        "verdict": lambda code: str(sentences.VERDICTS[code]),
        "weekday": lambda day: str(WEEKDAYS[day]),
        "hour": HOURS.__getitem__,
        "wait_weekday": lambda day: str(WEEKDAYS[day]),
        "wait_hour": HOURS.__getitem__,
        "priority_from": lambda ratio: percent(float(ratio)),
    }
    return ways[name](value) if name in ways else value
