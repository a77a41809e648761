"""When the demo's new hires learn: the written days moved by whole weeks, so that the three weeks have just ended.

Boards and mentors' pages look at the last days. So the Friday of the last week is the newest one before the day the demo
is made, and all that the two handled moves with it, together with the days their chats name: none lies before their hiring.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy.orm import Session

from qaplatform.store.settings import lock_settings, read_setting, write_setting

_SETTING = "demo.training"
_ZONE = ZoneInfo("Asia/Shanghai")
_NAMED = re.compile(r"(?<![路道街\d])(?:(?P<month>\d{1,2})月)?(?<!\d)(?P<day>\d{1,2})号(?![仓楼])")
"""A day named in a chat; numbers of houses and stores are none."""


class Days(msgspec.Struct, frozen=True):
    """The days of the story as they are in this demo."""

    moved: timedelta

    def day(self, told: date) -> date:
        """A day of the story."""
        return told + self.moved

    def at(self, told: date, hour: int, minute: int = 0) -> datetime:
        """A moment of a day of the story, by the wall clock."""
        return datetime.combine(told, time(), _ZONE) + self.moved + timedelta(hours=hour, minutes=minute)

    def chat(self, line: str, *, until: datetime) -> str | None:
        """A conversation, a line of JSON, on its day in this demo; ``None`` where it goes on after ``until``."""
        chat: dict[str, Any] = msgspec.json.decode(line)
        if datetime.fromisoformat(chat["messages"][-1]["sent_at"]) + self.moved > until:
            return None
        for message in chat["messages"]:
            sent_at = datetime.fromisoformat(message["sent_at"])
            message["sent_at"] = (sent_at + self.moved).isoformat()
            message["text"] = _NAMED.sub(partial(self._named, said_on=sent_at.date()), message["text"])
        return msgspec.json.encode(chat).decode()

    def _named(self, match: re.Match[str], said_on: date) -> str:
        month, day = int(match["month"] or said_on.month), int(match["day"])
        if not 1 <= month <= 12 or not 1 <= day <= monthrange(said_on.year, month)[1]:
            return match[0]
        moved = self.day(date(said_on.year, month, day))
        return f"{moved.month}月{moved.day}号" if match["month"] else f"{moved.day}号"


def split_off(lines: Sequence[str], agents: Collection[str]) -> tuple[list[str], list[str]]:
    """Conversations, lines of JSON: those without some agents, and theirs with all that belongs to the same cases."""
    chats: list[dict[str, Any]] = [msgspec.json.decode(line) for line in lines]
    theirs = [any(message.get("agent") in agents for message in chat["messages"]) for chat in chats]
    cases = {chat.get("case_id") for chat, is_theirs in zip(chats, theirs, strict=True) if is_theirs} - {None}
    moving = [is_theirs or chat.get("case_id") in cases for chat, is_theirs in zip(chats, theirs, strict=True)]
    others = [line for line, moves in zip(lines, moving, strict=True) if not moves]
    return others, [line for line, moves in zip(lines, moving, strict=True) if moves]


def days_of_demo(session: Session, last_day: date, *, now: datetime) -> Days:
    """The days of this demo, the same for ever once they were asked for; ``last_day`` is the story's last Friday."""
    lock_settings(session)
    kept = read_setting(session, _SETTING)
    if kept is None:
        yesterday = now.astimezone(_ZONE).date() - timedelta(days=1)
        kept = {"weeks": (yesterday - last_day).days // 7}
        write_setting(session, _SETTING, kept)
    return Days(timedelta(weeks=kept["weeks"]))
