"""Personal numbers in folded text: telephones, identity and bank cards, QQ numbers; and orders and parcels beside them.

Digits are looked for as *runs*: digits with at most three marks or spaces between two of them, whatever script they
are in (13812345678, 138-1234-5678, 一三八…, ❶❸❽…). A run falls into *blocks* at its marks and where the script changes; a
number is one block, or several side by side, never a part of one: eleven digits inside an order number are no telephone,
and the 2 in ``2, 138 1234 5678`` does not hide one.

Where a number fits several kinds the words before it decide. Without any, a date of birth and a province make an
identity card (one order number in 5,000 has both), but the check digit alone makes no bank card: it fits one number in
ten, so the issuer's first digits are asked for as well.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import re2

from qaplatform.audit.personal import Found, Kind

_SPOKEN_WORDS = "零洞 一幺壹弌 二两贰弍 三叁弎 四肆 五伍 六陆 七柒拐 八捌 九玖勾"
FEWEST_DIGITS = 5
_MOST_DIGITS = 26
_MOST_GAP = 3
_CONTEXT_CHARS = 18
_INSIDE = frozenset(" -_.()/")

_RUN = re2.compile(r"[0-9](?:[^\pL\pN:@%\x00]{0,3}[0-9]){4,}")
_MOBILE = re2.compile(r"(?:(?:00)?86|0|17951|12593)?(1[3-9][0-9]{9})")
_LANDLINE = re2.compile(r"0(?:10|2[0-9])[2-9][0-9]{7}|0[3-9][0-9]{2}[2-9][0-9]{6,7}")
_HOTLINE = re2.compile(r"[48]00[0-9]{7}")
_EXTENSION = re2.compile(r"(?:-|转|转分机|#)([0-9]{1,5})(?:[^0-9]|$)")
_BORN = r"(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_PROVINCE = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])"
_IDENTITY = re2.compile(rf"{_PROVINCE}[0-9]{{4}}{_BORN}[0-9]{{3}}[0-9x]")
_OLD_IDENTITY = re2.compile(rf"{_PROVINCE}[0-9]{{6}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{{3}}")
_ISSUER = re2.compile(
    r"62[0-9]{14,17}|(?:4[0-9]|5[1-5]|35)[0-9]{14}|(?:955[0-9]|60[0-9]{2}|68[0-9]{2}|9[0-9]{3})[0-9]{15}"
)

_NEAR = r"[^,.!?;0-9\x00]"
_ORDER_CUE = re2.compile(
    rf"(?:订单|单号|下单|编号|单子|流水|交易|工单|退款单|发票|序列|货号|条码|条形码|批号|批次|车架|机身|会员|礼品卡|购物卡|储值卡"
    rf"|税号|order|serial|imei|sn|sku|no){_NEAR}{{0,8}}$"
)
_PARCEL_CUE = re2.compile(
    rf"(?:快递|运单|物流|面单|包裹|顺丰|圆通|中通|申通|韵达|极兔|邮政|ems|德邦|tracking|parcel|waybill){_NEAR}{{0,8}}$"
)
_CARD_CUE = re2.compile(
    rf"(?:银行|卡号|储蓄卡|借记卡|信用卡|存折|[工农中建招交]行|邮储|农信|信用社|账号|账户|帐号|帐户|打到|转到|退到|card){_NEAR}{{0,12}}$"
)
_SHOP_CARD = re2.compile(rf"(?:会员|礼品|购物|储值|充值)卡?{_NEAR}{{0,8}}$")
_IDENTITY_CUE = re2.compile(rf"(?:身份|身分|证件|sfz|id ?card|id ?no|id ?number|identity){_NEAR}{{0,10}}$")
_PHONE_CUE = re2.compile(
    r"(?:电话|手机|座机|固话|联系方式|拨打|致电|tel|phone|mobile|call)(?:号码?|是|为|[: ,.(#]|me|at|on|number|no){0,6}$"
)
_QQ_CUE = re2.compile(r"(?:qq|q q|扣扣|叩叩|企鹅号?|球球|[^a-z]q号?)(?:群|邮箱)?(?:号码?|是|为|加|[: =,]){0,4}$")
_WECHAT_CUE = re2.compile(
    r"(?:微信|薇信|威信|微x|v信|wx|vx|weixin|wechat|(?:^|[^a-z])v)(?:号码?|是|为|加|搜|同号|[: =,]){0,4}$"
)
_ADDRESS_BAR = re2.compile(r"[/?&][a-z_./?&=%-]*(?:id|sku|spm|item|num|time|ts)=$")
_CARRIERS = r"(?:yt|sf|zto|zt|jt|sto|yd|dpk|db|jd[a-z]{0,3}|ems|bs|yz|ane|hoau|tt|kk|lp|uc|cne)"
_PARCEL = re2.compile(
    rf"(?:^|[^a-z0-9])({_CARRIERS}[0-9]{{9,18}}|jd[a-z]{{0,3}}[0-9]{{9,16}}(?:-[0-9]){{2}}-?|[a-z]{{2}}[0-9]{{9}}[a-z]{{2}})(?:[^a-z0-9]|$)"
)
_LETTERED = re2.compile(
    r"(?:订单|单号|编号|order|no|number)[^,.!?;0-9a-z\x00]{0,8}([a-z]{1,6}-?[0-9][0-9a-z-]{5,30}|[0-9]{2,12}[a-z]{1,4}[0-9a-z-]{4,24})"
)
_LONG_ORDER = re2.compile(r"(?:^|[^0-9a-z])([0-9]{6}-[0-9]{15})(?:[^0-9a-z]|$)")


@cache
def spoken_digits() -> dict[int, str]:
    """Code points that are digits in other scripts, in words or in circles → their ASCII digit."""
    table = {
        code: str(digit) for code in range(128, 0x20000) if (digit := unicodedata.digit(chr(code), None)) is not None
    }
    for digit, words in enumerate(_SPOKEN_WORDS.split()):
        table |= {ord(char): str(digit) for char in words}
    table[ord("〇")] = "0"
    return table


class _Block(NamedTuple):
    start: int
    end: int
    digits: str
    is_written: bool
    """In ASCII digits, not in words."""


def numbers(text: str) -> list[Found]:
    """What is found in a folded text, in order; ``order`` and ``tracking`` too, so that nothing else takes them."""
    found = [
        Found(kind, match.start(1), match.end(1), match[1])
        for kind, pattern in _LETTERED_KINDS
        for match in pattern.finditer(text)
    ]
    spoken = text.translate(spoken_digits())
    taken = [(one.start, one.end) for one in found]
    for run in _RUN.finditer(spoken):
        blocks = [
            block
            for block in _blocks(text, spoken, run.start(), run.end())
            if not any(start < block.end and block.start < end for start, end in taken)
        ]
        found += _in_run(text, blocks)
    return sorted((*found, *_with_letters(text)), key=lambda one: one.start)


def _with_letters(text: str) -> Iterator[Found]:
    """Telephones with letters that look like digits: l38 1234 5678, 138oo125678."""
    for match in _LOOKALIKE.finditer(text):
        said = match[1].replace(" ", "").replace("-", "")
        is_mixed = not said.isdecimal() and sum(map(str.isdecimal, said)) >= _FEWEST_TRUE_DIGITS
        if is_mixed and (mobile := _MOBILE.fullmatch(said.translate(_LETTER_DIGITS))):
            yield Found("phone", match.start(1), match.end(1), mobile[1])


_LOOKALIKE = re2.compile(r"(?:^|[^a-z0-9])([0-9oli](?:[ -]?[0-9oli]){10})(?:[^a-z0-9]|$)")
_FEWEST_TRUE_DIGITS = 8
_LETTER_DIGITS = str.maketrans("oli", "011")

_LETTERED_KINDS: tuple[tuple[Kind, re2._Regexp[str]], ...] = (("tracking", _PARCEL), ("order", _LONG_ORDER))


def lettered(text: str) -> list[Found]:
    """Order numbers with letters in them, after a word for them; telephones are to be blanked before."""
    return [Found("order", match.start(1), match.end(1), match[1]) for match in _LETTERED.finditer(text)]


def _blocks(text: str, spoken: str, start: int, end: int) -> Iterator[_Block]:
    begin = start
    for at in range(start, end + 1):
        inside = at < end and "0" <= spoken[at] <= "9"
        same = inside and at > begin and (text[at] == spoken[at]) == (text[begin] == spoken[begin])
        if at > begin and not same:
            yield _Block(begin, at, spoken[begin:at], text[begin] == spoken[begin])
            begin = at
        if not inside:
            begin = at + 1


def _in_run(text: str, blocks: Sequence[_Block]) -> list[Found]:
    """Numbers of one block first; then of several blocks side by side among those left."""
    alone = [_number(text, (block,)) for block in blocks]
    # Of numbers of no fixed length more may follow: 扣扣 80000-7126.
    alone = [None if one is not None and one.kind in ("qq", "wechat") else one for one in alone]
    found = [one for one in alone if one is not None]
    stretch: list[_Block] = []
    for block, one in zip((*blocks, None), (*alone, None), strict=True):
        if block is not None and one is None:
            stretch.append(block)
            continue
        found += _in_stretch(text, stretch)
        stretch = []
    return found


_PRECEDENCE: dict[str, int] = {"id_card": 0, "bank_card": 1, "phone": 2, "landline": 3}


def _in_stretch(text: str, blocks: Sequence[_Block]) -> list[Found]:
    candidates = []
    for first in range(len(blocks)):
        size = 0
        for last in range(first, len(blocks)):
            size += len(blocks[last].digits)
            if size > _MOST_DIGITS:
                break
            if size >= FEWEST_DIGITS and (one := _number(text, blocks[first : last + 1])) is not None:
                candidates.append(one)
    candidates.sort(key=lambda one: (_PRECEDENCE.get(one.kind, 9), one.start - one.end, one.start))
    kept: list[Found] = []
    for one in candidates:
        over = [other for other in kept if one.start < other.end and other.start < one.end]
        if not over:
            kept.append(one)
        elif any(other.start <= one.start and one.end <= other.end for other in over):
            continue
        elif all(other.kind == one.kind for other in over):  # Which of the two was meant cannot be told.
            kept = [other for other in kept if other not in over]
            start, end = min(one.start, *(o.start for o in over)), max(one.end, *(o.end for o in over))
            kept.append(Found(one.kind, start, end, "+".join(sorted({one.value, *(o.value for o in over)}))))
    return kept


def _number(text: str, blocks: Sequence[_Block]) -> Found | None:
    """What the blocks are, taken together."""
    start, end = blocks[0].start, blocks[-1].end
    digits = "".join(block.digits for block in blocks)
    if len(digits) < FEWEST_DIGITS:
        return None
    if len(digits) == 17 and (with_x := _x_after(text, end)):
        digits, end = digits + "x", with_x
    kind, value = _kind(digits, text, blocks)
    if not kind:
        return None
    if kind == "landline" and (more := _EXTENSION.match(text[end : end + 9])):
        end += more.end(1)
    before = text[start - 1 : start]
    if (kind == "phone" and before == "+") or (before == "(" and ")" in text[start:end]):
        start -= 1
    return Found(kind, start, end, value)


def _kind(digits: str, text: str, blocks: Sequence[_Block]) -> tuple[Kind | None, str]:
    """The kind of a number and what it counts as the same by; no kind where it is nobody's."""
    before = text[max(0, blocks[0].start - _CONTEXT_CHARS) : blocks[0].start]
    kind: Kind | None = None
    if _ADDRESS_BAR.search(before):
        pass
    elif _is_identity(digits, before, blocks):
        kind = "id_card"
    elif mobile := _MOBILE.fullmatch(digits):
        return "phone", mobile[1]
    elif _LANDLINE.fullmatch(digits):
        kind = "landline"
    elif not _HOTLINE.fullmatch(digits) and _is_close(text, blocks):
        after = text[blocks[-1].end :][:1]
        kind = "bank_card" if _is_card(digits, before, blocks) else _by_cue(digits, before, after, blocks)
    return kind, digits


