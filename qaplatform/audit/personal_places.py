r"""Postal addresses in folded text: where a house, a flat or a village can be found by what is written.

An address is found by its *core*: a road with a number (人民路88号), an estate or a building with another number
(荷花苑3栋2单元501), a chain of a known province or city down to a road or village, a road of an English town, or what is
written after 地址:. From the core it is widened to the left over the names of places, up to a word that cannot belong
to one (寄到, 在, 我), and to the right over buildings, floors and rooms.

A town or district alone, a building number alone (3号楼), or 3号 as a day is nobody's address.
"""

from __future__ import annotations

import re2

from qaplatform.audit.personal import Found
from qaplatform.audit.places import CITIES, PROVINCES

_NUM = r"(?:附?[0-9]{1,5}(?:[-/][0-9]{1,5}){0,4}[a-z]?|[a-z][0-9]{0,4}(?:-[0-9]{1,5})?|[一二三四五六七八九十百零〇两甲乙丙丁]{1,7})"
_BUILDING = r"(?:号楼|号院|栋|幢|棟|座|单元|#楼?|室|弄|梯|组|社)"
_UNIT = rf"(?:{_BUILDING}|号门|号仓库?|号库|号店|号铺|号房|号|楼|层|房|户|门|期|排|区|f)"
_ROADS = r"(?:大道|大街|胡同|路|街|巷|弄|公路|国道|省道|环路|里弄|横路|段)"
_VILLAGES = r"(?:街道|镇|乡|苏木|社区|居委会|村|屯|庄|寨|坪|坝|大队|农场|林场|牧场|团场|工业区|开发区)"
_ESTATES = (
    "(?:小区|花园|花苑|家园|新村|公寓|公馆|名苑|新城|新苑|佳苑|雅苑|嘉园|名都|豪庭|广场|大厦|大楼|工业园区?|产业园|科技园|物流园|创业园|软件园|园区|庄园|山庄|别墅|宿舍|家属院|大院"
    "|大学|学院|中学|小学|学校|幼儿园|医院|卫生院|派出所|市场|商城|商场|写字楼|国际|中心|酒店|宾馆|驿站|便利店|超市|苑|园|城|府|湾|邸|居|庭|厂|轩|阁|台|郡|院|岸|墅|寓|坊)"
)
_ADMIN = r"(?:特别行政区|自治区|自治州|自治县|地区|省|市|区|县|旗|盟|州)"
_PLACE = r"[\p{Han}0-9a-z]"
_KNOWN = "|".join(sorted(PROVINCES | CITIES, key=len, reverse=True))

_NO_ROAD = r"[走迷绕退顺半套思线电出来铁公马网短这那条一过上赶铺带道逛每哪两几满门无去]"
_ROAD_CORE = (
    rf"(?:{_ROADS}|村|屯|庄|镇|乡|街道|社区|新村) ?(?:[东西南北中]侧? ?)?"
    rf"{_NUM} ?(?:号楼|号院|号|弄|栋|幢|座|组|社|支路|段|巷|#|室|单元)"
)
_ESTATE_CORE = rf"{_ESTATES} ?(?:[东西南北]?[一二三四五六1-9a-d]?[区期苑] ?)?{_NUM} ?(?:{_BUILDING}|楼|-)"
_HOUSE_CORE = (
    rf"{_NUM} ?(?:号楼|栋|幢|座|#|单元|号院) ?"
    rf"(?:{_NUM} ?(?:单元|梯|楼|层|室|号|房|户|门)|[0-9]{{3,4}}|[一二三四五六七八九零〇]{{3,4}})"
)
_NAMED_CORE = re2.compile(rf"{_ROAD_CORE}|{_ESTATE_CORE}")
_BARE_CORE = re2.compile(_HOUSE_CORE)

_CHAIN = re2.compile(
    rf"(?:(?:{_KNOWN})(?:壮族|回族|维吾尔)?{_ADMIN}?|[\p{{Han}}]{{2,6}}?(?:省|市|县))[ ,-]?(?:[\p{{Han}}]{{1,7}}?{_ADMIN}[ ,-]?){{1,4}}"
    rf"(?:{_PLACE}{{1,9}}?(?:{_VILLAGES}|{_ROADS}|{_ESTATES})[ ,-]?){{1,4}}"
)
_SHORT_CHAIN = re2.compile(
    rf"(?:{_KNOWN})(?:壮族|回族|维吾尔)?{_ADMIN}?[ ,-]?(?:[\p{{Han}}]{{1,7}}?{_ADMIN}[ ,-]?){{0,3}}"
    rf"(?:{_PLACE}{{1,9}}?(?:街道|镇|乡|社区|村|大道|大街|路|街|巷|小区|花园|家园|公寓|大厦|大学|学院|中学)[ ,-]?){{2,4}}"
)

