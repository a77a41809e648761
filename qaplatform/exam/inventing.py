"""Replacing what is real in a chat by invented variants: names, addresses, telephone, order and tracking numbers, amounts, days.

Masking finds personal data (:mod:`qaplatform.audit.masking`); what it leaves to the shop's people or holds for harmless
goes here, too: surnames with a title, amounts, dates, times of day, model numbers, every number of three digits or more. The
same value is the same ``{slot}`` throughout, and every slot is filled with values that the chat does not hold.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache

import msgspec

from qaplatform.audit.masking import WORDS, mask_all
from qaplatform.audit.personal_words import COMMON_SURNAMES
from qaplatform.audit.places import CITIES, PROVINCES
from qaplatform.audit.problem import Report
from qaplatform.audit.yaml_source import compose
from qaplatform.audit.yaml_structs import read_struct
from qaplatform.audit.yaml_values import Values
from qaplatform.exam.wording import stable_number
from qaplatform.resources import shipped_file

_TITLES = "先生|女士|小姐|太太|阿姨|大姐|大哥|大妈|大叔|师傅|经理|主管|店长|老师|总"
_HAN_DIGITS = "零〇一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖"
_GAP = r"[\s\-–—_.·,，/]"
_ADDRESS_END = re.compile(
    rf"(\{{address(?:_[a-z])?\}})[\s,，]?[\d{_HAN_DIGITS}十百]{{2,}}(?:号楼|号|栋|室|户|房|楼|层)?"
)
"""The number of a flat that masking leaves behind an address."""
_URL = re.compile(
    r"(?:https?://|www\.)\S+|(?<![@\w.-])[a-z0-9-]+\.(?:com|cn|net|org|top|vip|shop)(?:/\S*)?", re.IGNORECASE
)
_MASKED = re.compile("\\[(" + "|".join(sorted(WORDS["zh"].values())) + r")([0-9]{1,6})\]")
_KIND_OF = {word: kind for kind, word in WORDS["zh"].items()}
_SLOT_OF: Mapping[str, str] = {
    "phone": "phone", "landline": "landline", "id_card": "id_card", "bank_card": "bank_card", "email": "email",
    "address": "address", "name": "name", "wechat": "wechat", "qq": "qq", "plate": "plate", "order": "order",
    "tracking": "tracking",
}  # fmt: skip
_DAY = re.compile(
    r"(?<!\d)(?:\d{4}\s*[年/.\-]\s*)?(\d{1,2})\s*[月/]\s*(\d{1,2})\s*(?:日|号|(?!\d))"
    r"|(?<!\d)\d{4}\s*-\s*(\d{1,2})\s*-\s*(\d{1,2})(?!\d)"
)
_HAN_DAY = re.compile("[一二三四五六七八九十]{1,2}月(?:[一二三四五六七八九十廿卅]{1,3})(?:日|号)")
_TIME = re.compile(r"(?<!\d)\d{1,2}\s*[:：]\s*\d{2}(?:\s*[:：]\s*\d{2})?(?!\d)")
_AMOUNT = re.compile(
    r"(?<=[¥￥$])\s*\d+(?:,\d{3})*(?:\.\d+)?|\d+(?:,\d{3})*(?:\.\d+)?(?=\s*(?:元|块|圆|rmb|RMB|yuan|dollars|usd|USD))"
)
_HAN_AMOUNT = re.compile(rf"[{_HAN_DIGITS}十百千万拾佰仟]{{2,}}(?=多?\s*(?:元|块|圆))")
_CODE = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z0-9_-]*[A-Za-z])(?:[A-Za-z_-]*\d){3,}[A-Za-z0-9_-]*(?![A-Za-z0-9])")
_NUMBER = re.compile(rf"[\d{_HAN_DIGITS}](?:{_GAP}{{0,3}}[\d{_HAN_DIGITS}]){{3,}}|\d{{3,}}(?:\.\d+)?")
_TITLED = re.compile(rf"([{COMMON_SURNAMES}])(?=某?(?:{_TITLES})(?!是|会|共|说不))")
_TOWNS = "|".join(sorted((CITIES | PROVINCES) - {"白银", "东方", "大同"}, key=len, reverse=True))
_CITY = re.compile(
    rf"(?:(?<=[在到发寄往去从回住是])(?:{_TOWNS})|(?:{_TOWNS})(?=省|市|的|这边|那边|人|仓|站|发|$|[^\u3400-\u9fff]))"
)
"""A town by its name, where it is one by what stands beside it."""
_CALLED = re.compile(
    rf"(?<=[小老阿])([{COMMON_SURNAMES}])(?=$|[^\u3400-\u9fff]|说|给|跟|告诉|客服|那边|联系|让|回|同学|昨|今|上次|也|就)"
)
_NOT_CALLED = frozenset("包白黄马米时方花龙熊牛石路车毛江文")
"""小包 and 老方 are things more often than people."""
_FEWEST_KNOWN = 2
_LEAST_RUN = 3


class InventedWords(msgspec.Struct, frozen=True):
    """``packs/invented.yaml``."""

    shop: tuple[str, ...]
    surname: tuple[str, ...]
    name: tuple[str, ...]
    address: tuple[str, ...]
    city: tuple[str, ...]
    email: tuple[str, ...]
    wechat: tuple[str, ...]
    plate: tuple[str, ...]
    persona: tuple[str, ...]
    english_city: tuple[str, ...]
    english_name: tuple[str, ...]
    english_address: tuple[str, ...]
    english_shop: tuple[str, ...]
    english_persona: tuple[str, ...]


@lru_cache(maxsize=1)
def invented_words() -> InventedWords:
    """The lists that ship."""
    report = Report()
    root = compose("invented.yaml", shipped_file("packs", "invented.yaml").read_text(encoding="utf-8"), report)
    words = read_struct(Values(report), root, InventedWords, "the invented words")
    if words is None:
        raise ValueError("\n".join(map(str, report.problems)))
    return words


def plain(text: str) -> str:
    """A text without invisible characters, with digits and Latin letters of half width, and nothing that a slot could be."""
    out = []
    for char in text:
        digit = unicodedata.digit(char, None)
        if digit is not None:
            out.append(str(digit))
        elif unicodedata.category(char) in ("Cf", "Cc") and char not in "\n\t":
            continue
        elif "\uff21" <= char <= "\uff5a":
            out.append(unicodedata.normalize("NFKC", char))
        else:
            out.append({"{": "（", "}": "）", "\n": " ", "\t": " "}.get(char, char))
    return "".join(out).strip()


class Inventor:
    """Replaces what is real in the texts of one chat; the slots it gave out are filled by :meth:`variants`."""

    def __init__(
        self,
        texts: Sequence[str],
        *,
        known_names: Collection[str] = (),
        shop_names: Collection[str] = (),
        day: date | None = None,
        language: str = "zh",
        seed: int = 1,
    ) -> None:
        """``texts`` is everything that was said, in order; ``day`` when it was, so that days keep their distance."""
        words = invented_words()
        self._language, self._seed = language, seed
        self._lists: Mapping[str, Sequence[str]] = {
            "surname": words.surname,
            "name": words.name if language == "zh" else words.english_name,
            "address": words.address if language == "zh" else words.english_address,
            "city": words.city if language == "zh" else words.english_city,
            "email": words.email,
            "wechat": words.wechat,
            "plate": words.plate,
        }
        originals = [plain(text) for text in texts]
        self._whole = "\n".join(originals)
        self._digits = frozenset(re.findall(r"\d{3,}", re.sub(rf"(?<=\d){_GAP}+(?=\d)", "", self._whole)))
        self.shop = self._unheard(words.shop if language == "zh" else words.english_shop, "shop")
        self.persona = self._unheard(words.persona if language == "zh" else words.english_persona, "persona")
        self.day = self._day(day)
        self._shift = self.day - (day or self.day - timedelta(days=61))
        self._given: dict[tuple[str, str], str] = {}
        names = sorted({plain(one) for one in known_names if len(plain(one)) >= _FEWEST_KNOWN}, key=len, reverse=True)
        shops = sorted({plain(one) for one in shop_names if len(plain(one)) >= _FEWEST_KNOWN}, key=len, reverse=True)
        # A link holds ids that only look like words, and a shop's own name is none of a person.
        cleared = [_URL.sub("（链接）" if language == "zh" else "(link)", one) for one in originals]
        for shop in shops:
            cleared = [re.sub(re.escape(shop), self.shop, one, flags=re.IGNORECASE) for one in cleared]
        masked = [one.text for one in mask_all(cleared, known_names=names)]
        self.texts: tuple[str, ...] = tuple(map(self._without, masked))
        """Every text with slots for what was real."""

    def variants(self) -> list[dict[str, str]]:
        """Two fillings of the slots, none where there is no slot."""
        if not self._given:
            return []
        return [
            {slot: self._filling(kind, value, slot, number) for (kind, value), slot in self._given.items()}
            for number in range(2)
        ]

    def slot(self, kind: str, value: str = "") -> str:
        """The slot of a value, in braces; the same one for the same value."""
        key = kind, value
        if key not in self._given:
            number = sum(given == kind for given, _ in self._given)
            self._given[key] = kind + ("" if number == 0 else "_" + _letters(number))
        return "{" + self._given[key] + "}"

    def has(self, kind: str) -> bool:
        """Whether a slot of this kind was given out."""
        return any(given == kind for given, _ in self._given)

    def _without(self, text: str) -> str:
        out = _MASKED.sub(lambda found: self.slot(_SLOT_OF[_KIND_OF[found[1]]], found[2]), text)
        out = _ADDRESS_END.sub(r"\1", out)
        patterns: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
            (_HAN_DAY, lambda found: self.slot("day", found[0])),
            (_DAY, self._a_day),
            (_TIME, lambda found: self.slot("time", re.sub(r"\s", "", found[0]))),
            (_AMOUNT, lambda found: self.slot("amount", found[0].strip().replace(",", ""))),
            (_HAN_AMOUNT, lambda found: self.slot("amount", found[0])),
            (_CODE, lambda found: self.slot("code", found[0])),
            (_NUMBER, lambda found: self.slot("number", re.sub(_GAP, "", found[0]))),
            (_CITY, lambda found: self.slot("city", found[0])),
            (_TITLED, lambda found: self.slot("surname", found[1])),
            (_CALLED, lambda found: found[0] if found[1] in _NOT_CALLED else self.slot("surname", found[1])),
        )
        for pattern, replace in patterns:
            pieces = re.split(r"(\{[a-z_]+\})", out)
            out = "".join(one if number % 2 else pattern.sub(replace, one) for number, one in enumerate(pieces))
        return out

    def _a_day(self, found: re.Match[str]) -> str:
        month, day = (int(one) for one in found.groups() if one is not None)
        if not (1 <= month <= 12 and 1 <= day <= 31):
            return self.slot("number", found[0])
        return self.slot("day", f"{month:02d}-{day:02d}")

    def _day(self, day: date | None) -> date:
        """The invented day of the dialogue, in another month than the chat's and than any it names."""
        named = {int(one) for one in re.findall(r"(?<!\d)(\d{1,2})\s*月", self._whole)} | (
            {day.month} if day else set()
        )
        months = [month for month in (3, 6, 9, 10, 4, 1, 7, 12, 2, 5, 8, 11) if month not in named] or [3]
        year = 2027 if "2026" in self._whole or (day and day.year == 2026) else 2026
        return date(year, months[stable_number(self._seed, "month") % min(3, len(months))], 17)

    def _unheard(self, ways: Sequence[str], key: str, number: int = 0) -> str:
        """One of some invented things that the chat does not hold."""
        start = stable_number(self._seed, key) + number
        order = [ways[(start + step) % len(ways)] for step in range(len(ways))]
        return next((one for one in order if one not in self._whole), order[0])

    def _filling(self, kind: str, value: str, slot: str, number: int) -> str:
        if kind in self._lists:
            place = [given for (other, _), given in self._given.items() if other == kind].index(slot)
            return self._unheard(self._lists[kind], kind, number + 2 * place)
        if kind == "day":
            return self._shifted(value, number)
        if kind == "time":
            hour, minute = (stable_number(self._seed, slot, str(number)) % most for most in (10, 50))
            return f"{hour + 9}:{minute + 10}"
        for attempt in range(100):
            made = self._number(kind, value, f"{slot}:{number}:{attempt}")
            if re.sub(r"\D", "", made) not in self._digits and made not in self._whole:
                return made
        return made

    def _shifted(self, value: str, number: int) -> str:
        try:
            month, day = map(int, value.split("-"))
            real = date(self.day.year, month, day)
        except ValueError:
            real = self.day - self._shift - timedelta(days=1 + stable_number(self._seed, value) % 6)
        # Over the turn of the year the distance is that of the same days a year apart.
        moved = self.day + (real - (self.day - self._shift).replace(year=self.day.year)) - timedelta(days=number)
        return f"{moved.month}月{moved.day}日" if self._language == "zh" else f"{moved:%B} {moved.day}"

    def _number(self, kind: str, value: str, key: str) -> str:
        drawn = stable_number(self._seed, kind, key)
        figures = "".join(str(stable_number(self._seed, kind, key, str(place)) % 10) for place in range(20))
        if kind == "amount":
            return _amount(value, drawn)
        if kind in ("phone", "landline", "qq", "id_card", "bank_card"):
            sizes = {"phone": 11, "landline": 8, "qq": 9, "id_card": 18, "bank_card": 16}
            lead = {"phone": "1990000", "landline": "0000", "id_card": "000000190001"}.get(kind, "00")
            return (lead + figures)[: sizes[kind]]
        if kind == "order":
            return f"26{self.day.month:02d}{self.day.day:02d}00{figures[:5]}"
        if kind == "tracking":
            return f"XM00{figures[:8]}"
        if kind == "code":
            letters = re.match("[A-Za-z]*", value)
            return f"{'XM' if letters and letters[0] else ''}{figures[:3]}"
        return ("1" + figures)[: max(_LEAST_RUN, len(re.sub(r"\D", "", value)))]


def _amount(value: str, drawn: int) -> str:
    """Another amount of about the same size."""
    try:
        real = float(value)
    except ValueError:
        real = 100.0
    changed = max(1.0, real * (1.15 + drawn % 40 / 100))
    return f"{round(changed) + (1 if round(changed) == round(real) else 0)}"


def _letters(number: int) -> str:
    """1 → b, 2 → c …: slots are named by letters."""
    out = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        out = chr(ord("a") + rest) + out
    return out
