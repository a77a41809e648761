"""Lessons and other Markdown of training as HTML, in the reader's language."""

from __future__ import annotations

import re

from flask import Flask, url_for
from markupsafe import Markup, escape

from qaplatform.training.markdown import BlockWords, render
from qaplatform.web.i18n import _

_HEADING = re.compile(r"<(/?)h[1-6](?: id=\"section-\d+\")?>")


def set_up(app: Flask) -> None:
    """Give templates ``lesson_html(body)``, ``short_html(body)`` and the filter ``marked``."""
    app.jinja_env.globals.update(lesson_html=lesson_html, short_html=short_html)
    app.jinja_env.filters["marked"] = marked


def lesson_html(body: str) -> Markup:
    """A lesson; its headings have the ids ``section-1``, ``section-2``, … in their order."""
    return Markup(render(body, words=_words(), lesson_url=_lesson_url))  # noqa: S704 - render() lets nothing through


def short_html(body: str) -> Markup:
    """A short text inside a card: its headings are paragraphs, so that they upset no order of headings."""
    html = render(body, words=_words(), lesson_url=_lesson_url)
    return Markup(_HEADING.sub(lambda tag: "</p>" if tag[1] else '<p class="short-heading">', html))  # noqa: S704


def marked(text: str, spans: tuple[tuple[int, int], ...]) -> Markup:
    """A text with ``<mark>`` around some of its characters (half open, in order)."""
    out, at = Markup(""), 0
    for start, end in spans:
        out += escape(text[at:start]) + Markup("<mark>") + escape(text[start:end]) + Markup("</mark>")
        at = end
    return out + escape(text[at:])


def _lesson_url(id: str) -> str:
    return url_for("lessons.show", id=id)


def _words() -> BlockWords:
    return BlockWords(
        customer=_("客户"),
        agent=_("客服"),
        bot=_("机器人"),
        auto=_("自动回复"),
        note=_("内部备注"),
        system=_("系统"),
        bad=_("不说"),
        good=_("改说"),
        why=_("为什么"),
        good_chat=_("这样接待"),
        bad_chat=_("问题示例"),
    )
