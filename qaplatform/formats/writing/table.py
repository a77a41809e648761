"""The terminal's summary: totals, verdicts, criteria, agents, conversations to look at; or the whole list."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import BinaryIO

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from qaplatform.audit.conversation import Conversation
from qaplatform.audit.finding import Scorecard
from qaplatform.audit.summary import Summary
from qaplatform.audit.tallies import wilson
from qaplatform.formats.writing.plain import writable
from qaplatform.formats.writing.wording import Wording

_STYLES = {"pass": "cyan", "fail": "yellow", "critical": "bold red", "unscored": "dim"}
_BAR = 12
WORST = 10
"""Conversations of highest priority in the table."""


def shown(text: str) -> Text:
    """Foreign text for a terminal: one line, no control characters, no markup."""
    flat = "".join(" " if char.isspace() else char for char in writable(text))
    return Text("".join(char for char in flat if char.isprintable()))


def percent(hits: int, total: int) -> str:
    """``hits`` of ``total`` in %, or a dash."""
    return f"{100 * hits / total:.1f}%" if total else "—"


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:.1f}"


def _grid(title: str, *columns: tuple[str, str]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name, justify in columns:
        wide = justify == "wide"
        table.add_column(
            name,
            justify="right" if justify == "right" else "left",
            no_wrap=True,
            overflow="ellipsis",
            header_style="dim",
            ratio=1 if wide else None,
            min_width=None if wide else cell_len(name),
        )
    table.expand = any(justify == "wide" for _, justify in columns)
    return table


def print_summary(summary: Summary, console: Console, wording: Wording, *, enough: int = 20, rows: int = 10) -> None:
    """Print the summary; ``rows`` bounds each list, agents get averages from ``enough`` conversations on."""
    words = wording.chrome
    console.print(Text(words["table_title"], style="bold"))
    if not summary.conversations:
        console.print(words["table_empty"])
        return
    scores = summary.scores
    rate = percent(scores.passed, scores.judged)
    totals = {"conversations": summary.conversations, "messages": summary.messages}
    console.print(escape(words.say("table_totals", **totals, mean=_number(scores.mean), rate=rate)), highlight=False)
    title = wording.rubric.title.in_language(wording.language)
    console.print(shown(words.say("table_rubric", title=title, name=wording.rubric.name)), style="dim")
    console.print(_verdicts(summary, wording))
    console.print()
    console.print(_criteria(summary, wording, rows))
    console.print()
    console.print(_agents(summary, wording, enough, rows))
    if len(summary.agents) > rows:
        console.print(words.say("table_agents_more", n=len(summary.agents) - rows), style="dim", highlight=False)


def _verdicts(summary: Summary, wording: Wording) -> Text:
    line = Text()
    for verdict, style in _STYLES.items():
        count = summary.scores.verdicts[verdict]
        if line:
            line.append("   ")
        line.append(f"{wording.chrome['verdict_' + verdict]} ", style=style)
        line.append(f"{count:,} ({100 * count / summary.conversations:.0f}%)")
    return line


def _criteria(summary: Summary, wording: Wording, rows: int) -> Table | Text:
    words = wording.chrome
    failing = [(name, tally) for name, tally in summary.criteria.items() if tally.failed]
    if not failing:
        return Text(words["table_no_failures"], style="dim")
    failing.sort(key=lambda item: (-item[1].failed, wording.place(item[0])))
    table = _grid(
        words["table_criteria"],
        (words["col_criterion"], "wide"),
        (words["col_failed"], "right"),
        (words["col_applicable"], "right"),
        (words["col_rate"], "right"),
        (words["col_rate_interval"], "right"),
        ("", "left"),
    )
    for name, tally in failing[:rows]:
        bounds = wilson(tally.failed, tally.applicable)
        share = tally.failed / tally.applicable
        bar = "█" * max(1, round(share * _BAR))
        table.add_row(
            shown(wording.title(name)),
            f"{tally.failed:,}",
            f"{tally.applicable:,}",
            percent(tally.failed, tally.applicable),
            f"{100 * bounds.low:.0f}–{100 * bounds.high:.0f}%" if bounds else "",
            Text(bar, style="red" if wording.critical(name) else "yellow"),
        )
    return table


def _agents(summary: Summary, wording: Wording, enough: int, rows: int) -> Table:
    words = wording.chrome
    table = _grid(
        words["table_agents"],
        (words["col_agent"], "wide"),
        (words["col_team"], "left"),
        (words["table_short_led"], "right"),
        (words["col_mean_score"], "right"),
        (words["col_pass_rate"], "right"),
        (words["table_short_reply"], "right"),
    )
    ordered = sorted(summary.agents.items(), key=lambda item: (-item[1].led.conversations, item[0]))
    for name, tally in ordered[:rows]:
        sure, reply = tally.led.judged >= enough, tally.gaps.quantile(0.5)
        table.add_row(
            shown(wording.agent(name)),
            shown(wording.team(name)),
            f"{tally.led.conversations:,}",
            _number(tally.led.mean) if sure else Text(words["not_enough"], style="dim"),
            percent(tally.led.passed, tally.led.judged) if sure else "",
            "—" if reply is None else words.duration(reply),
        )
    return table


def _list(pairs: Iterable[tuple[Conversation, Scorecard]], wording: Wording, title: str) -> Table:
    words = wording.chrome
    table = _grid(
        title,
        (words["col_id"], "left"),
        (words["col_score"], "right"),
        (words["col_verdict"], "left"),
        (words["table_short_priority"], "right"),
        (words["col_reasons"], "wide"),
    )
    table.columns[0].max_width = 24
    for conversation, card in pairs:
        table.add_row(
            shown(conversation.id),
            _number(card.score),
            Text(words["verdict_" + card.verdict], style=_STYLES[card.verdict]),
            f"{card.priority:.2f}",
            shown(main_reasons(card, wording)),
        )
    return table


def main_reasons(card: Scorecard, wording: Wording, most: int = 4) -> str:
    """Failed criteria (critical ones, then the most points lost), then the scorecard's reasons."""
    failed = [result for result in card.criteria if result.outcome == "fail"]
    failed.sort(key=lambda r: (not wording.critical(r.id), r.points - r.max_points, wording.place(r.id)))
    names = [wording.title(result.id) for result in failed] + [wording.reason(reason) for reason in card.reasons]
    return wording.chrome["list_comma"].join(dict.fromkeys(names[:most]))


def write_table(
    pairs: Iterable[tuple[Conversation, Scorecard]],
    stream: BinaryIO,
    wording: Wording,
    *,
    width: int = 80,
    colour: bool = False,
    enough: int = 20,
    listed: int = 20,
) -> int:
    """Write the summary as text ``width`` columns wide; return how many conversations there were.

    Up to ``listed`` conversations are all listed, in input order; of more, those of highest priority.
    """
    summary = Summary(zone=wording.context.zone)
    first: list[tuple[Conversation, Scorecard]] = []
    for conversation, card in pairs:
        summary.add(conversation, card)
        if len(first) <= listed:
            first.append((conversation, card))
    text = io.StringIO()
    console = Console(
        file=text,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        legacy_windows=False,
    )
    print_summary(summary, console, wording, enough=enough)
    if first:
        whole = len(first) <= listed
        shown_pairs = first if whole else [(case.conversation, case.scorecard) for case in summary.worst[:WORST]]
        console.print()
        console.print(_list(shown_pairs, wording, wording.chrome["table_list" if whole else "table_worst"]))
    plain = "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"
    stream.write(plain.encode("utf-8"))
    return summary.conversations