def _is_close(text: str, blocks: Sequence[_Block]) -> bool:
    """Whether between the blocks stands what people write inside one number."""
    return all(set(text[one.end : two.start]) <= _INSIDE for one, two in pairwise(blocks))


def _by_cue(digits: str, before: str, after: str, blocks: Sequence[_Block]) -> Kind | None:
    size = len(digits)
    if before.endswith("+") and 8 <= size <= 15:
        return "phone"
    if size <= 12 and (_QQ_CUE.search(before) or _WECHAT_CUE.search(before)):
        return "qq" if _QQ_CUE.search(before) else "wechat"
    if 7 <= size <= 13 and _PHONE_CUE.search(before):
        return "landline" if size <= 8 else "phone"
    if len(blocks) > 1 or not blocks[0].is_written or _ends_in_letter(after):
        return None
    if size >= 8 and _PARCEL_CUE.search(before):
        return "tracking"
    is_order = size >= 12 or (size >= 6 and not _ends_in_letter(before) and _ORDER_CUE.search(before))
    return "order" if is_order else None


def _ends_in_letter(text: str) -> bool:
    return text[-1:].isascii() and text[-1:].isalpha()


def _is_identity(digits: str, before: str, blocks: Sequence[_Block]) -> bool:
    size = len(digits)
    if size not in (15, 18):
        return False
    is_said = bool(_IDENTITY_CUE.search(before))
    if size == 15:
        return is_said and bool(_OLD_IDENTITY.fullmatch(digits))
    if is_said and len(blocks) == 1:
        return True
    if not _IDENTITY.fullmatch(digits):
        return False
    is_plain = (
        len(blocks) == 1
        and not _ends_in_letter(before)
        and not _ORDER_CUE.search(before)
        and not _PARCEL_CUE.search(before)
    )
    grouped = [len(block.digits) for block in blocks][:2] in ([6, 8], [6, 4], [3, 3])
    return is_said or is_plain or grouped or _checks_out(digits)


