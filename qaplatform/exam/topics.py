"""What acts can be about, for scenarios: what is asked for, offered, promised, refused or explained."""

from __future__ import annotations

TOPICS: tuple[str, ...] = (
    "order_id", "photo", "phone", "address", "reason", "problem", "time", "size", "need", "choice", "name", "tracking_no",
    "refund", "return", "exchange", "resend", "repair", "coupon", "compensation", "price", "postage", "gift", "cancel",
    "change", "invoice", "product", "privacy", "check", "urge", "callback", "delivery",
)  # fmt: skip
