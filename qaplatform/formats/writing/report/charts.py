"""Charts as inline SVG with HTML labels: the drawing stretches, the lettering does not.

Every plot is drawn in a box of 100 × 100 that the page stretches to its place; strokes keep their width. Labels
are given by the caller, already in the reader's language.
"""

# ruff: noqa: S704 -- labels and tips are the only foreign strings here and all go through escape().

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup, escape


class Bar(NamedTuple):
    """A value with its label, what a pointer shows, and the CSS class of its colour."""

    label: str
    value: float
    tip: str
    colour: str


def _svg(body: str, css: str = "") -> str:
    frame = 'viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true" focusable="false"'
    return f'<svg class="{css}" {frame}>{body}</svg>'


def _rect(x: float, y: float, width: float, height: float, colour: str, tip: str = "") -> str:
    title = f"<title>{escape(tip)}</title>" if tip else ""
    return f'<rect class="{colour}" x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}">{title}</rect>'


def _line(x1: float, y1: float, x2: float, y2: float, css: str) -> str:
    return f'<line class="{css}" x1="{x1:.2f}" y1="{y1:.2f}" x2="{x2:.2f}" y2="{y2:.2f}"/>'


def nice_ceiling(value: float) -> float:
    """The next round number: 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6 or 8 times a power of ten."""
    if value <= 0:
        return 1.0
    power = 1.0
    while power * 10 <= value:
        power *= 10
    while power > value:
        power /= 10
    return next(step * power for step in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if step * power >= value * (1 - 1e-9))


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


def columns(bars: Sequence[Bar], ticks: Sequence[tuple[float, str]], name: str, rule_at: float | None = None) -> Markup:
    """Upright bars; ``ticks`` are (place 0–1, label) under them, ``rule_at`` (0–1) a dashed upright line."""
    top = nice_ceiling(max((bar.value for bar in bars), default=0))
    step, body = 100 / max(1, len(bars)), ""
    for level in (25, 50, 75, 100):
        body += _line(0, 100 - level, 100, 100 - level, "rule")
    for place, bar in enumerate(bars):
        height = 100 * bar.value / top
        body += _rect(place * step + step * 0.09, 100 - height, step * 0.82, height, bar.colour, bar.tip)
    if rule_at is not None:
        body += _line(100 * rule_at, 0, 100 * rule_at, 100, "mark-line")
    levels = "".join(
        f'<span class="y" style="bottom:{100 * part:.0f}%">{_short(top * part)}</span>' for part in (0.0, 0.5, 1.0)
    )
    labels = "".join(f'<span class="x" style="left:{100 * place:.2f}%">{escape(text)}</span>' for place, text in ticks)
    return Markup(
        f'<div class="plot" role="img" aria-label="{escape(name)}"><div class="area">{_svg(body)}{levels}</div>'
        f'<div class="xs">{labels}</div></div>'
    )


def rows(bars: Sequence[Bar], name: str, figures: Sequence[str] = ()) -> Markup:
    """Lying bars, a line each: label, bar, figure (the value unless ``figures`` says otherwise)."""
    top = max((bar.value for bar in bars), default=0) or 1
    lines = []
    for place, bar in enumerate(bars):
        figure = figures[place] if figures else _short(bar.value)
        drawn = _svg(_rect(0, 0, 100 * bar.value / top, 100, bar.colour, bar.tip), "flat")
        lines.append(
            f'<div class="hrow"><span class="hlabel">{escape(bar.label)}</span>{drawn}'
            f'<span class="hvalue">{escape(figure)}</span></div>'
        )
    return Markup(f'<div class="hbars" role="group" aria-label="{escape(name)}">{"".join(lines)}</div>')


def stack(bars: Sequence[Bar], name: str) -> Markup:
    """One bar cut into shares, with a legend that carries counts and percentages; nothing where all are 0."""
    total = sum(bar.value for bar in bars)
    if not total:
        return Markup("")
    body, legend, at = "", "", 0.0
    for bar in bars:
        width = 100 * bar.value / total
        if width:
            body += _rect(at, 0, max(width - 0.25, 0.15), 100, bar.colour, bar.tip)
        at += width
        legend += (
            f'<span class="key"><i class="{bar.colour}"></i>{escape(bar.label)} <b>{_short(bar.value)}</b> '
            f"<small>{width:.0f}%</small></span>"
        )
    return Markup(
        f'<div class="stack" role="group" aria-label="{escape(name)}">{_svg(body, "flat")}'
        f'<div class="legend">{legend}</div></div>'
    )


def share_bar(share: float, low: float, high: float, top: float, colour: str) -> Markup:
    """A ratio's bar with its interval as a whisker; all three and the scale's end ``top`` are 0–1."""
    scale = 100 / top
    low, high = low * scale, high * scale
    body = _rect(0, 18, share * scale, 64, colour)
    body += (
        _line(low, 50, high, 50, "whisker") + _line(low, 26, low, 74, "whisker") + _line(high, 26, high, 74, "whisker")
    )
    return Markup(_svg(body, "flat share"))


class Point(NamedTuple):
    """One day, week or month of the trend; ``mean`` is a score (0–100) or unknown."""

    label: str
    mean: float | None
    conversations: int
    bad: int
    tip: str


def trend(points: Sequence[Point], name: str, rule_at: float) -> Markup:
    """Mean scores as a line over bars of conversations, the dark part of which went wrong; ``rule_at`` is a score."""
    count = len(points)
    if not count:
        return Markup("")
    known = [point.mean for point in points if point.mean is not None]
    floor = max(0.0, 10 * ((min([*known, rule_at]) - 5) // 10))
    step = 100 / count

    def height(score: float) -> float:
        return 100 - 100 * (score - floor) / (100 - floor)

    line = (
        _line(0, height(rule_at), 100, height(rule_at), "mark-line")
        + _line(0, 0, 100, 0, "rule")
        + _line(0, 100, 100, 100, "rule")
    )
    previous: tuple[float, float] | None = None
    dots = ""
    for place, point in enumerate(points):
        here = None if point.mean is None else ((place + 0.5) * step, height(point.mean))
        if here and previous:
            line += _line(*previous, *here, "trend")
        if here:
            dots += f'<path class="dot" d="M{here[0]:.2f} {here[1]:.2f}h.001"><title>{escape(point.tip)}</title></path>'
        previous = here
    most = nice_ceiling(max(point.conversations for point in points))
    bars = _line(0, 100, 100, 100, "rule")
    for place, point in enumerate(points):
        whole, part = 100 * point.conversations / most, 100 * point.bad / most
        bars += _rect(place * step + step * 0.1, 100 - whole, step * 0.8, whole, "count", point.tip)
        bars += _rect(place * step + step * 0.1, 100 - part, step * 0.8, part, "fail", point.tip)
    every = max(1, -(-count // 7))
    labels = "".join(
        f'<span class="x" style="left:{(place + 0.5) * step:.2f}%">{escape(point.label)}</span>'
        for place, point in enumerate(points)
        if place % every == 0
    )
    scores = "".join(
        f'<span class="y" style="bottom:{100 - height(score):.2f}%">{score:.0f}</span>' for score in (floor, 100.0)
    )
    return Markup(
        f'<div class="plot trend-plot" role="img" aria-label="{escape(name)}">'
        f'<div class="area">{_svg(line + dots)}{scores}</div>'
        f'<div class="area low">{_svg(bars)}<span class="y" style="bottom:100%">{_short(most)}</span></div>'
        f'<div class="xs">{labels}</div></div>'
    )
