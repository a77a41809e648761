"""A rubric in words, for people (``rubric show``)."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from qaplatform.audit.phrases import Words
from qaplatform.audit.rubric import Criterion, Gate, Rubric

_WORDS: dict[str, Words] = {
    "version": Words("版本", "version"),
    "applies": Words("适用范围", "applies to"),
    "anything": Words("全部会话", "every conversation"),
    "pass_mark": Words("及格线", "pass mark"),
    "scored_share": Words("已评分占比下限", "scored share at least"),
    "forbids_llm": Words("会话不得发送给语言模型", "conversations are never sent to a language model"),
    "groups": Words("词组", "phrase groups"),
    "points": Words("分", "points"),
    "each": Words("每处扣{points:g}分", "−{points:g} points each"),
    "at_most": Words(",最多扣{points:g}分", ", at most {points:g}"),
    "critical": Words("一票否决", "critical"),
    "hint": Words("提示，不计分", "a hint, no points"),
    "unweighted": Words("不计分", "no points"),
    "minor": Words("轻微", "minor"),
    "major": Words("一般", "major"),
    "severe": Words("严重", "severe"),
    "check": Words("自动检查", "check"),
    "question": Words("模型提问", "question"),
    "manual": Words("人工评定", "manual"),
    "when": Words("适用条件", "only when"),
    "since": Words("生效", "from"),
    "until": Words("止于(不含)", "until (excluded)"),
    "params": Words("参数", "parameters"),
    "policy": Words("规定", "policy"),
    "better": Words("建议话术", "better"),
    "options": Words("选项", "options"),
    "wording": Words("扣分说明", "wording"),
    "examples": Words("示例", "examples"),
}


def describe_rubric(rubric: Rubric, language: str = "zh") -> str:
    """Sections, criteria, points, gates, parameters, policy and better wording as plain text with line breaks."""
    return "\n".join(_Writer(language).rubric(rubric)) + "\n"


class _Writer:
    def __init__(self, language: str) -> None:
        self._language = language

    def _said(self, key: str) -> str:
        return _WORDS[key].in_language(self._language)

    def rubric(self, rubric: Rubric) -> Iterator[str]:
        title = rubric.title.in_language(self._language)
        yield f"{title} ({rubric.name}, {self._said('version')} {rubric.version})"
        applies = self._conditions(rubric.applies) or self._said("anything")
        yield f"{self._said('applies')}: {applies}"
        yield f"{self._said('pass_mark')}: {rubric.pass_mark:g}"
        yield f"{self._said('scored_share')}: {rubric.scored_share_floor:.0%}"
        if rubric.forbids_llm:
            yield self._said("forbids_llm")
        yield f"{self._said('groups')}: {len(rubric.phrases)}"
        for section in rubric.sections:
            yield ""
            weight = sum(criterion.weight for criterion in section.criteria)
            yield f"## {section.title.in_language(self._language)} ({weight:g} {self._said('points')})"
            for criterion in section.criteria:
                yield ""
                yield from self._criterion(criterion)

    def _conditions(self, conditions: msgspec.Struct) -> str:
        parts = []
        for name in conditions.__struct_fields__:
            value = getattr(conditions, name)
            if isinstance(value, tuple) and value:
                parts.append(f"{name} = {' | '.join(value)}")
            elif value is not None and not isinstance(value, tuple):
                parts.append(f"{name.removeprefix('min_')} ≥ {value:g}")
        return "; ".join(parts)

    def _points(self, criterion: Criterion) -> str:
        if criterion.weight:
            text = f"{criterion.weight:g} {self._said('points')}"
        elif criterion.deduction:
            text = self._said("each").format(points=criterion.deduction)
            if criterion.max_deduction is not None:
                text += self._said("at_most").format(points=criterion.max_deduction)
        else:
            text = self._said("unweighted")
        return text

    def _criterion(self, criterion: Criterion) -> Iterator[str]:
        tags = [self._points(criterion), self._said(criterion.severity), self._said(criterion.kind)]
        if criterion.hint:
            tags.append(self._said("hint"))
        if criterion.critical:
            tags.append(self._said("critical"))
        yield f"{criterion.id} · {criterion.title.in_language(self._language)} [{' · '.join(tags)}]"
        if criterion.when != Gate():
            yield f"  {self._said('when')}: {self._conditions(criterion.when)}"
        for name in ("since", "until"):
            day = getattr(criterion.effective, name)
            if day is not None:
                yield f"  {self._said(name)}: {day.isoformat()}"
        for name in ("policy", "better"):
            words = getattr(criterion, name)
            if words is not None:
                text = words.in_language(self._language).replace("\n", "\n    ")
                yield f"  {self._said(name)}: {text}"
        yield from self._details(criterion)

    def _details(self, criterion: Criterion) -> Iterator[str]:
        """Parameters, options and wording as indented lists."""
        params = criterion.params
        lists = {
            "params": [f"{name}: {_shown(getattr(params, name))}" for name in params.__struct_fields__]
            if params is not None
            else [],
            "options": [
                f"{option.id}: {option.title.in_language(self._language)} ({option.points:g})"
                for option in criterion.options
            ],
            "wording": [f"{code}: {said.in_language(self._language)}" for code, said in criterion.wording.items()],
        }
        for name, lines in lists.items():
            if lines:
                yield f"  {self._said(name)}:"
                yield from (f"    {line}" for line in lines)
        if criterion.examples:
            yield f"  {self._said('examples')}: {len(criterion.examples)}"


def _shown(value: object) -> str:
    """A parameter on one line."""
    if isinstance(value, str):
        return value
    if isinstance(value, tuple | list | frozenset):
        return ", ".join(map(_shown, value)) or "–"
    if isinstance(value, float):
        return f"{value:g}"
    return msgspec.json.encode(value).decode() if not isinstance(value, bool) else str(value).lower()
