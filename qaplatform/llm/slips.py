"""Which differences between a quote and what was written are slips, and which change what was said.

A language model that quotes writes 你 for 您, drops a particle or mends a typing error; such quotes are found all the
same. A quote in which a figure, a negation or a word is another is none, however near it looks. One wrong character is
a changed word where it makes another word of the language (明天 → 后天, 桌子 → 椅子), which a table of words knows.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources

import numpy as np

NEGATIONS = frozenset("不没未别无非勿莫甭休否")
_NUMERALS = frozenset("零〇一二三四五六七八九十百千万亿两俩半几双")
_ASKING = frozenset("吗嘛么")
_IDLE_ONE = frozenset("下些点样直起般定会")
"""What makes an 一 before it no number: 一下, 一些, 一样."""
_NARROWING = frozenset("免全只仅半最必绝")
_SAME_KIND = tuple(
    frozenset(kind)
    for kind in (
        "今明昨后前次当", "早晚迟中上下午夜", "年月周日天时分秒号", "退换补赔发收付寄返还送取修查改", "买卖", "开关启停",
        "可能会应该须肯必难定想愿", "红黄蓝绿黑白灰紫粉橙棕", "大小中多少", "长短高低", "新旧", "快慢", "好坏差", "轻重",
        "冷热", "左右", "有无没", "对错", "真假", "元块角毛分", "包免付", "男女", "进出入", "已曾正将", "里外内", "先后再",
        "东西南北", "成败", "加减", "增少", "是否", "服户厂", "这那哪", "家们", "我咱你您他她它", "满减升降涨跌", "来去", "同异",
    )
)  # fmt: skip
"""Characters of one kind say another thing where one stands for the other."""
_INTERCHANGED = (
    frozenset("你您"),
    frozenset("的地得"),
    frozenset("呢啊呀哦噢哈啦哟喔嗯呐咯哒吧嘞"),
    frozenset("做作"),
    frozenset("他她它"),
)
_FIRST, _COUNT = 0x4E00, 0x5200


@lru_cache(maxsize=1)
def _words() -> frozenset[int]:
    """Chinese words of two characters (made by ``scripts/build_word_table.py``), and those of shops."""
    tables = resources.files("qaplatform.llm").joinpath("tables")
    with tables.joinpath("words.npz").open("rb") as file, np.load(file) as data:
        known = np.cumsum(data["steps"].astype(np.int64)).tolist()
    shop = tables.joinpath("shop_words.txt").read_text(encoding="utf-8").split()
    return frozenset([*known, *((ord(word[0]) - _FIRST) * _COUNT + ord(word[1]) - _FIRST for word in shop)])


@lru_cache(maxsize=1)
def _short_words() -> frozenset[str]:
    """Common short English words, near which a word of one letter more, less or other lies."""
    text = resources.files("qaplatform.llm").joinpath("tables", "short_words.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


def _code(char: str) -> int | None:
    place = ord(char) - _FIRST
    return place if 0 <= place < _COUNT else None


def is_word(first: str, second: str) -> bool:
    """Whether two Chinese characters are a word that is not rare."""
    one, two = (_code(first) if first else None), (_code(second) if second else None)
    return one is not None and two is not None and one * _COUNT + two in _words()


def _weighty(char: str, after: str) -> bool:
    """A digit, a numeral, a negation or what makes a question."""
    if char == "一" and after in _IDLE_ONE:
        return False
    return char.isdigit() or char in NEGATIONS or char in _NUMERALS or char in _ASKING


def swapped(written: str, quoted: str, *, before: str, after: str, was_before: str, was_after: str) -> bool:
    """Whether ``quoted`` in the place of ``written`` is a slip.

    Args:
        written: The character that was written.
        quoted: The one the quote has.
        before: The quote's character before it, '' at its beginning.
        after: The quote's character after it.
        was_before: The character before it as written.
        was_after: The character after it as written.
    """
    if _weighty(written, was_after) or _weighty(quoted, after):
        return False
    if any(written in pair and quoted in pair for pair in _INTERCHANGED):
        return True
    if any(written in kind and quoted in kind for kind in _SAME_KIND):
        return False
    changes_left = is_word(was_before, written) and is_word(before, quoted)
    changes_right = is_word(written, was_after) and is_word(quoted, after)
    return not (changes_left or changes_right)


def left_out(written: str, *, after: str) -> bool:
    """Whether a quote that lacks a character lacks nothing that matters."""
    return not _weighty(written, after) and written not in _NARROWING


def put_in(quoted: str, *, after: str) -> bool:
    """Whether a character a quote has too many changes nothing."""
    return not _weighty(quoted, after) and quoted not in _NARROWING


def same_latin_word(written: str, quoted: str) -> bool:
    """Whether one Latin word with another letter is a slip for the other and no other word.

    ``written`` and ``quoted`` differ by one letter; '' is a word that is not there.
    """
    if any(char.isdigit() for char in written + quoted):
        return False
    return not quoted or quoted == written or quoted not in _short_words()


_LATIN_NEGATION = re.compile(
    r"(?<![a-z])(?:not|no|never|none|nothing|nobody|neither|nor|without|unable|cannot|"
    r"(?:ca|do|does|did|is|are|was|were|wo|would|should|could|have|has|had|must|need)n'?t)(?![a-z])"
)
_AMOUNT = re.compile(r"([¥$£€]?)([0-9]+(?:\.[0-9]+)?%?)")
_BLANKS = re.compile(r"\s+")


def latin_negations(folded: str) -> list[str]:
    """The English negations of a folded text, in order."""
    return [one.replace("'", "") for one in _LATIN_NEGATION.findall(folded)]


def same_amounts(written: str, quoted: str) -> bool:
    """Whether two folded texts hold the same numbers in the same order; a currency's sign may lack, not be another."""
    ones, others = (_AMOUNT.findall(_BLANKS.sub("", text)) for text in (written, quoted))
    return len(ones) == len(others) and all(
        one[1] == other[1] and (one[0] == other[0] or not one[0] or not other[0])
        for one, other in zip(ones, others, strict=True)
    )


_TURNING = re.compile(
    r"(?:(?<![差特分区类个级性告])别|不|没有?|未|无法?|勿|甭|莫|并非|绝非)"
    r"(?:能够?|会|可以?|用|要|必|需要?|给|想|让|有|法|是|再|得|应该?|曾|准|肯|敢|支持|提供|予|了)*$"
)
_TURNED = re.compile(r"(?:不|没|未|无法)")
_LATIN_TURNING = re.compile(
    r"(?<![a-z])(?:not|no|never|without|unable|cannot|(?:ca|do|does|did|is|are|was|were|wo|would|should|could|have|has|had)n'?t)"
    r"(?: (?:be|been|to|going|able|yet|a|an|the|any))* *$"
)
_CLAUSE = re.compile(r"[,.!?;:~()\[\]\"\n]")


def turned_before(folded_before: str) -> bool:
    """Whether what stands before a quote, in the same clause, says the contrary of it (不能 before 给您退款)."""
    tail = _CLAUSE.split(folded_before)[-1]
    return bool(_LATIN_TURNING.search(tail) or (tail[-1:].strip() and _TURNING.search(tail)))


def turned_after(folded_after: str) -> bool:
    """Whether what follows a quote without a pause turns it round (不了 after 退)."""
    return bool(_TURNED.match(folded_after) or re.match(r" (?:not|never)(?![a-z])", folded_after))
