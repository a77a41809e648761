"""The filter of a plan in words."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from qaplatform.services.access import Viewer
from qaplatform.services.plan_forms import PlanDraft
from qaplatform.services.sampling_pages import plan_choices
from qaplatform.web import sentences
from qaplatform.web.conversations.filters import LABELS
from qaplatform.web.conversations.vocabulary import Vocabulary, channel, queue
from qaplatform.web.formatting import percent
from qaplatform.web.i18n import _, language


def conditions_of(session: Any, viewer: Viewer, draft: PlanDraft) -> list[tuple[str, str]]:
    """Label and value of everything the filter says; empty = all conversations."""
    pairs = parse_qsl(draft.query)
    if not pairs:
        return []
    vocabulary, choices = Vocabulary(language()), plan_choices(session, viewer)
    names = {
        name: {str(one.id): one.name for one in some}
        for name, some in (("shop", choices.shops), ("team", choices.teams), ("agent", choices.agents))
    }
    out: dict[str, list[str]] = {}
    for name, value in pairs:
        match name:
            case "days":
                label, text = _("时间"), _("最近 %(count)s 天", count=value)
            case "since_draw":
                label, text = _("时间"), _("上次抽取以来")
            case "value_from":
                label, text = _("订单金额 ≥"), value
            case "value_to":
                label, text = _("订单金额 ≤"), value
            case "hired_within":
                label, text = _("客服"), _("入职 %(count)s 天以内", count=value)
            case "shop" | "team" | "agent":
                label, text = str(LABELS[name]), names[name].get(value, f"#{value}")
            case "topic":
                label, text = str(LABELS[name]), vocabulary.topic(value)
            case "failed":
                label, text = str(LABELS[name]), vocabulary.criterion(value)
            case "queue":
                label, text = str(LABELS[name]), queue(value)
            case "channel":
                label, text = str(LABELS[name]), channel(value)
            case "verdict":
                label, text = str(LABELS[name]), str(sentences.VERDICTS[value])
            case "priority_from":
                label, text = str(LABELS[name]), percent(float(value))
            case _:
                label, text = str(LABELS.get(name, name)), value
        out.setdefault(label, []).append(text)
    return [(label, _("、").join(texts)) for label, texts in out.items()]