def _checks_out(digits: str) -> bool:
    """The check character of GB 11643 (ISO 7064, MOD 11-2)."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(weight * int(digit) for weight, digit in zip(weights, digits[:17], strict=True))
    return "10x98765432"[total % 11] == digits[17]


def _is_card(digits: str, before: str, blocks: Sequence[_Block]) -> bool:
    if not digits.isdecimal() or not 12 <= len(digits) <= 19 or _SHOP_CARD.search(before):
        return False
    if _CARD_CUE.search(before):
        return not _ORDER_CUE.search(before)
    is_one = len(blocks) == 1 and blocks[0].is_written
    if len(digits) < 16 or (is_one and (_ORDER_CUE.search(before) or _PARCEL_CUE.search(before))):
        return False
    in_fours = len(blocks) > 1 and all(len(block.digits) == 4 for block in blocks[:-1])
    is_strange = (len(blocks) > 1 and not in_fours) or _ends_in_letter(before)
    if not _ISSUER.fullmatch(digits) or (is_strange and not digits.startswith("62")):
        return False
    return _luhn(digits) or (in_fours and digits.startswith("62"))


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(one - 9 if one > 9 else one for one in doubled) % 10 == 0


def _x_after(text: str, end: int) -> int:
    """Where an x that ends an identity number ends; 0 if there is none."""
    for at in range(end, min(end + _MOST_GAP + 1, len(text))):
        if text[at] == "x":
            after = text[at + 1 : at + 2]
            return 0 if after.isascii() and after.isalnum() else at + 1
        if text[at].isalnum():
            return 0
    return 0
