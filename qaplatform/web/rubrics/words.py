"""The words of the rubric desk: what differs between two versions, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qaplatform.audit.rubric import Rubric
from qaplatform.services.rubric_diffs import Change, FileDiff, changes_between, file_diffs
from qaplatform.services.rubric_notices import RubricNotice
from qaplatform.services.rubrics import RubricInForce
from qaplatform.web.i18n import LazyText, _, language, lazy

FIELDS: Mapping[str, LazyText] = {
    "title": lazy("名称"),
    "version": lazy("版本名"),
    "applies": lazy("适用范围"),
    "pass_mark": lazy("合格线"),
    "scored_share_floor": lazy("最低评分比例"),
    "forbids_llm": lazy("不得发送给语言模型"),
    "order": lazy("先后顺序"),
    "kind": lazy("评判方式"),
    "check": lazy("检查项"),
    "weight": lazy("分值"),
    "deduction": lazy("每次扣分"),
    "max_deduction": lazy("最多扣分"),
    "severity": lazy("严重程度"),
    "critical": lazy("一票否决"),
    "hint": lazy("提示，不计分"),
    "policy": lazy("规定"),
    "better": lazy("更好的说法"),
    "options": lazy("选项"),
    "question": lazy("提问"),
    "who": lazy("谁说的"),
    "phrases": lazy("词语"),
    "patterns": lazy("句式"),
    "unless": lazy("例外"),
    "homophones": lazy("谐音也算"),
    "asked": lazy("只在需要处查找"),
    "quoting_exempt": lazy("引用不算"),
}
FIELDS_OF_FORMS: Mapping[str, LazyText] = {
    "title": lazy("名称"),
    "channel": lazy("渠道"),
    "queue": lazy("队列"),
    "topic": lazy("问题分类"),
    "tags": lazy("标签"),
    "tier": lazy("客户等级"),
    "language": lazy("语言"),
    "min_order_value": lazy("订单金额不低于"),
    "from": lazy("从哪天起"),
    "until": lazy("到哪天止（不含当天）"),
    "hits": lazy("应该命中的句子"),
    "misses": lazy("不应命中的句子"),
    "points": lazy("分值"),
    "prompt": lazy("问什么"),
    "good": lazy("哪个回答算好"),
    "evidence": lazy("引用原话"),
}
NOTES_OF_FIELDS: Mapping[str, LazyText] = {
    "hint": lazy("照样标出来给人看，但不得分、不扣分，也不一票否决。"),
    "forbids_llm": lazy("按此标准质检的会话一律不发送给语言模型，即使已打码；其中的判断题只由人回答。"),
}
"""What a field means, where its name does not say it."""
_TONGUES: Mapping[str, LazyText] = {"zh": lazy("中文"), "en": lazy("英文")}
_UNITS: Mapping[str, LazyText] = {
    "_seconds": lazy("秒"),
    "_minutes": lazy("分钟"),
    "_hours": lazy("小时"),
    "_days": lazy("天"),
    "_chars": lazy("字"),
    "_messages": lazy("条消息"),
    "_ratio": lazy("0 到 1"),
}
GROUPS_OF_FIELDS: Mapping[str, LazyText] = {
    "wording": lazy("扣分点的文字"),
    "params": lazy("参数"),
    "when": lazy("适用条件"),
    "effective": lazy("有效日期"),
    "options": lazy("选项"),
    "applies": lazy("适用范围"),
    "question": lazy("提问"),
}
_BEGINNINGS: Mapping[str, LazyText] = {
    "params": lazy("参数"),
    "wording": lazy("扣分点的文字"),
    "when": lazy("适用条件"),
    "effective": lazy("有效日期"),
}
VALUES: Mapping[str, LazyText] = {
    "minor": lazy("轻微"),
    "major": lazy("一般"),
    "severe": lazy("严重"),
    "True": lazy("是"),
    "False": lazy("否"),
    "agent": lazy("客服"),
    "customer": lazy("客户"),
    "any": lazy("双方"),
    "yes": lazy("是"),
    "no": lazy("否"),
    "required": lazy("必须"),
    "optional": lazy("有就引用"),
    "none": lazy("不用"),
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions beside each other."""

    changes: Sequence[Change]
    files: Sequence[FileDiff]
    titles: Mapping[tuple[str, str], str]
    is_readable: bool = True
    """Whether both could be read as rubrics."""

    @property
    def is_empty(self) -> bool:
        """Whether they are the same to the letter."""
        return not self.changes and not self.files


def comparison(old: RubricInForce, new: Rubric | None, files: Mapping[str, str]) -> Comparison:
    """A version and another; ``None`` where that has mistakes, and only its lines can be compared."""
    changes = [] if new is None else changes_between(old.rubric, new)
    titles: dict[tuple[str, str], str] = {}
    for one in (old.rubric, new or old.rubric):
        titles |= {("criterion", it.id): it.title.in_language(language()) for it in one.criteria}
        titles |= {("group", it.id): it.title.in_language(language()) for it in one.phrases.values() if it.title}
    return Comparison(changes, file_diffs(old.files, files), titles, new is not None)


def name_in(notice: RubricNotice, change: Change) -> str:
    """What a change is about, by its title."""
    for one in (notice.new, notice.old):
        found = next((it.title for it in one.criteria if it.id == change.id), None)
        if change.subject == "group":
            found = one.phrases[change.id].title if change.id in one.phrases else None
        if found:
            return found.in_language(language())
    return change.id


def field_name(field: str) -> str:
    """A field of a criterion or a word list."""
    begin, point, rest = field.partition(".")
    if point and begin in _BEGINNINGS:
        return f"{_BEGINNINGS[begin]} · {rest}"
    return str(FIELDS.get(field, field))


def value_name(value: str | None) -> str:
    """A value of a field."""
    return "—" if value is None else str(VALUES.get(value, value))


def label_of(path: Sequence[str | int]) -> str:
    """A field of a form, by its place."""
    first, last = str(path[0]), str(path[-1])
    if first == "wording":
        return f"{last}（{_TONGUES[str(path[1])]}）"
    if first == "params":
        unit = next((one for ending, one in _UNITS.items() if last.endswith(ending)), None)
        return f"{last}（{unit}）" if unit else last
    name = str(path[-2]) if last in _TONGUES else last
    text = str(FIELDS_OF_FORMS.get(name) or FIELDS.get(name) or name)
    if first == "options":
        text = f"{_('选项')} {int(path[1]) + 1} · {text}"
    return f"{text}（{_TONGUES[last]}）" if last in _TONGUES else text


def note_of(path: Sequence[str | int]) -> str:
    """What a field of a form means; empty where its label says it."""
    return str(NOTES_OF_FIELDS[str(path[0])]) if len(path) == 1 and path[0] in NOTES_OF_FIELDS else ""


def group_of(path: Sequence[str | int]) -> str:
    """Under which heading a field stands; empty for those at the top."""
    first = str(path[0])
    return str(GROUPS_OF_FIELDS[first]) if first in GROUPS_OF_FIELDS else ""
