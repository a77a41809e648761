"""The filters of the list as they stand in its address: read, shown as chips, and written again.

What cannot be read is left out and said beside the list, so that an old bookmark still leads somewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from urllib.parse import parse_qsl, urlencode

from qaplatform.services.browsing import (
    BadFilterError,
    ConversationFilter,
    FilterChoices,
    Order,
    format_filter,
    parse_cursor,
    parse_filter,
    parse_order,
)
from qaplatform.web import sentences
from qaplatform.web.conversations.vocabulary import Vocabulary, channel, chat_language, queue
from qaplatform.web.formatting import percent
from qaplatform.web.i18n import LazyText, _, lazy

Pairs = Sequence[tuple[str, str]]
LABELS: Mapping[str, LazyText] = {
    "q": lazy("搜索"),
    "from": lazy("开始日期"),
    "to": lazy("结束日期"),
    "shop": lazy("店铺"),
    "team": lazy("团队"),
    "agent": lazy("客服"),
    "first_agent": lazy("首位客服"),
    "verdict": lazy("结论"),
    "failed": lazy("未通过项"),
    "topic": lazy("问题分类"),
    "queue": lazy("队列"),
    "channel": lazy("渠道"),
    "language": lazy("语言"),
    "score_from": lazy("得分 ≥"),
    "score_to": lazy("得分 ≤"),
    "priority_from": lazy("优先级 ≥"),
    "csat_from": lazy("满意度 ≥"),
    "csat_to": lazy("满意度 ≤"),
    "order": lazy("订单号"),
    "tag": lazy("标签"),
    "import": lazy("导入"),
    "customer": lazy("客户"),
    "case": lazy("工单"),
    "open_work": lazy("复核"),
    "reviewed": lazy("人工复核"),
    "weekday": lazy("开始于（星期）"),
    "hour": lazy("开始于（时段）"),
    "wait_weekday": lazy("客户开始等待（星期）"),
    "wait_hour": lazy("客户开始等待（时段）"),
    "sort": lazy("排序"),
    "after": lazy("页码"),
    "before": lazy("页码"),
}
"""What filters are called, by their names in the address."""
FURTHER = frozenset(
    ("team", "queue", "channel", "language", "score_from", "score_to", "priority_from", "csat_from", "csat_to", "order",
     "tag", "import", "customer", "case", "open_work", "reviewed", "first_agent",
     "weekday", "hour", "wait_weekday", "wait_hour")
)  # fmt: skip
"""Filters that stand in the folded part of the form."""
OPEN_WORK: Mapping[str, LazyText] = {"yes": lazy("待复核"), "no": lazy("无待复核")}
REVIEWED: Mapping[str, LazyText] = {"yes": lazy("已复核"), "no": lazy("未复核")}
WEEKDAYS: Mapping[str, LazyText] = {
    "1": lazy("周一"), "2": lazy("周二"), "3": lazy("周三"), "4": lazy("周四"), "5": lazy("周五"), "6": lazy("周六"),
    "7": lazy("周日"),
}  # fmt: skip
HOURS: Mapping[str, str] = {str(hour): f"{hour:02d}:00–{hour + 1:02d}:00" for hour in range(24)}
COMPLAINTS: Mapping[str, LazyText] = {
    "number": lazy("应为数字"),
    "day": lazy("应为日期，如 2026-11-11"),
    "range": lazy("范围是空的"),
    "choice": lazy("没有这个选项"),
    "long": lazy("太长了"),
    "many": lazy("太多了"),
    "letters": lazy("含有无法识别的字符"),
    "place": lazy("没有这一页"),
}
_MOST_FAULTS = 8


@dataclass(frozen=True, slots=True)
class Given:
    """What an address asks for."""

    wanted: ConversationFilter
    order: Order
    after: str | None
    before: str | None
    pairs: tuple[tuple[str, str], ...]
    """The filters as they are written in an address: the same filters always in the same way."""
    faults: tuple[tuple[str, str], ...]
    """Parameters that were left out, and what is wrong with them."""

    @classmethod
    def read(cls, query: str, zone: tzinfo) -> Given:
        """What a query string asks for; days are those of ``zone``."""
        faults: dict[str, str] = {}
        pairs = parse_qsl(query, errors="replace", max_num_fields=None)
        while True:
            try:
                wanted = parse_filter(urlencode(pairs), zone)
                break
            except BadFilterError as error:
                faults[error.field] = error.complaint
                kept = [one for one in pairs if one[0] != error.field]
                # Where leaving that one out leaves nothing out (there are too many of all), none is kept, or this had no end.
                pairs = kept if len(kept) < len(pairs) and len(faults) < _MOST_FAULTS else []
        arguments = dict(pairs)
        order: Order = "newest"
        after, before = arguments.get("after"), arguments.get("before")
        try:
            order = parse_order(arguments.get("sort"))
            parse_cursor(after, order)
            parse_cursor(before, order, field="before")
        except BadFilterError as error:
            faults[error.field] = error.complaint
            after = before = None
        written = tuple(parse_qsl(format_filter(wanted, zone)))
        return cls(wanted, order, after or None, before or None, written, tuple(faults.items()))

    def of(self, name: str) -> str:
        """The value of a filter; its first, if there are several; empty without one."""
        return next((value for key, value in self.pairs if key == name), "")

    def all_of(self, name: str) -> list[str]:
        """The values of a filter."""
        return [value for key, value in self.pairs if key == name]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is filtered."""
        return not self.pairs

    @property
    def is_further(self) -> bool:
        """Whether a filter is on that stands in the folded part of the form."""
        return any(name in FURTHER for name, _value in self.pairs)

    def arguments(self, *, but: tuple[str, str] | None = None) -> list[tuple[str, str]]:
        """The arguments of an address with these filters, without one of them."""
        kept = [one for one in self.pairs if one != but]
        return [*kept, ("sort", self.order)] if self.order != "newest" else kept

    @property
    def query_string(self) -> str:
        """Filters and order as a query string, as searches are kept."""
        return urlencode(self.arguments())

    @property
    def place(self) -> str:
        """The same with the page: what leads back here from one of its conversations."""
        page = (("after", self.after), ("before", self.before))
        return urlencode([*self.arguments(), *((name, value) for name, value in page if value)])


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on: its name, its value in words, and the address without it."""

    label: str
    value: str
    url: str


def chips_of(given: Given, shown: Callable[[str, str], str], url: Callable[[Pairs], str]) -> Iterator[Chip]:
    """The filters that are on, one chip a value."""
    for name, value in given.pairs:
        yield Chip(str(LABELS[name]), shown(name, value), url(given.arguments(but=(name, value))))


def faults_of(given: Given) -> list[str]:
    """What is wrong with the address, in sentences."""
    return [
        _("“%(field)s”%(complaint)s，已忽略。", field=LABELS.get(field, field), complaint=COMPLAINTS[complaint])
        for field, complaint in given.faults
    ]


class Shown:
    """How the values of filters are said."""

    def __init__(self, there: FilterChoices, vocabulary: Vocabulary) -> None:
        self._names: Mapping[str, Mapping[str, object]] = {
            "shop": {str(one.id): one.name for one in there.shops},
            "team": {str(one.id): one.name for one in there.teams},
            "agent": {str(one.id): one.name for one in there.agents},
            "first_agent": {str(one.id): one.name for one in there.agents},
            "verdict": sentences.VERDICTS,
            "open_work": OPEN_WORK,
            "reviewed": REVIEWED,
            "weekday": WEEKDAYS,
            "wait_weekday": WEEKDAYS,
            "hour": HOURS,
            "wait_hour": HOURS,
        }
        self._said: Mapping[str, Callable[[str], str]] = {
            "failed": vocabulary.criterion,
            "topic": vocabulary.topic,
            "queue": queue,
            "channel": channel,
            "language": chat_language,
            "import": "#{}".format,
            "customer": lambda _id: _("所选"),
            "case": lambda _id: _("所选"),
            "priority_from": lambda value: percent(float(value)),
        }

    def __call__(self, name: str, value: str) -> str:
        """The value of a filter in words."""
        known = self._names.get(name, {}).get(value)
        if known is not None:
            return str(known)
        return self._said[name](value) if name in self._said else value
