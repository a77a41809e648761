"""The report's one HTML file from one streaming pass."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from datetime import datetime
from importlib.resources import files
from typing import BinaryIO

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from qaplatform.audit.conversation import Conversation
from qaplatform.audit.finding import Scorecard
from qaplatform.audit.summary import Summary
from qaplatform.formats.report import Notice, Rejection, Tally
from qaplatform.formats.writing.plain import visible
from qaplatform.formats.writing.report import overview, people
from qaplatform.formats.writing.report.chat import case_view
from qaplatform.formats.writing.wording import Wording

CASES = 30
"""Conversations shown whole."""
ENOUGH = 20
"""Conversations an agent needs for a rank and an average."""
REJECTIONS = 200
"""Rejected places listed."""


def write_html(
    pairs: Iterable[tuple[Conversation, Scorecard]],
    stream: BinaryIO,
    wording: Wording,
    *,
    enough: int = ENOUGH,
    cases: int = CASES,
    reading: Tally | None = None,
    generated_at: datetime | None = None,
) -> int:
    """Count the pairs, then write the report; return how many there were.

    ``cases`` conversations are shown whole; agents have ranks and averages from ``enough`` conversations on.
    ``reading`` says what could not be read, it may fill while the pairs come; without it that section is left out.
    """
    summary = Summary(zone=wording.context.zone, keep=cases)
    for conversation, card in pairs:
        summary.add(conversation, card)
    write_summary(
        summary,
        stream,
        wording,
        enough=enough,
        reading=reading,
        generated_at=generated_at,
    )
    return summary.conversations


def write_summary(
    summary: Summary,
    stream: BinaryIO,
    wording: Wording,
    *,
    enough: int = ENOUGH,
    reading: Tally | None = None,
    generated_at: datetime | None = None,
) -> None:
    """Write the report of a summary that was counted elsewhere."""
    folder = files(__package__)
    style = (folder / "style.css").read_text(encoding="utf-8")
    script = (folder / "page.js").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string((folder / "page.html.j2").read_text(encoding="utf-8"))
    worst = summary.worst
    codes = people.agent_codes(summary)
    anchors = {case.scorecard.id: f"case-{place}" for place, case in reversed(list(enumerate(worst, start=1)))}
    criteria, scale = people.criterion_rows(summary, wording, anchors)
    heat_head, heat_body = people.heat_map(summary, wording, codes, criteria)
    never, silent = people.quiet_criteria(summary, wording)
    trend_title, trend = overview.trend_chart(summary, wording)
    views = [case_view(case, wording, place, codes) for place, case in enumerate(worst, start=1)]
    involved = {code for view in views for code in view.agents}
    values = {
        "w": wording.chrome,
        "language": "zh-CN" if wording.language == "zh" else "en",
        "style": Markup(style),  # noqa: S704 -- ours
        "script": Markup(script),  # noqa: S704 -- ours
        "script_hash": base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        "rubric": wording.rubric,
        "rubric_title": wording.rubric.title.in_language(wording.language),
        "rubrics": [name for name in sorted(summary.rubrics) if name],
        "range": _range(summary, wording),
        "zone": wording.context.timezone,
        "generated": generated_at.astimezone(wording.context.zone).strftime("%Y-%m-%d %H:%M") if generated_at else "",
        "cards": overview.cards(summary, wording),
        "verdicts": overview.verdict_chart(summary, wording),
        "scores": overview.score_chart(summary, wording),
        "replies": overview.reply_chart(summary, wording),
        "trend_title": trend_title,
        "trend": trend,
        "criteria": criteria,
        "scale": f"{100 * scale:g}%",
        "never": wording.chrome["list_comma"].join(never),
        "silent": wording.chrome["list_comma"].join(silent),
        "agents": people.agent_rows(summary, wording, codes, enough),
        "agents_more": len(summary.agents) - len(codes),
        "enough": enough,
        "cell_enough": people.CELL_CONVERSATIONS,
        "heat_head": heat_head,
        "heat_body": heat_body,
        "cases": views,
        "case_agents": [(code, wording.agent(name)[:40]) for name, code in codes.items() if code in involved],
        "verdict_names": [name for name in overview.VERDICTS if any(view.verdict == name for view in views)],
        "blocks": overview.observation_blocks(summary, wording),
        "topics": overview.topic_tree(summary, wording),
        "reading": reading is not None,
        "rejected": [_shown(one) for one in reading.rejections[:REJECTIONS]] if reading else [],
        "rejected_count": sum(reading.rejected.values()) if reading else 0,
        "notices": [_shown(one) for one in reading.notices[:REJECTIONS]] if reading else [],
        "notice_count": sum(reading.noticed.values()) if reading else 0,
        "sections": _rubric_sections(wording),
    }
    stream.writelines(chunk.encode("utf-8", "replace") for chunk in template.generate(values))


def _range(summary: Summary, wording: Wording) -> str:
    if summary.started_at is None or summary.ended_at is None:
        return wording.chrome["report_no_range"]
    first, last = (
        at.astimezone(wording.context.zone).strftime("%Y-%m-%d") for at in (summary.started_at, summary.ended_at)
    )
    return first if first == last else wording.chrome.say("report_range", first=first, last=last)


def _shown(one: Rejection | Notice) -> tuple[Markup, str, Markup, Markup]:
    line = f"{one.line:,}" if one.line else ""
    return visible(one.file[:200]), line, visible(one.field[:80]), visible(one.reason[:400])


def _rubric_sections(wording: Wording) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """(section, [(criterion, its points, critical)]) as the rubric has them."""
    sections = []
    for section in wording.rubric.sections:
        lines = []
        for criterion in section.criteria:
            points = wording.chrome.say("reading_weight", n=f"{criterion.weight:g}") if criterion.weight else ""
            if criterion.deduction:
                minus = wording.chrome.say("reading_deduction", n=f"{criterion.deduction:g}")
                points = f"{points} · {minus}" if points else minus
            if criterion.hint:
                points = wording.chrome["outcome_hint"]
            lines.append((criterion.title.in_language(wording.language), points, criterion.critical))
        sections.append((section.title.in_language(wording.language), lines))
    return sections
