"""Finding postal addresses in English text, pinyin ones too, and saying where two of them contradict each other.

An address is found by its street (a number, a name, a word such as Road), its post box, or a unit with a postcode, and
read as far as the words about it look like one: units by kind, estates, places, state, postcode. Leaving something out is
no contradiction; naming another street, number, unit, place or code is. Spaces, case, punctuation, St and Street, Unit
and Apt, Lu and Road make no difference, nor does a slip in a name; one in a number does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from qaplatform.audit.english_places import COUNTRIES, OLD_NAMES, STATES

_MARKS = str.maketrans("，。：；！？（）’‘＃\u3000\xa0–—", ",.:;!?()''#  --")
_TYPES = {
    "street": "st str jie", "road": "rd lu", "avenue": "ave av dadao dao", "lane": "ln xiang", "drive": "dr drv", "court": "ct",
    "place": "pl", "way": "wy", "close": "cl", "crescent": "cres cr", "terrace": "tce ter", "parade": "pde", "highway": "hwy",
    "boulevard": "blvd", "parkway": "pkwy", "square": "sq", "circle": "cir", "trail": "trl", "grove": "gr gro",
    "gardens": "gdns garden", "circuit": "cct", "row": "", "walk": "", "hill": "", "mews": "", "quay": "", "esplanade": "esp",
    "pike": "", "loop": "", "marg": "", "nagar": "", "rise": "", "view": "", "broadway": "", "expressway": "expy",
}  # fmt: skip
_TYPE = {short: full for full, shorts in _TYPES.items() for short in (full, *shorts.split())}
_UNITS = {
    "unit": "unit apt apartment flat suite ste room rm shop office #", "building": "building bldg block blk tower",
    "floor": "floor level lvl fl", "shed": "shed", "dock": "dock", "bay": "bay", "lot": "lot", "warehouse": "warehouse whse",
    "gate": "gate", "hangar": "hangar",
}  # fmt: skip
_UNIT_KIND = {word: kind for kind, words in _UNITS.items() for word in words.split()}
_TOWARD = {"n": "north", "s": "south", "e": "east", "w": "west", "bei": "north", "nan": "south", "dong": "east", "xi": "west",
           "zhong": "middle", "central": "middle", "saint": "st", "mt": "mount"}  # fmt: skip


def _any(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


_STREET = re.compile(
    rf"(?:\bno\.? *)?(?<![\w-])(?P<number>[0-9]{{1,5}}[a-z]?(?: ?[-/] ?[0-9]{{1,5}}[a-z]?)?),? +(?P<name>(?:[a-z0-9'.-]+ +){{1,4}}?)"
    rf"(?P<type>{_any(_TYPE)})\b(?!')(?:\.(?= ?,))?(?: (?P<toward>north|south|east|west|[nsew])\b(?![.']))?"
)
_TURNED = re.compile(
    rf"(?P<name>(?:[a-z'-]+ +){{1,4}})(?P<type>{_any(_TYPE)})\b,? no\.? ?(?P<number>[0-9]{{1,5}}[a-z]?)\b"
)
_SHAPES = (_STREET, _TURNED)
_UNIT = re.compile(
    rf"(?<![a-z])(?P<kind>{_any(_UNIT_KIND)})\.? ?(?:no\.? ?)?(?P<id>[0-9]{{1,5}}[a-z]?|[a-z])(?![a-z0-9'])"
    r"|\b(?P<floor>[0-9]{1,2})(?:(?:st|nd|rd|th) (?:floor|level)|/f\b|f\b)"
)
_OWN_NUMBER = re.compile(rf"(?<![a-z])(?:{_any(_UNIT_KIND)})\.? ?(?:no\.? ?)?$")
"""What stands before a number that is a unit's and no house's."""
_UNIT_CHARS = 24
"""Such words are no longer."""
_COMMON_TYPES = frozenset(
    [
        "close",
        "court",
        "drive",
        "place",
        "way",
        "row",
        "walk",
        "hill",
        "view",
        "rise",
        "loop",
        "trail",
        "square",
        "circle",
        "pike",
        "quay",
    ]
)
"""Words that seldom mean a street; where they do, the line ends, or a code follows."""
_BOX = re.compile(r"\b(?:p\.? ?o\.? ?box|gpo box|post office box|(?:locked|private) bag) ?(?:no\.? ?)?([0-9]{1,6})\b")
_CODE = re.compile(
    r"\b(?:[a-z]{1,2}[0-9][a-z0-9]? ?[0-9][a-z]{2}|[a-z][0-9][a-z] ?[0-9][a-z][0-9]|[0-9]{5}-[0-9]{4}|[0-9]{3} [0-9]{3}|[0-9]{4,6})\b"
)
_STATE = re.compile(rf"\b({_any(name for name in STATES if len(name) > 3)})\b")
_SHORT_STATE = re.compile(rf"\b({_any(name for name in STATES if len(name) <= 3)})\.?,? ?(?=[0-9]{{4,6}}\b|$)")
_COUNTRY = re.compile(rf"\b(?:{_any(COUNTRIES)})\b")
_ESTATE = re.compile(
    r"^((?:[a-z'&-]+ ){1,3})(?:(?:business|trade|industrial|retail|trading|science|technology|logistics) )?"
    r"(?:park|estate|house|centre|center|yard|mall|plaza|wharf|mill|works|point|hub|village)$"
)
_END = re.compile(r"(?<!\bno)(?<!\bst)(?<!\brd)(?<!\bave)(?<!\bbox)(?<!\bapt)(?<!\bste)[.!?](?=\s|$)|:|\(|\)| - ")
_PLAIN = re.compile(
    r"\b(?:the|to|of|in|for|and|or|your|our|my|an?|is|it|its|you|u|we|i|please|pls|per|by|at|on|off|with|from|this|that|them|these|was|be|"
    r"days?|hours?|minutes?|mins?|weeks?|months?|years?|items?|pairs?|pieces?|working|inch(?:es)?|cm|mm|kg|percent|x|just|write|mark|attn|"
    r"attention|label|thanks|thank|thx|ta|cheers|mate|dear|hun|love|ok|okay|then|make|put|add|include|pop|quote|use|within|before|as|so|"
    r"once|no|not|but|if|when|there|here|now|free|prepaid|order|number|ref|rma|parcel|postage|sir|madam|mam|boss|friend|hope|any|all|"
    r"will|can|do|insured|tracked|signed|delivery|care|tel|phone|mobile|email|contact|name|dept|department|instead|again|still|same|"
    r"address|keep|send|post|ship|mail|drop|let|want|after|also|only|he|she|they|his|her|works|home|quicker|easier|right|correct|yes|"
    r"yeah|yep|comes|goes|go|got|good|great|have|has|are|am|new|old|last|next)\b"
)  # fmt: skip
_LOOSE = frozenset(
    [
        "district",
        "county",
        "town",
        "township",
        "province",
        "city",
        "village",
        "sub-district",
        "subdistrict",
        "road",
        "street",
        "area",
        "prefecture",
        "qu",
        "shi",
        "sheng",
        "xian",
        "zhen",
        "near",
        "opp",
        "opposite",
        "behind",
        "returns",
        "return",
        "service",
        "services",
        "repair",
        "repairs",
        "customer",
        "distribution",
        "fulfilment",
        "fulfillment",
    ]
)
_DIRECTIONS = frozenset(_TOWARD.values()) - {"st", "mount"}
_LEAST_LIKE_RATIO = 0.82
"""So alike are a name and the same with a slip in it."""


@dataclass(frozen=True)
class EnglishAddress:
    """What a stretch of a text says of a place; names are in small letters, kinds and types in their long form."""

    start: int
    end: int
    streets: tuple[tuple[str, str, str], ...] = ()
    """(number, name, type)."""
    boxes: tuple[str, ...] = ()
    units: tuple[tuple[str, str], ...] = ()
    """(kind, its number or letter)."""
    estates: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    """Towns, districts, counties between the street and the code."""
    state: str = ""
    code: str = ""
    words: frozenset[str] = frozenset()


def _plain(text: str) -> str:
    """The text in small letters with ASCII marks, character for character."""
    lower = "".join(small if len(small := char.lower()) == 1 else char for char in text)
    return re.sub(r"[\r\n;\t]", ",", lower.translate(_MARKS))


@lru_cache(maxsize=2048)
def find_english(text: str) -> tuple[EnglishAddress, ...]:
    """The addresses in a text, in order."""
    plain = _plain(text)
    anchors = _anchors(plain)
    out: list[EnglishAddress] = []
    for index, (start, end) in enumerate(anchors):
        least = out[-1].end if out else 0
        most = anchors[index + 1][0] if index + 1 < len(anchors) else len(plain)
        out.append(_read(plain, start, end, least, most))
    return tuple(out)


def parse_english(text: str) -> EnglishAddress | None:
    """The address that a text is."""
    plain = _plain(text)
    anchors = _anchors(plain)
    return _read(plain, *anchors[0], 0, len(plain), whole=True) if anchors else None


def _anchors(plain: str) -> list[tuple[int, int]]:
    """What an address is known by: streets and post boxes, else a unit that a code of letters and digits follows."""
    found = sorted([*_streets(plain), *((box.start(), box.end()) for box in _BOX.finditer(plain))])
    if found:
        return found
    return [
        (unit.start(), unit.end())
        for unit in list(_UNIT.finditer(plain))[:1]
        if any(re.search("[a-z]", code[0]) for code in _CODE.finditer(plain, unit.end()))
    ]


def _streets(plain: str) -> Iterator[tuple[int, int]]:
    ahead = [shape.search(plain) for shape in _SHAPES]
    while match := _earliest(ahead):
        is_street = _is_street(plain, match)
        if is_street:
            yield match.start(), match.end()
        at = match.end() if is_street else match.start() + 1
        # What lies further on is still found there: nothing is searched twice.
        ahead = [
            shape.search(plain, at) if one and one.start() < at else one
            for shape, one in zip(_SHAPES, ahead, strict=True)
        ]


def _is_street(plain: str, match: re.Match[str]) -> bool:
    if _PLAIN.search(match["name"]) or match["name"].split()[0].isdigit():
        return False
    if _OWN_NUMBER.search(plain, max(match.start("number") - _UNIT_CHARS, 0), match.start("number")):
        return False
    rest = plain[match.end() :]
    return _TYPE[match["type"]] not in _COMMON_TYPES or not rest.lstrip(" ")[:1].isalpha() or bool(_CODE.search(rest))


def _earliest(found: Iterable[re.Match[str] | None]) -> re.Match[str] | None:
    return min((one for one in found if one), key=lambda one: one.start(), default=None)


def _read(plain: str, start: int, end: int, least: int, most: int, *, whole: bool = False) -> EnglishAddress:
    """The address about an anchor, between two places of the text."""
    ends = [match.end() for match in _END.finditer(plain, least, start)]
    left = 0 if whole else max([least, *ends])
    stop = None if whole else _END.search(plain, end, most)
    right = len(plain) if whole else min(most, stop.start() if stop else most)
    before, after = plain[left:start], plain[end:right]
    codes = list(_CODE.finditer(after))
    code = codes[-1] if whole and codes else (codes[0] if codes else None)
    reach = code.end() if code else _reach(after)
    tail = after[:reach]
    told = plain[start:end]
    street = _earliest(shape.search(told) for shape in _SHAPES)
    streets, units = [], []
    if street is not None:
        number = re.sub(r"\s", "", street["number"])
        if "/" in number:
            unit, number = number.split("/", 1)
            units.append(("unit", unit))
        streets.append((number, _name(street), _TYPE[street["type"]]))
    segments = [piece.strip(" .'") for piece in before.split(",")]
    for piece in (before, "" if street else told, tail[: code.start()] if code else tail):
        units += [_unit(match) for match in _UNIT.finditer(piece)]
    outside = _UNIT.sub(" ", tail[: code.start()] if code else tail)
    state = _state(tail)
    return EnglishAddress(
        left + len(before) - len(_begun(before)),
        end + reach,
        tuple(streets),
        tuple(match[1] for match in _BOX.finditer(told)),
        tuple(units),
        tuple(estate for piece in (*segments, *map(str.strip, outside.split(","))) if (estate := _estate(piece))),
        tuple(_places(outside, closed=bool(code or state))),
        state,
        re.sub(r"\s|-[0-9]{4}$", "", code[0]) if code else "",
        frozenset(re.findall(r"[a-z']+", plain[left:right] if whole else before + tail)),
    )


def _begun(before: str) -> str:
    """The end of what stands before a street that belongs to it: units and estates."""
    pieces = before.split(",")
    kept = len(pieces) - 1
    while kept and not _PLAIN.search(_UNIT.sub(" ", pieces[kept - 1])) and len(pieces[kept - 1].split()) < 6:
        kept -= 1
    first = pieces[kept:]
    if kept and (match := list(_UNIT.finditer(pieces[kept - 1]))):
        first = [pieces[kept - 1][match[0].start() :], *first]
    return ",".join(first).lstrip()


def _reach(after: str) -> int:
    """How far the words after a street are names of places, where no code ends them."""
    at, size = 0, 0
    for number, piece in enumerate(after.split(",")):
        plain = _PLAIN.search(piece)
        words = piece[: plain.start()] if plain else piece
        if (number and (not words.strip() or len(words.split()) > 4)) or (not number and words.strip(" .") and plain):
            break
        size = at + len(words.rstrip())
        if plain:
            break
        at += len(piece) + 1
    return size


def _name(street: re.Match[str]) -> str:
    toward = street.groupdict().get("toward")
    words = re.findall(r"[a-z0-9]+", street["name"].replace("'", "")) + ([toward] if toward else [])
    return " ".join(
        sorted({_TOWARD.get(word, word): None for word in words}, key=lambda word: word in _TOWARD.values())
    )


def _unit(match: re.Match[str]) -> tuple[str, str]:
    if match["floor"]:
        return "floor", match["floor"].lstrip("0")
    return _UNIT_KIND[match["kind"]], match["id"].lstrip("0")


def _state(tail: str) -> str:
    match = _SHORT_STATE.search(tail) or _STATE.search(tail)
    return STATES[match[1]] if match else ""


def _estate(piece: str) -> str:
    match = _ESTATE.match(piece)
    if match is None or _PLAIN.search(match[1]):
        return ""
    return " ".join(word for word in match[1].split() if word not in _LOOSE)


def _places(outside: str, *, closed: bool) -> Iterator[str]:
    """Names of places after a street; where neither state nor code ends them, only the first can be told from other words."""
    bare = _COUNTRY.sub(" ", _SHORT_STATE.sub(" ", _STATE.sub(" ", outside)))
    names = []
    for piece in bare.split(","):
        words = [word for word in re.findall(r"[a-z']{2,}", piece) if word not in _LOOSE]
        if words and len(words) <= 4 and not _PLAIN.search(piece) and not re.search("[0-9]", piece):
            names.append(" ".join(words))
    yield from names if closed else names[:1]


def _alike(one: str, other: str) -> bool:
    one, other = OLD_NAMES.get(one, one), OLD_NAMES.get(other, other)
    if one.replace(" ", "") == other.replace(" ", ""):
        return True
    return min(len(one), len(other)) > 4 and SequenceMatcher(None, one, other).ratio() >= _LEAST_LIKE_RATIO


def _same_name(given: str, right: str) -> bool:
    """Whether a street is meant by another's name; West may be left out, and not put in or changed."""
    if (_DIRECTIONS & set(given.split())) - set(right.split()):
        return False
    bare = [" ".join(word for word in name.split() if word not in _DIRECTIONS) for name in (given, right)]
    return _alike(*bare)


def _known(name: str, right: EnglishAddress) -> bool:
    return any(_alike(word, other) for word in name.split() for other in right.words)


def english_contradicts(given: EnglishAddress, right: EnglishAddress) -> bool:
    """Whether ``given`` names a street, number, unit, estate, place, state or code that is another than that of ``right``."""
    for number, name, kind in given.streets:
        if not any(
            _same_number(number, one[0]) and _same_name(name, one[1]) and kind == one[2] for one in right.streets
        ):
            return True
    if any(box not in right.boxes for box in given.boxes) or any(unit not in right.units for unit in given.units):
        return True
    if (given.code and right.code and given.code != right.code) or (
        given.state and right.state and given.state != right.state
    ):
        return True
    if right.places and not all(_known(place, right) for place in given.places):
        return True
    return bool(right.estates) and not all(_known(estate, right) for estate in given.estates if estate)


def _same_number(one: str, other: str) -> bool:
    return one == other or one in other.split("-")
