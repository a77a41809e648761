"""Reading a Chinese postal address out of written text, and saying where two of them contradict each other.

An address is read into named parts (province, city, district, town, road, village, estate), numbers by kind (house,
building, unit, floor, room …) each with the words before it, telephone numbers and a person. Leaving something out is
no contradiction; naming another part of a kind the other address has, or another number, is. Spaces, width, numerals
in characters and synonyms (幢, 栋, 座, 号楼; 层, 楼, F) make no difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from qaplatform.audit.normalise import fold
from qaplatform.audit.numerals import DIGITS, with_places
from qaplatform.audit.places import CITIES, MUNICIPALITIES, PROVINCES

_HAN = "\u4e00-\u9fff"
_UNITS = r"号楼|号院|号门|号仓库|号仓|号厂房|号库|号馆|号|號|弄|幢|栋|棟|座|单元|楼|层|室|房|期|排|档|门|仓|库|区|#|f(?![a-z])"
_CHINESE = re.compile(rf"[一二三四五六七八九十百零〇两]+(?={_UNITS}|[之附-])")
_LONG_CHINESE = re.compile(r"[一二三四五六七八九零〇幺]{3,}")
_NUMBER = re.compile(
    rf"(附)?([0-9]+(?:-[0-9]+)*[a-z]?|(?<![a-z])[a-z][0-9]{{0,4}}) ?({_UNITS})|(?<![0-9])([0-9]{{2,5}})(?![0-9])"
)
_KINDS = {
    "号": "house", "號": "house", "弄": "lane", "幢": "building", "栋": "building", "棟": "building", "座": "building",
    "号楼": "building", "号仓": "building", "号仓库": "building", "号厂房": "building", "号库": "building", "号馆": "building",
    "号院": "house", "#": "building", "号门": "gate", "门": "gate", "单元": "unit", "楼": "floor", "层": "floor",
    "f": "floor", "室": "room", "房": "room", "期": "phase", "区": "zone", "仓": "building", "库": "building",
}  # fmt: skip
_PHONE = re.compile(
    r"(?<![0-9])(1[3-9][0-9]{9}|0[0-9]{2,3}[- ]?[0-9]{7,8}|[48]00[- ]?[0-9]{3,4}[- ]?[0-9]{3,4})(?![0-9])"
)
_SPACED_MOBILE = re.compile(r"(?<![0-9])1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}(?![0-9])")
_DATE = re.compile(
    r"(?:[0-9]{1,2}月)[0-9]{1,2}[号日]?|(?:今天|明天|后天|昨天|本月|下月)[0-9]{1,2}[号日]|[0-9]{1,2}号(?=之?[前后]|左右|到期|发|寄|再)"
)
_SUFFIXES = {
    "特别行政区": "province", "自治区": "province", "自治州": "city", "自治县": "district", "省": "province", "市": "city",
    "新区": "district", "开发区": "district", "区": "district", "县": "district", "旗": "district",
    "街道": "town", "镇": "town", "乡": "town", "大道": "road", "大街": "road", "胡同": "road", "路": "road", "街": "road",
    "巷": "road", "段": "section", "社区": "village", "村": "village", "屯": "village", "庄": "village", "工业区": "estate",
    "工业园": "estate", "产业园": "estate", "科技园": "estate", "物流园": "estate", "创业园": "estate", "小区": "estate",
    "园区": "estate", "大厦": "estate", "广场": "estate", "园": "estate", "城": "estate", "苑": "estate",
}  # fmt: skip
# A name may hold what others end in: 桐乡市, 共青城市, 李家庄村.
_INNER = "乡镇城村庄屯园苑"
_LONG_FIRST = sorted(_SUFFIXES, key=len, reverse=True)
_TOKEN = re.compile(
    rf"([{_HAN}]{{2,8}}?(?:[{_INNER}](?![市区县镇乡路街巷村])|{'|'.join(one for one in _LONG_FIRST if one not in _INNER)})"
    rf"|[{_HAN}](?:县|路|街|巷|段))"
)
_GENERIC = re.compile(
    r"^(?:[\u4e00-\u9fff]*(?:这|那|您|你|我|的|咱|哪|各|本|寄|退|发|写|收|填))?(?:小|市|城|地|园|厂|郊|山|景|片|库|老|新|同|全|个|边|里|家|条|到|回|往|去|至|给|是|在)*$"
)
_SENDS = re.compile(r"(?:寄|退|返|邮|发)(?:货|件)?(?:到|回|往|去|至|给|在)?(?:去|到)?")
_LEAD = re.compile(
    rf"{_SENDS.pattern}(?:那个?|这个?|我们|咱们?|在|是|地址)*|(?:地址|仓库?|就|我|家)(?:是|在)|^(?:来|到|去)"
)
_ADMIN = frozenset(("province", "city", "district", "town"))
_ROAD_BEGINS = frozenset("路街大东西南北中")
_FILLER = re.compile(
    r"^(?:现在|目前|应该|应|为|其实|依然|依旧|仍然?|还|正确|要|请|再|也|先|今后|以后|暂时|如今|今年|搬到|迁到|改到|换到|改成|换成|改为|换为|记一下|发您|发你|给您|给你|一律|全部|最新|就近|门牌|抱歉|您好|稍等|收到|记下|记得|填写|地点|退换|收货|发货|联系|电话|选|走|具体|详细|位置|还有|另外|或者|或|和|跟|的|那|这|边|里|个|仓库?|公司|我们|咱们?|咱家|店里?|您|你|哈|啊|哦|呢|就|是|地址|新|这里|东|西|南|北|中|以下|下面|如下|上|下|麻烦|亲|吧|收|写|退货|售后|部|寄|到|回|往|去|至|给|在|发|退|好|可以|直接|统一|都)+$"
)
_PERSON = re.compile(
    rf"(?:收件人|收货人|联系人|收方)(?:写|填|是|叫|名字?|:| )*([{_HAN}]{{2,4}})"
    rf"|(?:^|[^{_HAN}])([{_HAN}]{{2,4}}) ?(?:收(?![{_HAN}])|\(收\))"
    rf"|(?:^|[^{_HAN}])([{_HAN}]{{2,6}}) *@"
)
_NO_PERSON = re.compile(
    r"电话|手机|联系|热线|座机|号码|街|村|售后|退|仓|部|组|店|客服|库|专|公司|旗舰|写|您|昵称|名|填|就|随便|空|中心|站|维修|换|收|号|区|路|镇"
)


@dataclass(frozen=True)
class Number:
    """A number of an address: its kind, its value, and the words of the same run before it."""

    kind: str
    value: str
    before: str


@dataclass(frozen=True)
class Address:
    """What a text says of a place; ``runs`` are its Chinese words up to the last number, cut at spaces and numbers."""

    text: str
    runs: tuple[str, ...] = ()
    parts: tuple[tuple[str, str], ...] = ()
    """(kind, name with its suffix), as read without knowing what it should be."""
    numbers: tuple[Number, ...] = ()
    phones: tuple[str, ...] = ()
    person: str = ""

    def kinds(self) -> frozenset[str]:
        """The kinds of part and number that occur."""
        return frozenset(kind for kind, _ in self.parts) | frozenset(number.kind for number in self.numbers)

    @property
    def is_aside(self) -> bool:
        """Whether a number stands here among other words (一楼有保安), not as a line of an address."""
        words = re.sub(rf"[^{_HAN}]+", "", _NUMBER.sub(" ", self.text))
        return bool(self.numbers) and not self.parts and len(words) > 2 and not _FILLER.match(words)

    @property
    def is_place(self) -> bool:
        """Whether a house could be found by it: a number and a name."""
        return bool(self.numbers) and bool(self.parts or any(number.before for number in self.numbers))


@dataclass(frozen=True)
class _Names:
    """The names an address has, as they may be written."""

    full: frozenset[str]
    bare: dict[str, str] = field(default_factory=dict)
    """Name without its suffix → kind."""
    kinds: frozenset[str] = frozenset()
    text: str = ""

    def hold(self, name: str) -> bool:
        """Whether a name stands in the text, but for a word or two that run into its beginning."""
        long = len(name) - len(_suffix(name)) >= 4
        return name in self.text or (long and any(name[cut:] in self.text for cut in (1, 2)))


@lru_cache(maxsize=4096)
def parse(text: str) -> Address:
    """Read the address in a text (a clause or several)."""
    digits = _DATE.sub(" ", _SPACED_MOBILE.sub(lambda match: re.sub(r"\D", "", match[0]), _digits(fold(text))))
    phones = tuple(re.sub(r"\D", "", match[1]) for match in _PHONE.finditer(digits))
    folded = _PHONE.sub(" @ ", digits)
    person = next((name for match in _PERSON.finditer(folded) if (name := _person(match))), "")
    plain = re.sub(r" *([0-9]+) *", r"\1", re.sub(r'["()\[\]<>*~_/|:]', " ", folded.replace("@", " ")))
    runs: list[str] = []
    numbers: list[Number] = []
    at = 0
    for match in _NUMBER.finditer(plain):
        between = plain[at : match.start()]
        if match[3] is None and (not numbers or between.strip() or numbers[-1].kind == "room"):
            continue
        kind = "room" if match[3] is None else ("附" if match[1] else "") + _KINDS.get(match[3], match[3])
        words = [piece for piece in re.split(rf"[^{_HAN}]+", between) if piece]
        runs += words
        numbers.append(Number(kind, (match[2] or match[4]).lstrip("0") or "0", words[-1] if words else ""))
        at = match.end()
    rest = [piece for piece in re.split(rf"[^{_HAN}]+", plain[at:]) if piece]
    runs += rest[:6] if not numbers else [one for one in rest if any(kind in _ADMIN for kind, _ in _parts(one))]
    named = (part for run in (*runs, *(rest[:1] if numbers else [])) for part in _parts(run))
    return Address(plain, tuple(runs), tuple(named), tuple(numbers), phones, person)


def contradicts(given: Address, right: Address) -> bool:
    """Whether ``given`` names a part, a number, a telephone or a person that is another than that of ``right``."""
    if any(_strange(given, _names(right))) or any(not _has(number, right) for number in given.numbers):
        return True
    if given.phones and right.phones and not any(_same_phone(one, two) for one in given.phones for two in right.phones):
        return True
    wanted = right.person
    return bool(given.person and wanted and given.person[0] != wanted[0] and given.person not in right.text)


def agrees(given: Address, right: Address) -> bool:
    """Whether a place is named and nothing of it is contradicted."""
    return given.is_place and not contradicts(given, right)


def _digits(text: str) -> str:
    """Numerals in characters before a unit, and long ones, as digits."""
    spoken = _LONG_CHINESE.sub(lambda match: "".join(str(DIGITS[char]) for char in match[0]), text)
    return _CHINESE.sub(lambda match: str(_numeral(match[0])), spoken)


def _numeral(text: str) -> int:
    """A Chinese numeral below 1000, written with places (一百二十八) or digit by digit (一二八)."""
    if not any(char in text for char in "十百"):
        return int("".join(str(DIGITS[char]) for char in text))
    return with_places(text)


def _person(match: re.Match[str]) -> str:
    name = re.sub("^(?:售后|退货|客服|仓库|收件人|收货人|联系人)", "", match[1] or match[2] or match[3] or "")
    return "" if _NO_PERSON.search(name) else name


def _parts(run: str) -> Iterator[tuple[str, str]]:
    """Named parts of a run of Chinese words; provinces and cities without a suffix only where an address begins."""
    starts = [0, *(match.end() for match in _LEAD.finditer(run))]
    at = 0
    for start in starts:
        named, end = _unsuffixed(run, start)
        if named:
            yield from named
            at = end
            break
    for match in _TOKEN.finditer(run, at):
        suffix = _suffix(match[0])
        if not _GENERIC.match(match[0].removesuffix(suffix)):
            yield _SUFFIXES[suffix], match[0]


def _unsuffixed(run: str, at: int) -> tuple[list[tuple[str, str]], int]:
    """Provinces and cities one after another from a place of the run, and where they end."""
    named: list[tuple[str, str]] = []
    for places, kind in ((PROVINCES, "province"), (CITIES, "city"), (CITIES, "city")):
        size = next((size for size in (4, 3, 2) if run[at : at + size] in places), 0)
        if not size or run[at + size : at + size + 1] in _ROAD_BEGINS:
            continue
        name = run[at : at + size]
        at += size
        suffix = next((one for one in ("特别行政区", "自治区", "省", "市") if run.startswith(one, at)), "")
        named.append((kind, name + suffix))
        if name in MUNICIPALITIES:
            named.append(("city", name + suffix))
        at += len(suffix)
    return named, at


def _suffix(name: str) -> str:
    return next((one for one in _LONG_FIRST if name.endswith(one)), "")


def _names(right: Address) -> _Names:
    full, bare, kinds = set(), {}, set()
    for kind, name in right.parts:
        full.add(name)
        kinds.add(kind)
        short = name.removesuffix(_suffix(name))
        if kind == "province":
            short = next((one for one in PROVINCES if short.startswith(one)), short)
            bare[short] = kind
        elif len(short) >= 2:
            bare.setdefault(short, kind)
    if sum(kind == "city" for kind, _ in right.parts) > 1:
        kinds.add("district")  # A county-level city stands where others have a district.
    return _Names(frozenset(full), bare, frozenset(kinds), "".join(right.runs))


def _cover(run: str, names: _Names) -> list[tuple[str, str]]:
    """A run cut into (words, kind): known names (kind ``full`` or that of the bare name) and what is left (kind empty)."""
    known = sorted((*names.full, *names.bare), key=len, reverse=True)
    out: list[tuple[str, str]] = []
    at = rest = 0
    while at < len(run):
        name = next((one for one in known if run.startswith(one, at)), "")
        if not name:
            at += 1
            continue
        if at > rest:
            out.append((run[rest:at], ""))
        out.append((name, "full" if name in names.full else names.bare[name]))
        at += len(name)
        rest = at
    if rest < len(run):
        out.append((run[rest:], ""))
    return out


def _strange(given: Address, names: _Names) -> Iterator[bool]:
    """Words of ``given`` that name another place than the known names do."""
    pieces = [piece for run in given.runs for piece in _cover(run, names)]
    for index, (words, kind) in enumerate(pieces):
        if kind:
            continue
        rest = words
        before, after = (
            pieces[index - 1] if index else ("", ""),
            pieces[index + 1] if index + 1 < len(pieces) else ("", ""),
        )
        # 良渚路 where the address has 良渚街道: another suffix, another thing.
        if before[1] not in ("", "full") and (other := _leading_suffix(words)):
            yield _SUFFIXES[other] in ("road", "village", "estate") and _SUFFIXES[other] in names.kinds
            rest = words[len(other) :]
            if not rest:
                continue
        named = list(_parts(rest))
        yield any(one in names.kinds and not names.hold(name) for one, name in named)
        left = _TOKEN.sub("", rest)
        sent = list(_SENDS.finditer(left))
        tail = left[sent[-1].end() :] if sent else left
        if len(tail) >= 2 and not named and not _FILLER.match(tail) and after[1]:
            first = not index and after[1] not in ("province", "city")
            yield len(tail) <= (5 if before[1] or sent else 3 if first else 0)


def _leading_suffix(words: str) -> str:
    return next((one for one in _LONG_FIRST if words.startswith(one)), "")


def _has(number: Number, right: Address) -> bool:
    """Whether the right address has this number, after the same words."""
    same = [one for one in right.numbers if one.kind == number.kind and one.value == number.value]
    if not same and "-" in number.value:
        values = {one.value for one in right.numbers}
        return all(piece in values for piece in number.value.split("-"))
    if not same and number.kind in ("room", "building", "house"):
        joined = "-".join(one.value for one in right.numbers)
        return "-" in joined and number.kind == "room" and joined.endswith("-" + number.value)
    if number.kind != "house":
        return bool(same)
    before = number.before
    if not before or _FILLER.match(before):
        return bool(same)
    parts = [name for _, name in _parts(before)]
    return any(
        one.before[-2:] == before[-2:] or (parts and parts[-1] in one.before) or (one.before and before.endswith(one.before))
        or not one.before
        for one in same
    )  # fmt: skip


def _same_phone(one: str, two: str) -> bool:
    shorter, longer = sorted((one, two), key=len)
    return len(shorter) >= 7 and longer.endswith(shorter)
