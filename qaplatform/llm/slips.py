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

from qaplatform.audit.normalise import sound_table

NEGATIONS = frozenset("不没未别无非勿莫甭休否")
_NUMERALS = frozenset("零〇一二三四五六七八九十百千万亿两俩半几双")
_ASKING = frozenset("吗嘛么")
_IDLE_ONE = frozenset("下些点样直起般定会")
"""What makes an 一 before it no number: 一下, 一些, 一样."""
_NARROWING = frozenset("免全只仅再都才超")
_SAME_KIND = tuple(
    frozenset(kind)
    for kind in (
        "今明昨后前次当", "早晚中上下午夜", "年月周日天时分秒号", "退换补赔发收付寄返还送取修查改", "买卖", "开关启停",
        "可能会应该须肯必难定想愿", "红黄蓝绿黑白灰紫粉橙棕", "大小中多少", "长短高低", "新旧", "快慢", "好坏差", "轻重",
        "冷热", "左右", "有无没", "对错", "真假", "元块角毛分", "包免付", "男女", "进出入", "已曾正将", "里外内", "先后再",
        "东西南北", "成败", "加减", "增少", "是否",
    )
)  # fmt: skip
"""Characters of one kind say another thing where one stands for the other."""
_INTERCHANGED = (frozenset("你您"), frozenset("的地得"), frozenset("呢啊呀哦噢哈啦哟喔嗯呐咯哒吧嘞"), frozenset("做作"), frozenset("他她它"))
_FIRST, _COUNT = 0x4E00, 0x5200
_SHORT_WORDS = frozenset(
    # Common English words near which a word of one letter more, less or other lies.
    "a i an am as at be by do go he hi if in is it me my no of oh ok on or so to up us we xl xs xxl l m s "
    "add age all and any are ask bad bag big bit box boy bug but buy can car cat cut day did die dry due end "
    "eye far fee few fit fix for fun get got had has hat her hey him his hit hot how its job key kid lay led "
    "let lot low mad man map may men met mix net new nor not now odd off old one our out own pay pet pre put "
    "ran red run sad saw say see set she six sit sky son sun ten the tip too top toy try two use via was way "
    "web wet who why win won yes yet you zip able also away back bank bear been best blue body book both bulk "
    "call came card care case cash cost code cold come copy cure damp dark data date days dead deal dear does "
    "done door down drop each earn east easy else even ever face fact fail fair fall fast feed feel fees feet "
    "fill find fine fire five flat free from full fund gave gift give glad goes gold gone good gray grey half "
    "hand hard have head hear heat heel held help here high hold home hope hour huge idea into item just keep "
    "kept kids kind knew know lace lack last late lead left less life like line link list live load lock long "
    "look lose loss lost lots love made mail main make many mean meet mind mine miss more most move much must "
    "name near need news next nice nine none note okay once only onto open over pack page paid part pass past "
    "pink plan play plus post rate read real rent rest ring rise risk road role room rose rule rush safe said "
    "sale same sand save seal seat seem seen self sell send sent ship shoe shop show sign site size skin slow "
    "sold sole some soon sort stay step stop such sure take talk tall team tell than that them then they thin "
    "this tile till time told tone took torn true turn type unit upon used user very wait walk wall want warm "
    "wash wear week well went were west what when wide wife will wish with word work worn year your zero "
    "black brown count eight first fifth fight fixed green house light might month mouse never night ninth "
    "other right sight small smell spend store story there these think third those three tight today where "
    "which white whole won't world worse worst would could should right refuse refund return".split()
)


@lru_cache(maxsize=1)
def _words() -> frozenset[int]:
    """Chinese words of two characters (made by ``scripts/build_word_table.py``)."""
    with resources.files("qaplatform.llm").joinpath("tables", "words.npz").open("rb") as file, np.load(file) as data:
        return frozenset(np.cumsum(data["steps"].astype(np.int64)).tolist())


def _code(char: str) -> int | None:
    place = ord(char) - _FIRST
    return place if 0 <= place < _COUNT else None


def is_word(first: str, second: str) -> bool:
    """Whether two Chinese characters are a word that is not rare."""
    one, two = (_code(first) if first else None), (_code(second) if second else None)
    return one is not None and two is not None and one * _COUNT + two in _words()


def same_sound(one: str, other: str) -> bool:
    """Whether two Chinese characters are said alike, tones left aside."""
    table, _ = sound_table()
    first, second = ord(one), ord(other)
    if first >= table.size or second >= table.size:
        return False
    return bool(table[first]) and table[first] == table[second]


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
    if same_sound(written, quoted):
        return True
    makes = is_word(before, quoted) or is_word(quoted, after)
    made = is_word(was_before, written) or is_word(written, was_after)
    return not (makes and made)


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
    return not quoted or quoted == written or quoted not in _SHORT_WORDS


_LATIN_NEGATION = re.compile(
    r"(?<![a-z])(?:not|no|never|none|nothing|nobody|neither|nor|without|unable|cannot|"
    r"(?:ca|do|does|did|is|are|was|were|wo|would|should|could|have|has|had|must|need)n'?t)(?![a-z])"
)
_AMOUNT = re.compile(r"[0-9]+(?:\.[0-9]+)?%?")
_BLANKS = re.compile(r"\s+")


def latin_negations(folded: str) -> list[str]:
    """The English negations of a folded text, in order."""
    return [one.replace("'", "") for one in _LATIN_NEGATION.findall(folded)]


def amounts(folded: str) -> list[str]:
    """The numbers of a folded text, in order; blanks inside them are looked through."""
    return _AMOUNT.findall(_BLANKS.sub("", folded))


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
