"""What acts can be about, for scenarios: what is asked for, offered, promised, refused or explained."""

from __future__ import annotations

TOPICS: tuple[str, ...] = (
    "order_id", "photo", "video", "address", "phone", "reason", "problem", "tracking", "size", "colour", "use", "time",
    "refund", "exchange", "resend", "return", "coupon", "compensation", "discount", "repair", "gift", "postage", "invoice",
    "cancel", "dispatch", "delivery", "arrival", "callback", "check", "warehouse", "supervisor", "specialist", "policy",
    "price", "stock", "product", "privacy", "review", "wechat", "verification", "more_help",
)  # fmt: skip
