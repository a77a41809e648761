"""How long the customer waited for each reply, and how that stands against the limit of the moment.

What the check of response times has found counts (``services`` do not judge anew); replies it found no fault with are
measured here from the last message before them, so that a reader sees every gap, not only those that cost points.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

import msgspec

from qaplatform.audit.context import Context
from qaplatform.audit.rubric import Rubric

State = Literal["within", "late", "excused", "off_duty", "unlimited"]
CHECK = "response_time"
LATE = "late"


class Wait(msgspec.Struct, frozen=True):
    """The wait before a reply.

    ``within`` and ``late`` stand against ``limit_seconds``; an ``excused`` reply is over it and yet no fault (thanks need
    no answer); while nobody is on duty, or where nothing is known of limits, there is none.
    """

    seconds: float
    limit_seconds: float | None
    state: State


class Written(Protocol):
    """A message, as far as waiting is concerned."""

    @property
    def role(self) -> str:
        """Who wrote it."""

    @property
    def kind(self) -> str:
        """What it is."""

    @property
    def auto(self) -> bool:
        """Whether a machine answered."""


class LateReply(msgspec.Struct, frozen=True):
    """What the check found of one reply."""

    waited_seconds: float
    limit_seconds: float


def is_reply(message: Written) -> bool:
    """Whether a person wrote it to the customer."""
    return message.role == "agent" and not message.auto and message.kind not in ("note", "transfer")


def moments_of(sent: Iterable[str | None], zone: ZoneInfo) -> list[datetime | None]:
    """The moments of messages, aware; ``None`` where a time is missing or unreadable. No zone means ``zone``."""
    return [_moment(one, zone) for one in sent]


def _moment(sent_at: str | None, zone: ZoneInfo) -> datetime | None:
    if not sent_at:
        return None
    try:
        moment = datetime.fromisoformat(sent_at)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def waits(
    messages: Sequence[Written],
    moments: Sequence[datetime | None],
    *,
    context: Context | None,
    channel_limit_seconds: float | None = None,
    late: Mapping[int, LateReply] | None = None,
) -> dict[int, Wait]:
    """The waits before the replies of a conversation, by the number of the reply.

    Args:
        messages: All of them, in order.
        moments: When each was sent.
        context: What the audit knew; without it nothing is known of limits.
        channel_limit_seconds: The channel's own limit, whatever the clock says.
        late: What the check found, by the number of the reply; ``None`` where it has not judged.
    """
    out: dict[int, Wait] = {}
    asked: datetime | None = None
    for number, (message, moment) in enumerate(zip(messages, moments, strict=True)):
        if message.role == "customer":
            asked = moment or asked
        elif is_reply(message):
            found = late.get(number) if late else None
            if found is not None:
                out[number] = Wait(found.waited_seconds, found.limit_seconds, "late")
            elif asked is not None and moment is not None and moment >= asked:
                limit = _limit(context, channel_limit_seconds, asked)
                seconds = (moment - asked).total_seconds()
                out[number] = Wait(seconds, limit, _state(seconds, limit, context, judged=late is not None))
            asked = None
    return out


def _limit(context: Context | None, of_channel: float | None, asked: datetime) -> float | None:
    if of_channel is not None:
        return of_channel
    return context.limit_seconds(asked) if context else None


def _state(seconds: float, limit: float | None, context: Context | None, *, judged: bool) -> State:
    if limit is None:
        return "unlimited" if context is None else "off_duty"
    if seconds <= limit:
        return "within"
    return "excused" if judged else "late"


def channel_limit(rubric: Rubric | None, channel: str) -> float | None:
    """A channel's own reply limit in a rubric, in seconds."""
    for criterion in rubric.criteria if rubric else ():
        limits: Mapping[str, float] | None = getattr(criterion.params, "channel_limits_seconds", None)
        if criterion.check == CHECK and limits is not None:
            return limits.get(channel)
    return None


def timing_criteria(rubric: Rubric | None) -> frozenset[str]:
    """The criteria of a rubric that judge response times."""
    return frozenset(one.id for one in rubric.criteria if one.check == CHECK) if rubric else frozenset()