_LEFT_END = re2.compile(
    r"(?s)^.*(?:寄到|寄往|寄去|寄给|寄至|发到|发往|发去|发给|发至|送到|送去|送往|送至|邮到|邮寄|放到|放在|改到|改成|改为|改寄|换成|换到|换为|地址|位于|住在|住|家在|搬到|退到|退回|寄回|收货|收件|派送|配送|到达"
    r"|麻烦|快递|重新|还有|直接|就寄|就发|其实|不是|应该|[寄退在是到去的了我你您他她给把请吗呢吧啊哦哈呀跟或从离叫填写:;,.!?()\[\]\"'<>*~|=\x00])"
)
_ONWARD = re2.compile(
    rf"^( ?,?(?:{_NUM} ?{_BUILDING}|{_PLACE}{{1,9}}?(?:小区|花园|家园|公寓|大厦|广场|新村|苑) ?{_NUM} ?{_BUILDING})"
    rf"| {{0,2}}(?:{_NUM} ?{_UNIT}|[\p{{Han}}]{{1,8}}?(?:小区|花园|家园|公寓|大厦|广场|新村|工业园|科技园|驿站|超市|便利店|苑|城|楼)))"
    r"|^( {0,2}[0-9]{1,4}(?:-[0-9]{1,4}){0,3})(?:[^0-9a-z%.元块件个天点分号月日年]|$)"
)
_LABEL = re2.compile(
    r"(?:地址|住址|家庭住址|address|addr)(?:改成|改为|改到|换成|换到|更新为|如下|就?是|为|在|[: =,]){1,4}"
)
_LABELLED_END = re2.compile(
    r"[;!?\x00]|电话|手机|收件人|收货人|联系|姓名|谢谢|麻烦|[^家]请|可以|能不能|怎么|错了|改[到成为一下]|没有|对吗|对不|对吧|行吗|吗|呢|吧|,(?:收|\p{Han}{2,3}(?:,|$))"
)
_SIGNS = re2.compile(
    rf"省|市|[^小分地专]区|县|镇|乡|村|路|街|巷|弄|栋|幢|苑|园|大厦|单元|组|屯|庄|{_NUM} ?(?:号|楼|室|层)"
)
_ENGLISH = re2.compile(
    r"(?:^|[^a-z0-9])((?:(?:apt|unit|flat|room|suite)\.? ?#?[0-9a-z-]{1,6},? )?[0-9]{1,5}[a-z]? (?:[nsew]\.? )?[a-z]+(?: [a-z]+){0,2}"
    r" (?:road|rd|street|st|avenue|ave|lane|ln|drive|dr|boulevard|blvd|court|ct|way|place|crescent|terrace)"
    r"(?:,? (?:apt|unit|flat|room|suite|#)\.? ?#?[0-9a-z-]{1,6})?)(?:[^a-z0-9]|$)"
)
_MOST_LEFT = 40
_MOST_NAME = 10


def addresses(text: str) -> list[Found]:
    """The addresses of a folded text; its numbers are to be blanked before."""
    spans = [(match.start(1), match.end(1)) for match in _ENGLISH.finditer(text)]
    for pattern in (_NAMED_CORE, _BARE_CORE):
        spans += [
            (start, _right(text, match.end()))
            for match in pattern.finditer(text)
            if (start := _left(text, match, is_named=pattern is _NAMED_CORE)) is not None
        ]
    for pattern in (_CHAIN, _SHORT_CHAIN):
        for match in pattern.finditer(text):
            start = match.start() + _lead(match[0])
            spans.append((start, _right(text, match.end())))
    for match in _LABEL.finditer(text):
        rest = text[match.end() : match.end() + 80]
        end = _LABELLED_END.search(rest)
        said = _placed(rest[: end.start() if end else None])
        if len(said) >= 4 and (len(_SIGNS.findall(said)) >= 2 or _NAMED_CORE.search(said) or _BARE_CORE.search(said)):
            spans.append((match.end(), match.end() + len(said)))
    return [Found("address", start, end, _value(text[start:end])) for start, end in _merged(text, spans)]


def _placed(said: str) -> str:
    """What is said up to the first comma after which no place is named."""
    pieces = said.split(",")
    size = next((size for size in range(1, len(pieces)) if not _SIGNS.search(pieces[size])), len(pieces))
    return ",".join(pieces[:size]).rstrip(" ,.")


def _left(text: str, core: re2._Match[str], *, is_named: bool) -> int | None:
    """Where the names before a core begin; ``None`` where one is needed and there is none."""
    begin = core.start()
    before = text[max(0, begin - _MOST_LEFT) : begin]
    cut = _LEFT_END.match(before)
    name = before[cut.end() :] if cut else before
    name = name[_last_gap(name) :]
    if (known := _KNOWN_PLACE.search(name)) is not None:
        name = name[known.start() :]
    elif len(name) > _MOST_NAME * 2:
        name = name[-_MOST_NAME:]
    if is_named and (not name.strip() or (_ROADLIKE.match(core[0]) and _NO_ROAD_BEFORE.search(name))):
        return None
    return int(begin) - len(name.lstrip(" ,.-"))


_ROADLIKE = re2.compile(rf"^{_ROADS}")
_NO_ROAD_BEFORE = re2.compile(rf"{_NO_ROAD}$")
_KNOWN_PLACE = re2.compile(rf"^(?:{_KNOWN})|(?:{_KNOWN})(?:省|市|[\p{{Han}}]{{1,6}}(?:市|区|县|镇))")


def _last_gap(name: str) -> int:
    """Where the last stretch without a wide gap begins: names of one address are at most two spaces apart."""
    return name.rfind("   ") + 3 if "   " in name else 0


def _lead(chain: str) -> int:
    """How many characters of a chain's beginning are no place."""
    known = _KNOWN_PLACE.search(chain)
    cut = _LEFT_END.match(chain[:8])
    return max(known.start() if known and known.start() <= 8 else 0, cut.end() if cut else 0)


def _right(text: str, end: int) -> int:
    """Where an address that goes on to ``end`` ends."""
    while more := _ONWARD.match(text[end : end + 24]):
        end += max(more.end(1), more.end(2))
    return end


def _merged(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans that overlap or touch, as one; none begins or ends with a space or mark."""
    out: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if out and (start <= out[-1][1] or not text[out[-1][1] : start].strip(" ,")):
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return [
        (end - len(text[start:end].lstrip(" ,.:-")), start + len(text[start:end].rstrip(" ,.:-"))) for start, end in out
    ]


def _value(text: str) -> str:
    return "".join(filter(str.isalnum, text))
