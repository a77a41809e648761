"""The report's figures about all conversations: cards, distributions, trend, observations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from qaplatform.audit.summary import BINS, Summary
from qaplatform.audit.tallies import ScoreTally, wilson
from qaplatform.formats.writing.report.charts import Bar, Point, columns, rows, stack, trend
from qaplatform.formats.writing.wording import Wording

VERDICTS = ("pass", "fail", "critical", "unscored")
_REPLY_EDGES = (0, 15, 30, 60, 120, 300, 600, 1800)
_DAYS, _WEEKS = 62, 400
"""Longest spans in days drawn by day and by week."""
TOPICS = 60
"""Lines of the topic tree."""


@dataclass(frozen=True, slots=True)
class Card:
    """One figure of the overview."""

    title: str
    figure: str
    note: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Topic:
    """One line of the topic tree; ``share`` is its width, 0–1 of the largest."""

    name: str
    level: int
    count: int
    mean: str
    share: float


def percent(share: float | None) -> str:
    """A ratio in %, one decimal."""
    return "—" if share is None else f"{100 * share:.1f}%"


def interval(hits: int, total: int, wording: Wording) -> str:
    """The Wilson interval in whole %, or ``""``."""
    bounds = wilson(hits, total)
    if bounds is None:
        return ""
    return wording.chrome.say("interval", low=f"{100 * bounds.low:.0f}", high=f"{100 * bounds.high:.0f}")


def cards(summary: Summary, wording: Wording) -> list[Card]:
    """The summary cards, from left to right."""
    words, scores, mark = wording.chrome, summary.scores, f"{wording.rubric.pass_mark:g}"
    margin = scores.mean_margin
    note = words.say("card_score_note_plain", mark=mark)
    if margin is not None:
        note = words.say("card_score_note", margin=f"{margin:.1f}", mark=mark)
    median, late = summary.gaps.quantile(0.5), summary.gaps.quantile(0.9)
    reply = Card(words["card_reply"], "—", words["card_reply_none"])
    if median is not None and late is not None:
        said = words.say("card_reply_note", p90=words.duration(late), n=summary.gaps.count)
        reply = Card(words["card_reply"], words.duration(median), said)
    critical = scores.verdicts["critical"]
    people = words.say("card_conversations_note", messages=summary.messages, agents=len(summary.agents))
    bounds = interval(scores.passed, scores.judged, wording)
    return [
        Card(words["card_conversations"], f"{summary.conversations:,}", people),
        Card(words["card_score"], "—" if scores.mean is None else f"{scores.mean:.1f}", note),
        Card(
            words["card_pass"],
            percent(scores.passed / scores.judged if scores.judged else None),
            words.say("card_pass_note", interval=bounds) if bounds else "",
        ),
        Card(words["card_critical"], f"{critical:,}", words["card_critical_note"], "critical" if critical else ""),
        Card(
            words["card_share"],
            percent(summary.mean_share),
            words.say("card_share_note", n=scores.verdicts["unscored"]),
        ),
        reply,
    ]


def verdict_chart(summary: Summary, wording: Wording) -> Markup:
    """Shares of the four verdicts."""
    bars = [
        Bar(title, summary.scores.verdicts[verdict], f"{title}: {summary.scores.verdicts[verdict]:,}", verdict)
        for verdict in VERDICTS
        for title in (wording.chrome["verdict_" + verdict],)
    ]
    return stack(bars, wording.chrome["chart_verdicts"])


def score_chart(summary: Summary, wording: Wording) -> Markup:
    """Conversations by score; empty where nothing was scored."""
    if not summary.scores.scored:
        return Markup("")
    width, mark = 100 / BINS, wording.rubric.pass_mark
    bars = [
        Bar(
            "",
            count,
            f"{place * width:g}–{(place + 1) * width:g}: {count:,}",
            "pass" if place * width >= mark else "fail",
        )
        for place, count in enumerate(summary.histogram)
    ]
    ticks = [(place / 5, f"{20 * place}") for place in range(6)]
    return columns(bars, ticks, wording.chrome["chart_scores"], rule_at=mark / 100)


def reply_chart(summary: Summary, wording: Wording) -> Markup:
    """Replies by how long they took; empty without times."""
    total, bars = summary.gaps.count, []
    if not total:
        return Markup("")
    for place, low in enumerate(_REPLY_EDGES):
        high = _REPLY_EDGES[place + 1] if place + 1 < len(_REPLY_EDGES) else None
        count, label = summary.gaps.between(low, high), _bucket(low, high, wording)
        bars.append(Bar(label, count, f"{label}: {count:,}", "pass" if low < 60 else "fail" if low >= 300 else "slow"))
    figures = [f"{bar.value:,} · {100 * bar.value / total:.0f}%" for bar in bars]
    return rows(bars, wording.chrome["chart_replies"], figures)


def _bucket(low: int, high: int | None, wording: Wording) -> str:
    words = wording.chrome
    if high is None:
        return words.say("bucket_over", n=low // 60)
    if low == 0:
        return words.say("bucket_under", n=high)
    if high <= 60:
        return words.say("bucket_seconds", low=low, high=high)
    return words.say("bucket_minutes", low=low // 60, high=high // 60)


def trend_chart(summary: Summary, wording: Wording) -> tuple[str, Markup]:
    """The trend's title and drawing, by day, week or month as the span asks; drawing empty below two points."""
    words = wording.chrome
    days = {date.fromisoformat(day): tally for day, tally in summary.days.items()}
    if len(days) < 2:
        return words["chart_trend"], Markup("")
    span = (max(days) - min(days)).days
    if span <= _DAYS:
        title, keys = words["chart_trend"], [min(days) + timedelta(n) for n in range(span + 1)]
        groups = {day: day for day in days}
        form = "%m-%d"
    elif span <= _WEEKS:
        title, form = words["chart_trend_week"], "%m-%d"
        groups = {day: day - timedelta(day.weekday()) for day in days}
        keys = [
            min(groups.values()) + timedelta(7 * n)
            for n in range((max(groups.values()) - min(groups.values())).days // 7 + 1)
        ]
    else:
        title, form = words["chart_trend_month"], "%Y-%m"
        groups = {day: day.replace(day=1) for day in days}
        keys = sorted(set(groups.values()))[-120:]
    tallies = {key: ScoreTally() for key in keys}
    for day, tally in days.items():
        if groups[day] in tallies:
            tallies[groups[day]].merge(tally)
    points = [_point(key.strftime(form), tally) for key, tally in tallies.items()]
    return title, trend(points, title, wording.rubric.pass_mark)


def _point(label: str, tally: ScoreTally) -> Point:
    bad = tally.verdicts["fail"] + tally.verdicts["critical"]
    mean = "—" if tally.mean is None else f"{tally.mean:.1f}"
    return Point(label, tally.mean, tally.conversations, bad, f"{label}: {mean} · {tally.conversations:,} / {bad:,}")


def _stacked(title: str, parts: Sequence[tuple[str, int, str]]) -> Markup:
    return stack([Bar(label, count, f"{label}: {count:,}", colour) for label, count, colour in parts], title)


def observation_blocks(summary: Summary, wording: Wording) -> list[tuple[str, str, list[tuple[str, Markup]]]]:
    """(title, note, [(subtitle, chart)]) for everything that was observed; charts are empty where nothing was."""
    words, seen = wording.chrome, summary.observations
    episode_colours = {"first": "pass", "late": "slow", "missing": "fail", "no_reply": "critical"}
    episodes = [
        (
            words["kind_" + kind],
            _stacked(
                words["kind_" + kind],
                [(words["episode_" + v], seen.episodes[kind, v], colour) for v, colour in episode_colours.items()],
            ),
        )
        for kind in ("displeased", "worried", "hurried")
    ]
    concrete = sum(n for (named, _), n in seen.promises.items() if named)
    promised = sum(seen.promises.values())
    promises = [
        (
            words["obs_promise_time"],
            _stacked(
                words["obs_promise_time"],
                [(words["promise_concrete"], concrete, "pass"), (words["promise_vague"], promised - concrete, "fail")],
            ),
        ),
        (
            words["obs_promise_kept"],
            _stacked(
                words["obs_promise_kept"],
                [
                    (words["promise_kept"], seen.promises[True, True], "pass"),
                    (words["promise_broken"], seen.promises[True, False], "fail"),
                    (words["promise_unknown"], seen.promises[True, None], "unscored"),
                ],
            ),
        ),
    ]
    transfers = [
        (words["transfer_" + kind], _stacked(words["transfer_" + kind], _transfer_parts(summary, wording, kind)))
        for kind in ("handover", "escalation", "referral_away")
    ]
    closed_colours = {"confirmed": "pass", "pending": "slow", "open": "fail", "unclear": "unscored"}
    closed = [(words["closed_" + state], seen.closed[state], colour) for state, colour in closed_colours.items()]
    closing = words.say("obs_closed_note", n=seen.with_closing_check, unanswered=seen.unanswered)
    found = sum(seen.episodes.values())
    moved = sum(seen.transfers.values())
    return [
        (words["obs_episodes"], words.say("obs_episodes_note", n=found, conversations=seen.with_episode), episodes),
        (words["obs_promises"], words.say("obs_promises_note", n=promised, concrete=concrete), promises),
        (words["obs_transfers"], words.say("obs_transfers_note", n=moved), transfers),
        (words["obs_closed"], closing, [("", _stacked(words["obs_closed"], closed))]),
        (words["obs_words"], "", [("", _span_chart(summary, wording))]),
    ]


def _transfer_parts(summary: Summary, wording: Wording, kind: str) -> list[tuple[str, int, str]]:
    whole = partly = silent = 0
    for (what, announced, who, reason), count in summary.observations.transfers.items():
        if what == kind:
            whole += count * (announced and who and reason)
            partly += count * (announced and not (who and reason))
            silent += count * (not announced)
    words = wording.chrome
    return [
        (words["transfer_complete"], whole, "pass"),
        (words["transfer_partial"], partly, "slow"),
        (words["transfer_unannounced"], silent, "fail"),
    ]


def _span_chart(summary: Summary, wording: Wording) -> Markup:
    words, bars = wording.chrome, []
    for (group, kind), count in sorted(summary.observations.spans.items(), key=lambda item: (item[0][0], -item[1])):
        if count:
            label = words["span_" + group] + (f" · {words.get(f'{group}_{kind}', kind)}" if kind else "")
            bars.append(Bar(label, count, f"{label}: {count:,}", "pass" if kind == "invite" else "slow"))
    return rows(bars, words["obs_words"]) if bars else Markup("")


def topic_tree(summary: Summary, wording: Wording) -> list[Topic]:
    """The topics, each under its parent, largest first; the smallest are left out beyond ``TOPICS`` lines."""
    largest = sorted(summary.topics, key=lambda path: (-summary.topics[path].conversations, path))[:TOPICS]
    chosen = {path[:depth] for path in largest for depth in range(1, len(path) + 1)}

    def order(path: tuple[str, ...]) -> list[tuple[int, str]]:
        return [(-summary.topics[path[:n]].conversations, path[n - 1]) for n in range(1, len(path) + 1)]

    top = max((summary.topics[path].conversations for path in chosen), default=1)
    return [
        Topic(
            wording.topic(path),
            len(path),
            tally.conversations,
            "—" if tally.mean is None else f"{tally.mean:.0f}",
            tally.conversations / top,
        )
        for path in sorted(chosen, key=order)
        for tally in (summary.topics[path],)
    ]
