"""The grammar of text copied from a chat window (千牛 and its like): what each line is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from qaplatform.formats.width import half_width

LineKind = Literal["message", "stamp", "text", "blank", "status", "recall", "transfer", "break", "rule"]

_DATE = r"(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}日?"
_CLOCK = (
    r"(?:(?:周|星期)[一二三四五六日天]\s*)?(?:上午|下午|凌晨|早上|中午|傍晚|晚上|[AaPp][Mm])?\s?"
    r"\d{1,2}:\d{2}(?::\d{2}(?!\d)|(?!:?\d))(?:\.\d{1,6})?(?:\s?[AaPp][Mm])?(?:\s?(?:Z|[+-]\d\d:?\d\d))?"
)
_STAMP = rf"{_DATE}(?:\s{{0,4}}T\s?|\s{{1,4}}|(?<=日)){_CLOCK}"
_READ = r"(?:\s*[\[(]?(?:已读|未读|送达)[\])]?)?"
_NAME_FIRST = re.compile(
    rf"(?P<name>\S.{{0,100}}?)\s*(?:[(\[【<]\s*(?P<stamp>{_STAMP})\s*[)\]】>]|(?P<bare>{_STAMP})){_READ}"
    r"\s*(?::\s*(?P<text>.*))?"
)
_TIME_FIRST = re.compile(
    rf"[(\[【<]?\s*(?P<stamp>{_STAMP})\s*[)\]】>]?{_READ}[\s,]*(?P<bare>)"
    r"(?P<name>[^\s:].*?)(?:\s*:(?:\s+|$)(?P<text>.*))?"
)
_STAMP_ONLY = re.compile(rf"[(\[【<]?\s*(?P<stamp>{_STAMP})\s*[)\]】>]?{_READ}\s*:?")
_ARROW = re.compile(r"\s*(?:-{1,3}\s?>|—{1,2}>|={1,2}>|→|➜|⇒)\s*")

_NO_NAME = re.compile(r"[,。!?;、…]|:$|时间|日期|(?:是|于|在|到|至|从|自|为|约|截止|截至|之前|以前)$")
_STATUS = re.compile(
    r"[\[(【\-—=\s]*(?:(?:对方|全部|消息|买家|客户)?(?:已读|未读)|已?送达|已发送|发送失败|对方正在输入.{0,3}"
    r"|(?:以下|以上|此前)(?:为|是|都是)?.{0,8}(?:消息|记录)|(?:点击)?(?:查看|加载)更多.{0,8}|没有更多.{0,8}|暂无更多.{0,8})[\])】\-—=\s]*"
)
_RECALL = re.compile(r"[\[(【]?.{0,40}?撤回了?(?:一条|1条|1 条)?(?:消息|信息)[\])】]?[。.]?.{0,6}")
_TRANSFER = re.compile(
    r"(?P<before>.{0,60}?)\s*(?:转交|转接|移交|转派|转移|转给)(?:给|至|到|了)?(?:给|了)?\s*:?\s*(?P<after>[^,。!?;]{1,50}?)[。.]?"
)
_SYSTEM_START = re.compile(
    r"[\[(【]?(?:系统|会话|对话|本次会话|该会话|该对话|当前会话|本次咨询|服务)(?:消息|提示|通知|提醒)?|转[交接]"
)
_TALKING = re.compile(r"我|您|请|帮|咱|亲|可以|需要|稍等|麻烦")
_RULE = re.compile(r"[=\-—_*#~─━]{3,}")
_BREAK = re.compile(
    r"[#=*\-—─━\s【\[]*(?:(?:与|和)\s*(?P<with>\S.{0,40}?)\s*的?(?:聊天|对话|会话|沟通)记录"
    r"|(?P<what>会话|对话|聊天|聊天记录|会话记录|对话记录|咨询|买家|客户|顾客|访客|用户|会员名?|旺旺(?:名|号)?"
    r"|conversation|chat|customer|buyer)"
    r"\s*(?:id|编号|记录|昵称|名称|名)?(?:\s*[:#]\s*|\s*(?=\d))(?P<id>\S.{0,60}?))[\s=*\-—─━】\]]*",
    re.IGNORECASE,
)
_CUSTOMER_WORDS = {
    *["买家", "客户", "顾客", "访客", "用户", "会员", "会员名", "旺旺", "旺旺名", "旺旺号", "customer", "buyer"]
}
MAX_NAME_CHARS = 48
MAX_HEAD_CHARS = 8192
"""A longer line is no name-and-time line, even one with the text behind it."""


@dataclass(frozen=True, slots=True)
class ChatLine:
    """One line told apart.

    Of a message ``name``, ``to`` (the other side of an arrow), ``stamp`` and the ``text`` behind a colon
    (``None``: the text stands on the lines below); of a break ``name`` is the id or the customer.
    """

    number: int
    raw: str
    kind: LineKind
    name: str = ""
    to: str = ""
    stamp: str = ""
    text: str | None = None
    names_customer: bool = False


def chat_lines(lines: Sequence[str]) -> list[ChatLine]:
    """Tell what every line of a copied chat is.

    Whether name or time stands first, or the name alone on the line above, is decided for the whole file by
    what occurs most; the other order is then plain text.
    """
    name_first = [_name_first(number, line) for number, line in enumerate(lines, start=1)]
    time_first = [_time_first(number, line) for number, line in enumerate(lines, start=1)]
    stamps = [_STAMP_ONLY.fullmatch(half_width(line.strip())) for line in lines]
    above = {
        place for place in range(1, len(lines)) if stamps[place] and _may_be_name(half_width(lines[place - 1].strip()))
    }
    ahead = sum(line is not None for line in name_first)
    behind = sum(line is not None for line in time_first)
    told = time_first if behind > ahead + len(above) else name_first
    names = {line.name for line in told if line is not None}
    out: list[ChatLine] = []
    for place, line in enumerate(lines):
        stamp = stamps[place]
        found = told[place]
        if (
            stamp is not None
            and place in above
            and told is name_first
            and (not names or ahead < len(above) or lines[place - 1].strip() in names)
        ):
            name, to = _ends(out[-1].raw.strip())
            out[-1] = ChatLine(place, lines[place - 1], "stamp")
            out.append(ChatLine(place + 1, line, "message", name, to, stamp["stamp"]))
        elif found is not None:
            bare = found.text is None and told is time_first and ":" in half_width(found.name)
            alone = place + 1 == len(lines) or told[place + 1] is not None or not lines[place + 1].strip()
            out.append((_said_inline(found) or found) if bare and alone else found)
        else:
            out.append(_other(place + 1, line, names))
    return _with_breaks(out)


def _name_first(number: int, line: str) -> ChatLine | None:
    return _message(number, line, _NAME_FIRST)


def _time_first(number: int, line: str) -> ChatLine | None:
    return _message(number, line, _TIME_FIRST)


def _message(number: int, line: str, pattern: re.Pattern[str]) -> ChatLine | None:
    """The line as a message's first, if it has that form; looked at in half width, taken as written."""
    written = line.strip()
    match = pattern.fullmatch(half_width(written)) if len(written) <= MAX_HEAD_CHARS else None
    if match is None:
        return None
    name = written[slice(*match.span("name"))]
    text = written[slice(*match.span("text"))] if match["text"] else None
    stamp = match["stamp"] or match["bare"]
    if _may_be_name(match["name"]):
        return ChatLine(number, line, "message", *_ends(name), stamp, text)
    return _said_inline(ChatLine(number, line, "message", name, "", stamp, text)) if pattern is _TIME_FIRST else None


