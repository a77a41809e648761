"""What a reply can do in a mock dialogue, and what that can be about. ``reader/labelling.md`` says when which holds."""

from __future__ import annotations

from typing import Literal, get_args

Act = Literal[
    "greets", "soothes", "apologises", "explains", "asks", "offers", "refuses", "promises", "escalates", "transfers",
    "closes", "thanks", "confirms", "stalls", "rebuffs", "asks_off_platform", "asks_for_review", "unread",
]  # fmt: skip
ACTS: tuple[Act, ...] = get_args(Act)

REMEDIES = (
    "refund", "return", "exchange", "resend", "repair", "coupon", "compensation", "price", "postage", "gift", "cancel",
    "change", "invoice", "product", "privacy",
)  # fmt: skip
"""What is offered or refused; ``product`` is a recommendation, ``privacy`` (other people's data) is only refused."""
ASKED = (
    "order_id", "photo", "phone", "address", "reason", "problem", "time", "size", "need", "choice", "name", "tracking_no",
    "invoice",
)  # fmt: skip
"""What is asked for."""
PROMISED = ("check", "urge", "callback", "delivery")
"""What is promised and is no remedy; a promise of handling alone has no about."""
ABOUTS: frozenset[str] = frozenset((*REMEDIES, *ASKED, *PROMISED))

DUE = "due"
"""Beside a promise about the same: a time is named that can be counted."""
_ALONE = tuple(act for act in ACTS if act not in ("asks", "offers", "refuses", "promises"))
_TIMED = (None, *PROMISED, *(one for one in REMEDIES if one not in ("product", "privacy")))
LABELS: tuple[tuple[str, str | None], ...] = (
    *((act, None) for act in _ALONE),
    *(("asks", one) for one in ASKED),
    *(("offers", one) for one in REMEDIES if one != "privacy"),
    *(("refuses", one) for one in (None, *REMEDIES)),
    *(("promises", one) for one in _TIMED),
    *((DUE, one) for one in _TIMED),
)
"""All that the reader of replies can tell, as (act, about)."""
