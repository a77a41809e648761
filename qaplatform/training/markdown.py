"""Markdown → HTML that is safe whatever the source holds, and Markdown → plain words.

HTML in the source is text. Links go to ``http(s)://`` or to another lesson, ``[…](other-lesson.md)``; any other
address stays the text it was. Pictures become their description. Fenced blocks ``pair`` and ``chat``
(:mod:`qaplatform.training.lesson_blocks`) become wording pairs and chats; where one is written wrongly it is shown as code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from html import escape

import msgspec
from markdown_it import MarkdownIt
from markdown_it.token import Token

from qaplatform.audit.conversation import Message
from qaplatform.training.lesson_blocks import BlockError, LessonChat, Pair, block_kind, read_chat, read_pair

_LESSON_LINK = re.compile(r"([a-z][a-z0-9_-]*)\.md\Z")
_WEB_LINK = re.compile(r"https?://[^\s/?#\\]+", re.IGNORECASE)
_OUTSIDE = (("rel", "noopener noreferrer nofollow"), ("target", "_blank"))


class BlockWords(msgspec.Struct, frozen=True):
    """The few words of our own that stand in a rendered lesson; the web gives them in the reader's language."""

    customer: str = "客户"
    agent: str = "客服"
    bot: str = "机器人"
    auto: str = "自动回复"
    note: str = "内部备注"
    system: str = "系统"
    bad: str = "不说"
    good: str = "改说"
    why: str = "为什么"
    good_chat: str = "这样接待"
    bad_chat: str = "问题示例"


def lesson_linked(href: str) -> str | None:
    """The id of the lesson that a link means, or ``None``."""
    match = _LESSON_LINK.match(href)
    return match[1] if match else None


def is_web_link(href: str) -> bool:
    """Whether a link goes to a page of the web."""
    return _WEB_LINK.match(href) is not None


class _Markdown(MarkdownIt):
    """The parser; which addresses become links is ours to say."""

    def __init__(self, *, for_lint: bool = False) -> None:
        super().__init__("commonmark", {"html": for_lint})
        self.enable(["table", "strikethrough"])
        self._takes_all = for_lint

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the parser calls it so
        return self._takes_all or is_web_link(url) or lesson_linked(url) is not None


@lru_cache(maxsize=2)
def _parser(*, for_lint: bool) -> MarkdownIt:
    return _Markdown(for_lint=for_lint)


def lint_tokens(body: str) -> list[Token]:
    """The tokens of a text with HTML and every link recognised, so that a lint can point at them."""
    return _parser(for_lint=True).parse(body)


def render(body: str, *, words: BlockWords | None = None, lesson_url: Callable[[str], str] | None = None) -> str:
    """A text as HTML without script, event attributes or foreign addresses, whatever it holds.

    Args:
        body: Markdown.
        words: our own words in it; Chinese ones by default.
        lesson_url: the address of the lesson with an id; without it links between lessons are plain text.
    """
    return _Renderer(words or BlockWords(), lesson_url).html(_parser(for_lint=False).parse(body))


def text_of(body: str) -> str:
    """The words of a text, one block a line, without any markup."""
    return "\n".join(_texts(_parser(for_lint=False).parse(body)))


def inline_text(token: Token) -> str:
    """The words of one inline token."""
    out = []
    for child in token.children or []:
        if child.type in ("text", "code_inline"):
            out.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            out.append("\n")
        elif child.type == "image":
            out.append(inline_text(child))
    return "".join(out)