def _said_inline(line: ChatLine) -> ChatLine | None:
    """Take ``name:text`` apart where no space follows the colon; 店铺:小王:text has its text behind the second."""
    colons = [place for place, char in enumerate(half_width(line.name)) if char == ":"]
    for place in reversed(colons[:2]):
        name = line.name[:place]
        if _may_be_name(half_width(name)):
            text = line.name[place + 1 :].strip()
            return replace(line, name=name.strip(), text=text if line.text is None else f"{text}: {line.text}")
    return None


def _ends(name: str) -> tuple[str, str]:
    parts = _ARROW.split(name.strip(), maxsplit=1)
    return parts[0].strip(), parts[1].strip() if len(parts) > 1 else ""


def _may_be_name(name: str) -> bool:
    if not name or name[0] in "-—>" or not any(char.isalnum() for char in name):
        return False
    return all(
        0 < len(part) <= MAX_NAME_CHARS and not _NO_NAME.search(part) for part in _ARROW.split(name.strip(), maxsplit=1)
    )


def _other(number: int, line: str, names: set[str]) -> ChatLine:
    text = half_width(line.strip())
    if not text:
        return ChatLine(number, line, "blank")
    if len(text) <= 120:
        if _STATUS.fullmatch(text):
            return ChatLine(number, line, "status")
        if _RULE.fullmatch(text):
            return ChatLine(number, line, "rule")
        if _RECALL.fullmatch(text) and not _TALKING.search(text.replace("您撤回", "").replace("我撤回", "")):
            return ChatLine(number, line, "recall")
        if _is_transfer(text, names):
            return ChatLine(number, line, "transfer")
    return ChatLine(number, line, "text")


def _is_transfer(text: str, names: set[str]) -> bool:
    match = _TRANSFER.fullmatch(text)
    if match is None or _TALKING.search(text):
        return False
    before, after = match["before"].strip(), match["after"].strip()
    if _SYSTEM_START.match(text):
        return True
    return before in names or after in names or any(before.startswith(name) for name in names if len(name) > 1)


def _with_breaks(lines: list[ChatLine]) -> list[ChatLine]:
    """Mark the lines that open a conversation: at a border (start, blank, rule) and right before a message.

    A rule (-----) anywhere else is text.
    """
    out = list(lines)
    opens_message = False
    for place in range(len(lines) - 1, -1, -1):
        line = lines[place]
        if line.kind in {"message", "stamp"}:
            opens_message = True
        elif line.kind == "rule":
            if not opens_message:
                out[place] = replace(line, kind="text")
        elif line.kind == "text":
            match = _BREAK.fullmatch(half_width(line.raw.strip())) if opens_message else None
            at_border = place == 0 or lines[place - 1].kind in {"blank", "rule"}
            if match is not None and (at_border or _BREAK.fullmatch(half_width(lines[place - 1].raw.strip()))):
                customer = bool(match["with"]) or (match["what"] or "").lower() in _CUSTOMER_WORDS
                out[place] = replace(line, kind="break", name=match["with"] or match["id"], names_customer=customer)
            else:
                opens_message = False
    return out
