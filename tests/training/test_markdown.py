"""Whatever a lesson's source holds, its HTML is harmless; what it means to say is shown."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qaplatform.training.markdown import BlockWords, render, text_of

TAGS = {
    *("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "strong", "em", "s", "pre", "code", "hr", "br", "a"),
    *("table", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd", "div", "figure", "figcaption", "span", "time"),
}  # fmt: skip
ATTRIBUTES = {"id", "class", "href", "rel", "target", "start"}
OUTSIDE = 'rel="noopener noreferrer nofollow" target="_blank"'
PIECES = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[a](javascript:alert(1))", "[a](java\nscript:x)",
    "[a](&#106;avascript:x)", "[a]: javascript:x", "[a](//evil.example)", "![i](https://evil.example/a.png)", "<https://a.example>",
    "[a](data:text/html,x)", '[b](https://a.example/"onclick=x)',
    "[c](other-lesson.md)", "[c](../x.md)", "[d](vbscript:x 'onclick=y')",
    "```pair x\nbad: <b onclick=y>\ngood: \"'><i>\n```",
    "```chat good\nagent 10:00:00 <script>x</script>\n```", '```chat bad"x\nagent a\n```',
    '```"onload=x\n<i>\n```', "| a |\n|:-:|\n| <u> |", "# <i>",
    "1000000. x", "> ", "- ", "    <b>",
    "~~x~~", "**b**", "\n", "\n\n", " ", "\\", "`", "<", "&lt;", "\0",
]  # fmt: skip
SOURCES = st.one_of(st.text(), st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5))).map("".join))


class Seen(HTMLParser):
    """Takes down every tag and attribute of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.other: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag == "a" and str(dict(attrs).get("href")).startswith("http"):
            assert dict(attrs).get("target") == "_blank"
            assert "noopener" in str(dict(attrs).get("rel"))

    def handle_comment(self, data: str) -> None:
        self.other.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


@given(SOURCES)
def test_nothing_dangerous_comes_out_whatever_goes_in(source: str) -> None:
    html = render(source, lesson_url=lambda id: f"/lessons/{id}")
    seen = Seen(html)
    assert set(seen.tags) <= TAGS
    assert not seen.other
    assert {name for name, _ in seen.attributes} <= ATTRIBUTES
    for name, value in seen.attributes:
        if name == "href":
            assert re.match(r"https?://|/lessons/[a-z][a-z0-9_-]*\Z", str(value), re.IGNORECASE)
    assert isinstance(text_of(source), str)


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("**a** `b<c`", "<p><strong>a</strong> <code>b&lt;c</code></p>\n"),
        ("## 标题", '<h2 id="section-1">标题</h2>\n'),
        ("[页](https://a.example/?x=1&y=2)", f'<p><a href="https://a.example/?x=1&amp;y=2" {OUTSIDE}>页</a></p>\n'),
        ("[课](red-lines.md)", '<p><a href="/lessons/red-lines">课</a></p>\n'),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("<b>a</b>", "<p>&lt;b&gt;a&lt;/b&gt;</p>\n"),
        ("![一张图](https://a.example/x.png)", "<p>一张图</p>\n"),
        ("3. a\n4. b", '<ol start="3"><li>a</li>\n<li>b</li>\n</ol>\n'),
        ("```\n<i>\n```", "<pre><code>&lt;i&gt;\n</code></pre>\n"),
        ("```pair\nbad: a\n```", "<pre><code>bad: a\n</code></pre>\n"),
    ],
)  # fmt: skip
def test_markdown_becomes_plain_html(source: str, html: str) -> None:
    assert render(source, lesson_url=lambda id: f"/lessons/{id}") == html


def test_links_between_lessons_are_text_where_nobody_knows_their_address() -> None:
    assert render("[课](red-lines.md)") == "<p>课</p>\n"


def test_a_table_says_how_its_columns_stand() -> None:
    html = render("| a | b |\n| --- | ---: |\n| 1 | 2 |")
    assert '<th class="to-right">b</th>' in html
    assert "<td>1</td>" in html


def test_pairs_and_chats_are_shown_in_the_readers_language() -> None:
    words = BlockWords(customer="Customer", agent="Agent", bad="Not", good="But", why="Why", good_chat="Like this")
    source = (
        "```pair x\ncustomer: q<\nbad: a\nb\ngood: c\nwhy: d\n```\n```chat good\ncustomer 10:00:00 急\nagent 您好\n```"
    )
    html = render(source, words=words)
    assert '<div class="wording-said"><dt>Customer</dt><dd>q&lt;</dd></div>' in html
    assert '<div class="wording-bad"><dt>Not</dt><dd>a<br>b</dd></div>' in html
    assert "<figcaption>Like this</figcaption>" in html
    assert (
        '<li class="from-customer"><span class="who">Customer</span> <time>10:00</time> <span class="says">急</span></li>'
        in html
    )
    assert '<li class="from-agent"><span class="who">Agent</span> <span class="says">您好</span></li>' in html
    assert text_of(source) == "q<\na\nb\nc\nd\n急\n您好"