def _texts(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "inline":
            yield inline_text(token)
        elif token.type in ("fence", "code_block"):
            block = _block(token)
            if isinstance(block, Pair):
                yield from (one for one in (block.customer, block.bad, block.good, block.why) if one)
            elif isinstance(block, LessonChat):
                yield from (one.text for one in block.messages)
            else:
                yield token.content.rstrip("\n")


def _block(token: Token) -> Pair | LessonChat | None:
    """The special block of a fence; ``None`` where it is ordinary code or written wrongly."""
    kind = block_kind(token.info) if token.type == "fence" else ""
    try:
        if kind == "pair":
            return read_pair(token.info, token.content)
        return read_chat(token.info, token.content) if kind == "chat" else None
    except BlockError:
        return None


_PLAIN_TAGS = frozenset(
    "p h1 h2 h3 h4 h5 h6 ul ol li blockquote strong em s table thead tbody tr th td".split()  # noqa: SIM905
)


class _Renderer:
    """Writes tokens as HTML: each kind of token has its line here, and what has none is written as text."""

    def __init__(self, words: BlockWords, lesson_url: Callable[[str], str] | None) -> None:
        self._words, self._lesson_url = words, lesson_url
        self._headings = 0

    def html(self, tokens: Sequence[Token]) -> str:
        return "".join(self._one(token) for token in tokens)

    def _one(self, token: Token) -> str:
        kind = token.type
        if kind == "inline":
            return self._inline(token.children or [])
        if kind in ("fence", "code_block"):
            block = _block(token)
            if isinstance(block, Pair):
                return self._pair(block)
            return self._chat(block) if block else f"<pre><code>{escape(token.content)}</code></pre>\n"
        if token.tag in _PLAIN_TAGS and token.nesting:
            return "" if token.hidden else self._tag(token)
        return "<hr>\n" if kind == "hr" else escape(token.content)

    def _tag(self, token: Token) -> str:
        if token.nesting < 0:
            return f"</{token.tag}>" + ("\n" if token.block else "")
        attributes = ""
        if token.type == "heading_open":
            self._headings += 1
            attributes = f' id="section-{self._headings}"'
        elif token.type == "ordered_list_open" and str(token.attrGet("start") or "").isdecimal():
            attributes = f' start="{int(str(token.attrGet("start")))}"'
        elif token.type in ("th_open", "td_open"):
            side = str(token.attrGet("style") or "").removeprefix("text-align:")
            attributes = f' class="to-{side}"' if side in ("left", "center", "right") else ""
        return f"<{token.tag}{attributes}>"

    def _inline(self, children: Sequence[Token]) -> str:
        out: list[str] = []
        closing: list[str] = []
        for child in children:
            if child.type == "link_open":
                begin, end = self._link(str(child.attrGet("href") or ""))
                out.append(begin)
                closing.append(end)
            elif child.type == "link_close":
                out.append(closing.pop() if closing else "")
            elif child.type == "code_inline":
                out.append(f"<code>{escape(child.content)}</code>")
            elif child.type == "softbreak":
                out.append("\n")
            elif child.type == "hardbreak":
                out.append("<br>\n")
            elif child.type == "image":
                out.append(escape(inline_text(child)))
            elif child.tag in _PLAIN_TAGS and child.nesting:
                out.append(self._tag(child))
            else:
                out.append(escape(child.content))
        return "".join(out)

    def _link(self, href: str) -> tuple[str, str]:
        lesson = lesson_linked(href)
        if lesson is not None:
            return (f'<a href="{escape(self._lesson_url(lesson))}">', "</a>") if self._lesson_url else ("", "")
        if is_web_link(href):
            safe = " ".join(f'{name}="{value}"' for name, value in _OUTSIDE)
            return f'<a href="{escape(href)}" {safe}>', "</a>"
        return "", ""

    def _pair(self, pair: Pair) -> str:
        words = self._words
        parts = [("said", words.customer, pair.customer), ("bad", words.bad, pair.bad), ("good", words.good, pair.good)]
        rows = "".join(
            f'<div class="wording-{name}"><dt>{escape(label)}</dt><dd>{_lines(text)}</dd></div>\n'
            for name, label, text in (*parts, ("why", words.why, pair.why))
            if text
        )
        return f'<dl class="wording-pair">\n{rows}</dl>\n'

    def _chat(self, chat: LessonChat) -> str:
        words = self._words
        caption = {"good": words.good_chat, "bad": words.bad_chat, "plain": ""}[chat.verdict]
        head = f"<figcaption>{escape(caption)}</figcaption>\n" if caption else ""
        messages = "".join(self._message(one) for one in chat.messages)
        return f'<figure class="lesson-chat chat-{chat.verdict}">\n{head}<ol>\n{messages}</ol>\n</figure>\n'

    def _message(self, message: Message) -> str:
        who = "auto" if message.auto else "note" if message.kind == "note" else message.role
        label: str = getattr(self._words, who)
        when = f" <time>{message.sent_at[11:16]}</time>" if message.sent_at else ""
        name = f'<span class="who">{escape(label)}</span>'
        return f'<li class="from-{who}">{name}{when} <span class="says">{_lines(message.text)}</span></li>\n'


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")
