"""The report's tables of criteria and agents, and the heat map of both."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from qaplatform.audit.summary import Summary
from qaplatform.audit.tallies import AgentTally, CriterionTally, wilson
from qaplatform.formats.writing.plain import visible
from qaplatform.formats.writing.report.charts import nice_ceiling, share_bar
from qaplatform.formats.writing.report.overview import interval, percent
from qaplatform.formats.writing.wording import Wording

AGENTS = 200
"""Agents in the table."""
HEAT_AGENTS = 40
"""Agents in the heat map."""
CELL_CONVERSATIONS = 5
"""Fewer applicable conversations give no rate in the heat map."""
HEAT_STEPS = 6


@dataclass(frozen=True, slots=True)
class MentionRow:
    """A conversation in which a criterion failed; ``anchor`` leads to it where it is shown whole."""

    conversation: Markup
    anchor: str
    score: str
    message: str
    quote: Markup


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """One criterion's line and what opens below it."""

    code: str
    title: str
    critical: bool
    failed: int
    applicable: int
    unscored: int
    rate: str
    interval: str
    bar: Markup
    codes: tuple[tuple[str, int], ...]
    policy: str
    better: str
    mentions: tuple[MentionRow, ...]


@dataclass(frozen=True, slots=True)
class AgentRow:
    """One agent's line; sorting values beside what is shown."""

    code: str
    name: str
    team: str
    rank: int | None
    led: int
    took_part: int
    mean: float | None
    margin: str
    pass_share: float | None
    pass_interval: str
    critical: int
    median: int | None
    median_shown: str
    late_shown: str
    fault: str


@dataclass(frozen=True, slots=True)
class HeatCell:
    """A criterion's failure rate for one agent; ``step`` 0 … ``HEAT_STEPS`` colours it, ``None`` is too few data."""

    criterion: str
    shown: str
    step: int | None
    tip: str


def criterion_rows(summary: Summary, wording: Wording, anchors: dict[str, str]) -> tuple[list[CriterionRow], float]:
    """Criteria that failed, highest rate first, and the end of their bars' scale (0–1)."""
    failing = [(name, tally) for name, tally in summary.criteria.items() if tally.failed]
    failing.sort(key=lambda item: (-item[1].failed / item[1].applicable, -item[1].failed, wording.place(item[0])))
    highs = [bounds.high for _, tally in failing if (bounds := wilson(tally.failed, tally.applicable))]
    top = min(1.0, nice_ceiling(100 * max(highs, default=1.0)) / 100)
    return [_criterion_row(name, tally, wording, anchors, top) for name, tally in failing], top


def _criterion_row(
    name: str, tally: CriterionTally, wording: Wording, anchors: dict[str, str], top: float
) -> CriterionRow:
    share, bounds = tally.failed / tally.applicable, wilson(tally.failed, tally.applicable)
    low, high = bounds or (share, share)
    return CriterionRow(
        code=f"c{wording.place(name)}",
        title=wording.title(name),
        critical=wording.critical(name),
        failed=tally.failed,
        applicable=tally.applicable,
        unscored=tally.outcomes["unscored"],
        rate=percent(share),
        interval=interval(tally.failed, tally.applicable, wording),
        bar=share_bar(share, low, high, top, "critical" if wording.critical(name) else "fail"),
        codes=tuple(tally.codes.most_common(8)) if len(tally.codes) > 1 else (),
        policy=wording.policy(name),
        better=wording.better(name),
        mentions=tuple(
            MentionRow(
                visible(mention.conversation[:80]),
                anchors.get(mention.conversation, ""),
                "—" if mention.score is None else f"{mention.score:.0f}",
                "" if mention.message is None else f"#{mention.message}",
                visible(mention.quote.replace("\n", " ")),
            )
            for mention in tally.mentions.items()
        ),
    )


def quiet_criteria(summary: Summary, wording: Wording) -> tuple[list[str], list[str]]:
    """Titles of criteria that were judged and never failed, and of those that were never judged."""
    never, silent = [], []
    for name in dict.fromkeys([*wording.criteria, *summary.criteria]):
        tally = summary.criteria.get(name)
        if tally is None or not tally.applicable:
            silent.append(wording.title(name))
        elif not tally.failed:
            never.append(wording.title(name))
    return never, silent


