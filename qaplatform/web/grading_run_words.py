"""Runs of the grader in words: how they stand, what they were about, why they ended and why chats were left out."""

from __future__ import annotations

from collections.abc import Mapping

from qaplatform.web.grader_words import problem_words
from qaplatform.web.i18n import LazyText, lazy
from qaplatform.web.sentences import SENTENCES, sentence

STATES: Mapping[str, tuple[LazyText, str, str]] = {
    "waiting": (lazy("等待中"), "waiting", "clock"),
    "running": (lazy("进行中"), "running", "loader-2"),
    "done": (lazy("已完成"), "done", "check"),
    "stopped": (lazy("中途停下"), "failed", "alert-triangle"),
    "cancelled": (lazy("已手动停止"), "cancelled", "ban"),
}
"""A state's word, and the colour and icon of its pill."""
KINDS: Mapping[str, LazyText] = {
    "one": lazy("单通会话"),
    "list": lazy("会话列表"),
    "plan": lazy("抽检计划"),
}
LEFT_OUT: Mapping[str, LazyText] = {
    "forbidden": lazy("店铺或质检标准不允许发送给语言模型"),
    "purged": lazy("原文已清除"),
    "no_audit": lazy("还没有质检结果"),
    "no_questions": lazy("没有适用的判断题"),
}
"""Why a conversation is not asked about."""
_FAULTS: Mapping[str, LazyText] = {"bad_reply": lazy("模型没有按要求作答，已请它改正一次")}
"""Of calls, where the words of an answer that is missing would say too much."""
_ENDED: Mapping[str, LazyText] = {
    "nobody_answers": lazy("模型一直没有应答，已不再重试；恢复后可以接着问。"),
    "grader.endpoint": lazy("模型接口的设置有误，请改正后接着问。"),
}
_ITEMS: Mapping[str, LazyText] = {"waiting": lazy("等待中"), "done": lazy("已问"), "skipped": lazy("已跳过")}


def left_out(problem: str | None) -> str:
    """Why a conversation is not asked about, as a piece of a list."""
    known = LEFT_OUT.get(problem or "")
    return fault(problem or "") if known is None else str(known)


def fault(code: str) -> str:
    """What went wrong with calls, as a piece of a list: without the full stop of its sentence."""
    return str(_FAULTS[code]) if code in _FAULTS else problem_words(code).rstrip("。.")


def ended_why(code: str | None) -> str:
    """Why a run ended before all was asked; empty where nothing is known of it."""
    if not code:
        return ""
    if code in _ENDED:
        return str(_ENDED[code])
    return sentence(code) if code in SENTENCES else problem_words(code)


def item_state(state: str) -> str:
    """How a conversation of a run stands."""
    return str(_ITEMS.get(state, state))
