"""An example of a criterion: a transcript in the notation and what must come of it.

Beside ``outcome``, ``code`` and ``chat`` it may say what a gate or a deadline needs: ``conversation``
(channel, queue, language, shop, tags, tier, order_value, order_id, case_id, csat, return_addresses), ``day`` of the
first message and ``as_of``, the moment of judging.
"""

from __future__ import annotations

from datetime import date
from typing import Any, cast
from zoneinfo import ZoneInfo

from qaplatform.audit.conversation import Conversation, Customer, Message
from qaplatform.audit.finding import Outcome
from qaplatform.audit.notation import NotationError, parse_messages
from qaplatform.audit.rubric import Example
from qaplatform.audit.saying import say
from qaplatform.audit.yaml_source import Node, Scalar, did_you_mean
from qaplatform.audit.yaml_values import Values

_OUTCOMES = ("pass", "fail", "not_applicable", "unscored")
_TEXTS = ("channel", "queue", "language", "shop", "order_id", "case_id")
_CONVERSATION = (*_TEXTS, "tags", "tier", "order_value", "csat", "return_addresses")
_ZONE = ZoneInfo("Asia/Shanghai")
_DAY = date(2026, 9, 1)


def read_example(values: Values, node: Node, codes: tuple[str, ...]) -> Example | None:
    """One item of ``examples``; ``codes`` are those the check can emit (unknown where empty)."""
    fields = values.fields(
        node, say("an example"), ("outcome", "code", "chat", "conversation", "day", "as_of"), ("outcome", "chat")
    )
    if fields is None:
        return None
    outcome = cast("Outcome", values.choice(fields.get("outcome"), "outcome", _OUTCOMES, "pass"))
    code_node = fields.get("code")
    code = values.text(code_node, "code") or None
    if code_node is not None and outcome != "fail":
        values.report.error(code_node, say("only an example that fails has a code"))
    elif code_node is not None and code and codes and code not in codes:
        values.report.error(
            code_node, say("the check has no code {code!r}{near}", code=code, near=did_you_mean(code, codes))
        )
    as_of = values.moment(fields.get("as_of"), "as_of")
    messages = _messages(values, fields.place("chat"), values.day(fields.get("day"), "day") or _DAY)
    return Example(
        outcome=outcome,
        conversation=Conversation(id="example", messages=messages, **_about(values, fields.get("conversation"))),
        code=code,
        as_of=as_of if as_of is None or as_of.tzinfo else as_of.replace(tzinfo=_ZONE),
        mark=node.mark,
    )


def _messages(values: Values, node: Node, day: date) -> tuple[Message, ...]:
    text = values.text(node, "chat")
    if not text or not isinstance(node, Scalar):
        return ()
    try:
        messages = parse_messages(node.value, day=day)
    except NotationError as error:
        values.report.error(node.at_line(error.line), error.wrong)
        return ()
    except (ValueError, OverflowError) as error:
        values.report.error(node, say("the transcript cannot be read: {reason}", reason=str(error)))
        return ()
    if not messages:
        values.report.error(node, say("the transcript has no message"))
    return messages


def _about(values: Values, node: Node | None) -> dict[str, Any]:
    """What is known of the conversation beside its messages, as arguments of :class:`Conversation`."""
    fields = values.fields(node, "conversation", _CONVERSATION) if node is not None else None
    if fields is None:
        return {}
    about: dict[str, Any] = {
        name: values.text(fields.get(name), name) for name in _TEXTS if fields.get(name) is not None
    }
    if fields.get("tags") is not None:
        about["tags"] = values.texts(fields.get("tags"), "tags")
    if fields.get("csat") is not None:
        about["csat"] = values.number(fields.get("csat"), "csat", least=0)
    if fields.get("return_addresses") is not None:
        about["meta"] = {"return_addresses": list(values.texts(fields.get("return_addresses"), "return_addresses"))}
    if fields.get("tier") is not None or fields.get("order_value") is not None:
        value = fields.get("order_value")
        about["customer"] = Customer(
            tier=values.text(fields.get("tier"), "tier") or None,
            order_value=values.number(value, "order_value", least=0) if value is not None else None,
        )
    return about