def agent_codes(summary: Summary) -> dict[str, str]:
    """Short names of the agents for the page's filters, most conversations first; only those in the table."""
    ordered = sorted(summary.agents.items(), key=lambda item: (-item[1].led.conversations, -item[1].took_part, item[0]))
    return {name: f"a{place}" for place, (name, _) in enumerate(ordered[:AGENTS])}


def agent_rows(summary: Summary, wording: Wording, codes: dict[str, str], enough: int) -> list[AgentRow]:
    """Agents with enough conversations by mean score, best first, then the others by conversations."""
    sure = [name for name in codes if summary.agents[name].led.judged >= enough]
    sure.sort(key=lambda name: (-(summary.agents[name].led.mean or 0.0), name))
    ranks = {name: place for place, name in enumerate(sure, start=1)}
    return [
        _agent_row(name, summary.agents[name], wording, codes[name], ranks.get(name))
        for name in [*sure, *(name for name in codes if name not in ranks)]
    ]


def _agent_row(name: str, tally: AgentTally, wording: Wording, code: str, rank: int | None) -> AgentRow:
    led, words = tally.led, wording.chrome
    median, late = tally.gaps.quantile(0.5), tally.gaps.quantile(0.9)
    sure = rank is not None
    return AgentRow(
        code=code,
        name=wording.agent(name)[:40],
        team=wording.team(name)[:40],
        rank=rank,
        led=led.conversations,
        took_part=tally.took_part,
        mean=led.mean if sure else None,
        margin=f"±{led.mean_margin:.1f}" if sure and led.mean_margin is not None else "",
        pass_share=led.passed / led.judged if sure else None,
        pass_interval=interval(led.passed, led.judged, wording) if sure else "",
        critical=led.verdicts["critical"],
        median=median,
        median_shown="—" if median is None else words.duration(median),
        late_shown="" if late is None else f"P90 {words.duration(late)}",
        fault=_fault(tally, wording),
    )


def _fault(tally: AgentTally, wording: Wording) -> str:
    """The criterion this agent fails most surely in: the highest lower bound, from enough conversations only."""
    best, title = 0.0, ""
    for name, failed in tally.failed.items():
        applicable = tally.applicable[name]
        bounds = wilson(failed, applicable)
        if failed and bounds and applicable >= CELL_CONVERSATIONS and bounds.low > best:
            best, title = bounds.low, f"{wording.title(name)} {100 * failed / applicable:.0f}%"
    return title


def heat_map(
    summary: Summary, wording: Wording, codes: dict[str, str], rows: list[CriterionRow]
) -> tuple[list[tuple[str, str]], list[tuple[str, str, list[HeatCell]]]]:
    """(criterion code, title) of the columns and (agent code, name, cells) of the rows; only criteria that failed."""
    places = {f"c{wording.place(name)}": name for name in summary.criteria}
    names = sorted((places[row.code] for row in rows), key=wording.place)
    head = [(f"c{wording.place(name)}", wording.title(name)) for name in names]
    body = []
    for agent in list(codes)[:HEAT_AGENTS]:
        tally = summary.agents[agent]
        cells = [_heat_cell(agent, name, tally, wording) for name in names]
        body.append((codes[agent], wording.agent(agent)[:40], cells))
    return head, body


def _heat_cell(agent: str, name: str, tally: AgentTally, wording: Wording) -> HeatCell:
    failed, applicable = tally.failed[name], tally.applicable[name]
    tip = wording.chrome.say(
        "heat_cell",
        agent=wording.agent(agent)[:40],
        criterion=wording.title(name),
        failed=failed,
        applicable=applicable,
    )
    code = f"c{wording.place(name)}"
    if applicable < CELL_CONVERSATIONS:
        return HeatCell(code, "·" if applicable else "", None, tip if applicable else "")
    share = failed / applicable
    tip += f" ({interval(failed, applicable, wording)})"
    step = 0 if not failed else 1 + min(HEAT_STEPS - 1, int(share * 2 * (HEAT_STEPS - 1)))
    return HeatCell(code, f"{100 * share:.0f}", step, tip)
