"""What a language model said, and why it said nothing, in plain words."""

from __future__ import annotations

from collections.abc import Mapping

from qaplatform.web.i18n import LazyText, _, lazy

VERDICTS: Mapping[str, LazyText] = {
    "yes": lazy("是"),
    "no": lazy("否"),
    "not_applicable": lazy("不适用"),
    "unsure": lazy("不确定"),
}
CALLS: Mapping[str, LazyText] = {
    "deadline": lazy("模型没有在时限内答完。"),
    "too_large": lazy("模型的回复长得不正常，已中断。"),
    "refused_connection": lazy("连不上模型的地址：服务没有启动，或地址、端口有误。"),
    "network": lazy("与模型的连接出错：找不到该地址，或连接中断。"),
    "resting": lazy("模型连续出错，暂停片刻后再问。"),
    "http_429": lazy("模型服务限流：请求太多，或额度已用完。"),
    "http_5xx": lazy("模型服务自身出错。"),
    "http_4xx": lazy("模型服务拒绝了请求：请检查密钥、余额、模型名称和附加参数。"),
    "redirect": lazy("模型的地址转到了别处，请改填最终地址。"),
    "wrong_content_type": lazy("回复的不是模型接口，而像是普通网页，请检查地址。"),
    "not_json": lazy("回复无法读取，不是约定的格式。"),
    "wrong_types": lazy("回复缺少约定的内容，这个地址可能不是兼容的接口。"),
    "empty": lazy("模型没有写出任何内容。"),
    "truncated": lazy("模型的回答太长，没有写完。"),
    "refusal": lazy("模型拒绝回答。"),
    "tool_call": lazy("模型没有回答，而是要调用工具。"),
    "duplicate_choices": lazy("模型一次给出了几个不同的回答，无法取用。"),
}
"""By the reasons of ``llm/faults.py``."""
BUDGETS: Mapping[str, LazyText] = {
    "day_tokens": lazy("已达到今天的 token 上限。"),
    "day_money": lazy("已达到今天的费用上限。"),
    "run_tokens": lazy("已达到本次任务的 token 上限。"),
    "run_money": lazy("已达到本次任务的费用上限。"),
    "conversation_tokens": lazy("已达到单通会话的 token 上限。"),
    "price_unknown": lazy("设有费用上限，但没有填写模型的价格，无法控制费用。"),
    "other_currency": lazy("费用上限与模型价格的币种不同，无法控制费用。"),
}
"""By the caps of ``llm/budget.py``."""
PROBLEMS: Mapping[str, LazyText] = {
    "bad_reply": lazy("模型两次都没有按要求作答。"),
    "no_words": lazy("会话中没有可供判断的文字。"),
    "not_asked": lazy("没有问模型。"),
    "forbidden": lazy("店铺或质检标准不允许发送给语言模型。"),
    "purged": lazy("原文已清除。"),
    "no_audit": lazy("还没有质检结果。"),
    "no_questions": lazy("适用的质检标准没有要问模型的问题。"),
}
CURRENCIES: Mapping[str, LazyText] = {"CNY": lazy("人民币"), "USD": lazy("美元")}
_STATUSES: Mapping[int, LazyText] = {
    401: lazy("密钥不对或已失效，请重新填写。"),
    402: lazy("账户余额不足，请先充值。"),
    403: lazy("密钥没有使用这个模型的权限。"),
    404: lazy("没有这个模型，或地址有误：请检查模型名称和地址。"),
}


def verdict_words(verdict: str | None) -> str:
    """A model's verdict; none: no answer."""
    return _("没有回答") if verdict is None else str(VERDICTS.get(verdict) or verdict)


def problem_words(problem: str) -> str:
    """Why there is no answer, or why a conversation was left out; a code without words stands for itself."""
    kind, _colon, rest = problem.partition(":")
    known = {"call": CALLS, "budget": BUDGETS}.get(kind)
    return str((PROBLEMS.get(problem) if known is None else known.get(rest)) or problem)


def call_words(reason: str, status: int | None = None) -> str:
    """Why a call failed, with what its HTTP status says where it is known."""
    special = _STATUSES.get(status or 0) if reason == "http_4xx" else None
    return str(special or CALLS.get(reason) or reason)
