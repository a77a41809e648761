"""A chat as people write it down, in the notation that files keep (``qaplatform.audit.notation``).

Who may stand in Chinese and with a colon behind it; where no line has a time, each gets one, so that clocks can run.
"""

from __future__ import annotations

import re

_WHO = {
    "customer": "customer", "客户": "customer", "顾客": "customer", "买家": "customer",
    "agent": "agent", "客服": "agent", "auto": "auto", "自动回复": "auto", "bot": "bot", "机器人": "bot",
    "note": "note", "备注": "note", "system": "system", "系统": "system",
}  # fmt: skip
_LINE = re.compile(
    rf"(?P<who>{'|'.join(_WHO)})(?P<name>:[A-Za-z0-9_-]+)?(?:\s+|\s*[:：]\s*)"
    r"(?:(?P<time>\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)(?:\s+|\s*[:：]\s*))?(?P<text>.*)"
)
_FIRST_SECONDS, _APART_SECONDS = 10 * 3600, 20
"""Messages without a time begin at ten and stand so far apart."""


def as_notation(text: str, *, timed: bool = True) -> str:
    """The lines of a chat in the notation; ``timed``: with times. What cannot be understood stays as it is."""
    lines = [line.strip() for line in text.replace("\r\n", "\n").strip().split("\n")]
    found = [_LINE.fullmatch(line) for line in lines]
    has_times = not timed or any(one is not None and one["time"] for one in found)
    out, count = [], 0
    for line, one in zip(lines, found, strict=True):
        if one is None:
            out.append(line)
            continue
        said = one["text"]
        time = (one["time"] or "").replace("：", ":") if has_times else _clock(count)
        who = _WHO[one["who"]] + _name(one["who"], one["name"])
        if who == "system" and said.startswith("转接"):
            said = "transfer " + said.removeprefix("转接").strip()
        out.append(" ".join(part for part in (who, time, said) if part))
        count += 1
    return "\n".join(out)


def _name(who: str, name: str | None) -> str:
    return name if name and who.isascii() else ""


def _clock(count: int) -> str:
    seconds = _FIRST_SECONDS + count * _APART_SECONDS
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
