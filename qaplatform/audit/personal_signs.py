"""Which messages are worth a close look for personal data: quick signs over a whole block of messages.

Most messages hold no long number, no ``@`` and no word that goes with a name or an address; they are told from the rest
by columns and one scan for words. A sign says little; no sign says that nothing is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import re2
from numpy.typing import NDArray

from qaplatform.audit.normalise import SEPARATOR, Joined, View, fold_table
from qaplatform.audit.personal_numbers import spoken_digits
from qaplatform.audit.personal_words import COMMON_SURNAMES, SURNAMES

_FEWEST_DIGITS = 7
_MOST_GAP = 3
_DIGIT, _ENDS, _NUMERAL, _UNIT, _PLACE = 1, 2, 4, 8, 16
_NUMERALS = "abcdefghijklmnopqrstuvwxyz0123456789一二三四五六七八九十百零〇两甲乙丙丁"
_UNITS = "号弄栋幢棟座室#组社段巷梯单支楼层房户门期区排库"
_PLACES = "省市区县州旗盟镇乡村路街巷弄庄屯苑园城厦寓府湾邸庭院厂轩阁郡墅坊寨坪坝场店栋幢棟座"
# No counted repetitions here: the automaton must stay small.
_WORDS = re2.compile(
    (
        r"(?m)@|艾特|\(at\)|\[at\]"
        r"|(?:微信|薇信|威信|微x|v信)[^\n,.!?;a-z0-9]*[a-z0-9]|wechat|weixin|[wv]x|(?:^|[^a-z0-9])v(?:号|[: =+])"
        r"|q ?q|q号|扣扣|叩叩|企鹅|球球"
        r"|收[件货花]人|收方|联系人|[取寄发]件人|签收人|[订下][货单]人|持卡人|开户|户名|车主|姓名|名字"
        rf"|叫做?[: ]?[{SURNAMES}]|(?:我[就还也]?|这里|这边)是[{COMMON_SURNAMES}]|[{COMMON_SURNAMES}]\p{{Han}}\p{{Han}}?(?:女士|先生|小姐)"
        r"|[^查签接拒代回验没吸揽]收\)?(?:$|[ ,.;!0-9])"
        r"|my name|my full name|full name|recipient|name ?[:=]|ship to|attn"
        r"| (?:road|rd|street|st|avenue|ave|lane|ln|drive|dr|boulevard|blvd|court|ct|way|place|crescent|terrace)(?:$|[^a-z])"
        r"|[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼] ?[a-z][ .-]?[a-z0-9][a-z0-9][a-z0-9]"
    ).encode()
)
_ANYWHERE = re2._re2.RE2.Anchor.UNANCHORED  # noqa: SLF001 - the wrapper's finditer costs three times the search


def rows_with_signs(joined: Joined, words: Sequence[str] = ()) -> list[int]:
    """Numbers of the messages, ascending, that have a long number, a sign of personal data, or one of the words."""
    plain = joined.plain
    signs = _table()[plain.codes]
    rows = {*_with_digits(plain, signs), *_with_places(plain, signs), *_with_words(plain)}
    for word in words:
        rows |= _with_word(plain, word.encode())
    return sorted(rows)


@lru_cache(maxsize=1)
def _table() -> NDArray[np.uint8]:
    """By code point: the signs it can be a part of."""
    table = np.zeros(0x110000, np.uint8)
    # o, l and i stand for digits in what is meant not to be found.
    digits = [*range(48, 58), *spoken_digits(), *map(ord, "oli")]
    ends = fold_table().letter.copy()
    ends[[SEPARATOR, ord(":"), ord("@"), ord("%")]] = True
    ends[digits] = False
    table[digits] |= _DIGIT
    table[np.flatnonzero(ends)] |= _ENDS
    for chars, sign in ((_NUMERALS, _NUMERAL), (_UNITS, _UNIT), (_PLACES, _PLACE)):
        table[[ord(char) for char in chars]] |= sign
    return table


def _with_digits(plain: View, signs: NDArray[np.uint8]) -> set[int]:
    places = np.flatnonzero(signs & _DIGIT)
    if places.size < _FEWEST_DIGITS:
        return set()
    ended = np.cumsum((signs & _ENDS) > 0, dtype=np.int32)[places]
    goes_on = (np.diff(places) <= _MOST_GAP + 1) & (np.diff(ended) == 0)
    begins = np.concatenate(([0], np.flatnonzero(~goes_on) + 1))
    sizes = np.diff(np.concatenate((begins, [places.size])))
    return _rows(plain, places[begins[sizes >= _FEWEST_DIGITS]])


def _with_places(plain: View, signs: NDArray[np.uint8]) -> set[int]:
    """Messages with two words of an address: a place, or a number with what is numbered."""
    numbered = np.flatnonzero(((signs[:-1] & _NUMERAL) > 0) & ((signs[1:] & (_UNIT | _PLACE)) > 0))
    spaced = np.flatnonzero(((signs[:-2] & _NUMERAL) > 0) & ((signs[2:] & _UNIT) > 0) & (plain.codes[1:-1] == 32))
    led = np.flatnonzero(((signs[:-1] & _PLACE) > 0) & ((signs[1:] & _NUMERAL) > 0))
    roads = np.flatnonzero((plain.codes[:-1] == ord("大")) & (plain.codes[1:] == ord("道")))
    hits = np.concatenate((numbered, spaced, led, roads, np.flatnonzero(signs & _PLACE)))
    rows, counts = np.unique(np.searchsorted(plain.char_ends, hits), return_counts=True)
    return set(rows[counts >= 2].tolist())


def _rows(plain: View, places: NDArray[np.int64]) -> set[int]:
    return set(np.searchsorted(plain.char_ends, places).tolist())


def _with_words(plain: View) -> set[int]:
    text, bounds, ends = plain.utf8, plain.byte_bounds, plain.byte_ends
    search = _WORDS._regexp.Match  # noqa: SLF001
    rows, at = set(), 0
    while at < len(text):
        found: tuple[int, int] = search(_ANYWHERE, text, at, len(text))[0]
        if found[0] < 0:
            break
        row = int(ends.searchsorted(found[0]))
        rows.add(row)
        at = bounds[row + 1]
    return rows


def _with_word(plain: View, word: bytes) -> set[int]:
    text, bounds, rows = plain.utf8, plain.byte_bounds, set()
    at = text.find(word)
    while at >= 0:
        row = int(plain.byte_ends.searchsorted(at))
        rows.add(row)
        at = text.find(word, bounds[row + 1])
    return rows
