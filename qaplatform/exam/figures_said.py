"""Figures and days that a text names, so that two texts can be compared by them: 三天 and 3 天 are the same."""

from __future__ import annotations

import re
from collections.abc import Mapping

_UNITS: Mapping[str, str] = {
    "天": "天", "日": "日", "号": "日", "月": "月", "年": "年", "岁": "岁", "个": "个", "小时": "小时", "钟头": "小时", "分钟": "分钟",
    "点": "点", "块": "元", "元": "元", "毛": "角", "件": "件", "台": "台", "次": "次", "遍": "次", "单": "单", "折": "折", "倍": "倍",
    "成": "成", "斤": "斤", "盒": "盒", "罐": "罐", "箱": "箱", "双": "双", "瓶": "瓶", "套": "套", "包": "包", "周": "周",
    "星期": "周", "礼拜": "周", "家": "家", "位": "位", "人": "位",
}  # fmt: skip
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_HAN = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_FIGURE = re.compile(rf"(?<![\d.])(\d+(?:[.:,]\d+)*)(?:\s*个?({_UNIT}))?")
_HAN_FIGURE = re.compile(rf"(?<![第零〇一二两三四五六七八九十百千万])([零〇一二两三四五六七八九十百千万]+)个?({_UNIT})")
_ENGLISH = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18,
    "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "hundred": 100, "thousand": 1000, "dozen": 12,
    "twice": 2,
}  # fmt: skip
_DAY = re.compile(
    "大后天|大前天|今[天早晚]|明[天早晚]|后天|昨[天晚]|前天|(?:周|星期|礼拜)[一二三四五六日天末]|[上下]个?(?:周|星期|礼拜|月)|月底|月初|年底"
    "|国庆|春节|过年|元旦|双十一|双11|618"
)
_ENGLISH_DAY = re.compile(
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|today|tonight|tomorrow|yesterday|weekend|(?:last|next) (?:week|month|year)"
    r"|january|february|march|april|june|july|august|september|october|november|december|christmas|easter)\b"
)
_SMALL = 10_000


def numbers_said(text: str, language: str) -> frozenset[tuple[str, str]]:
    """(figure, unit) of every figure; the text is normalised and folded. 一 alone counts for nothing: 一下, 一点, 一直."""
    found = set()
    for figure, unit in _FIGURE.findall(text):
        value = figure.replace(",", "")
        found.add((value, _UNITS.get(unit, "") if len(value) <= len(str(_SMALL)) else ""))
    if language == "zh":
        for figure, unit in _HAN_FIGURE.findall(text):
            if figure != "一":
                found.add((_value(figure), _UNITS[unit]))
    else:
        words = re.findall("[a-z]+", text)
        found |= {(str(_ENGLISH[word]), "") for word in words if word in _ENGLISH}
    return frozenset(found)


def days_said(text: str, language: str) -> frozenset[str]:
    """Every day, week or feast that is named."""
    if language != "zh":
        return frozenset(_ENGLISH_DAY.findall(text))
    days = (re.sub("星期|礼拜", "周", one).replace("周天", "周日").replace("个", "") for one in _DAY.findall(text))
    return frozenset(days)


def _value(figure: str) -> str:
    """二十三 → 23; what is no plain number stays as it is written."""
    total, digit = 0, 0
    for sign in figure:
        if sign in _HAN:
            if digit:
                return figure
            digit = _HAN[sign]
        elif sign == "万":
            return figure
        else:
            total += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[sign]
            digit = 0
    return str(total + digit)
