r"""The transcript notation of docs, tests, rubric examples and samples: one message a line.

    customer 10:00:05 怎么还没发货,急死了
    agent    10:00:21 非常理解您着急的心情,我马上为您核实
    agent:a2 10:03:00 您好,我是小李
    auto     10:03:01 人工客服将于9:00上线
    note     10:03:02 仓库说今天发
    system   10:04:00 transfer 小王 → 小李

The first word says who: ``customer``, ``agent`` or ``agent:ID``, ``bot``, ``auto`` (an automatic reply),
``note`` (an internal note, ``note:ID``) or ``system``. The time is optional (``HH:MM`` or ``HH:MM:SS``); a
clock that runs backwards means the next day. ``\\n`` in a text is a line break. A system line that begins
with ``transfer`` has the kind transfer. Blank lines and lines that begin with ``#`` are skipped.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from qaplatform.audit.conversation import Conversation, Kind, Message, Role
from qaplatform.audit.saying import Saying, say

_LINE = re.compile(
    r"(?P<who>customer|agent|bot|auto|note|system)(?::(?P<agent>\S+))?"
    r"(?:\s+(?P<time>\d{1,2}:\d{2}(?::\d{2})?))?(?:\s+(?P<text>.*))?$"
)
_ROLES: dict[str, Role] = {
    "customer": "customer",
    "agent": "agent",
    "bot": "bot",
    "auto": "agent",
    "note": "agent",
    "system": "system",
}


class NotationError(ValueError):
    """A line of a transcript does not follow the notation; ``wrong`` says how."""

    def __init__(self, line: int, wrong: Saying) -> None:
        super().__init__(say("line {line}: {wrong}", line=line, wrong=wrong))
        self.line, self.wrong = line, wrong


def parse_messages(
    text: str, *, day: date = date(2026, 9, 1), zone: str = "Asia/Shanghai", agent: str = "a1"
) -> tuple[Message, ...]:
    """Read transcript lines into messages; times fall on ``day`` in ``zone``, rolling past midnight.

    Raises:
        NotationError: naming the line number and what was expected.
    """
    messages: list[Message] = []
    tz = ZoneInfo(zone)
    previous: datetime | None = None
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        match = _LINE.match(line)
        if match is None:
            expected = "customer|agent|bot|auto|note|system [HH:MM[:SS]] text"
            raise NotationError(number, say("expected '{form}', got {words!r}", form=expected, words=line))
        who, body = match["who"], (match["text"] or "").replace("\\n", "\n")
        sent: datetime | None = None
        if match["time"]:
            try:
                clock = time.fromisoformat(match["time"] if match["time"][2] == ":" else f"0{match['time']}")
            except ValueError as error:
                raise NotationError(number, say("{time!r} is no time of day", time=match["time"])) from error
            sent = datetime.combine(previous.date() if previous else day, clock, tz)
            if previous and sent < previous:
                sent += timedelta(days=1)
            previous = sent
        kind: Kind = "note" if who == "note" else "text"
        if who == "system" and body.lower().startswith("transfer"):
            kind = "transfer"
        messages.append(
            Message(
                role=_ROLES[who],
                text=body,
                agent=(match["agent"] or agent) if _ROLES[who] == "agent" else None,
                sent_at=sent.isoformat() if sent else None,
                auto=who == "auto",
                kind=kind,
            )
        )
    return tuple(messages)


def parse_conversation(text: str, *, id: str = "example", day: date = date(2026, 9, 1)) -> Conversation:
    """A whole conversation from transcript lines."""
    return Conversation(id=id, messages=parse_messages(text, day=day))
