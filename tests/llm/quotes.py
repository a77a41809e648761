"""Quotes as models give them: true ones with small slips, and false ones of many kinds, from the shipped samples."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import msgspec

from qaplatform.audit.conversation import Conversation
from qaplatform.audit.masking import mask_all
from qaplatform.audit.normalise import fold_tight, sounds
from qaplatform.llm.slips import NEGATIONS, is_word
from qaplatform.llm.transcript import Said, said_of
from qaplatform.resources import shipped_file

CLAUSE_END = re.compile(r"[，。！？；,!?;~～]+|(?<![A-Za-z0-9:’'])\s+(?![A-Za-z0-9'])|(?<!\d)\.|\.(?!\d)")
NUMERALS = "零〇一二三四五六七八九十百千万两半几吗嘛么"


class Quoted(msgspec.Struct, frozen=True):
    """A quote, the message it is said to stand in, and the conversation."""

    text: str
    number: int
    speaker: str
    said: tuple[Said, ...]
    kind: str


@lru_cache(maxsize=1)
def chats() -> tuple[tuple[str, tuple[Said, ...]], ...]:
    """Conversations of the samples, masked, each with the dialogue it varies."""
    lines = Path(shipped_file("samples", "conversations.jsonl")).read_bytes().splitlines()
    read = [msgspec.json.decode(line, type=Conversation) for line in lines]
    return tuple(
        (
            str(one.meta.get("varies", one.id)),
            tuple(said_of(one.messages, [masked.text for masked in mask_all([m.text for m in one.messages])])),
        )
        for one in read
    )


def spoken(said: tuple[Said, ...]) -> list[Said]:
    return [one for one in said if one.role in ("agent", "customer") and not one.auto and one.text]


def clauses(text: str, fewest: int) -> list[str]:
    """Passages from one pause to another that a model may quote."""
    ends = [0, *(match.end() for match in CLAUSE_END.finditer(text)), len(text)]
    found = []
    for begin in range(len(ends) - 1):
        for end in range(begin + 1, min(begin + 4, len(ends))):
            piece = text[ends[begin] : ends[end]].strip()
            if len(fold_tight(piece)) >= fewest:
                found.append(piece)
                break
    return found


def _quotable(rng: random.Random, fewest: int) -> tuple[Said, str, tuple[Said, ...]]:
    while True:
        _, said = rng.choice(chats())
        message = rng.choice(spoken(said) or [None])
        if message is None:
            continue
        found = clauses(message.text, fewest)
        if found:
            return message, rng.choice(found), said


# --- slips -------------------------------------------------------------------------------------------


def _places(text: str, wanted: Callable[[str], bool]) -> list[int]:
    return [at for at, char in enumerate(text) if wanted(char)]


def _denies(word: str) -> bool:
    return "n't" in word or word.lower() in ("never", "nothing", "without", "cannot", "unable")


def _slipped_char(text: str, rng: random.Random, new: Callable[[str], str]) -> str | None:
    """One letter, no figure and no negation, replaced (or left out)."""
    places = _places(text, lambda char: char.isalpha() and char not in NEGATIONS and char not in NUMERALS)
    latin = re.compile(r"[a-zA-Z']+")
    short = {
        at for match in latin.finditer(text) if len(match[0]) < 5 or _denies(match[0]) for at in range(*match.span())
    }
    masked = {at for match in re.finditer(r"\[[^\]]+\]", text) for at in range(*match.span())}
    figures = {at for match in re.finditer(r"[A-Za-z]*\d[A-Za-z0-9]*", text) for at in range(*match.span())}
    denied = {at for at in range(1, len(text)) if text[at - 1] in NEGATIONS}
    places = [at for at in places if at not in short | masked | figures | denied]
    if not places:
        return None
    at = rng.choice(places)
    return text[:at] + new(text[at]) + text[at + 1 :]


def _punctuation(text: str, rng: random.Random) -> str:
    marks = _places(text, lambda char: char in "，。！？；：、,!?;")
    marks = [at for at in marks if not (0 < at < len(text) - 1 and text[at - 1].isdigit() and text[at + 1].isdigit())]
    if not marks:
        return text + rng.choice("。.!")
    at = rng.choice(marks)
    return text[:at] + rng.choice(["", ",", "。", " ", "，", "!"]) + text[at + 1 :]


def _width(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


def _spaced(text: str, rng: random.Random) -> str:
    places = [at for at in range(1, len(text)) if not (text[at - 1].isascii() and text[at].isascii())]
    if not places:
        return text.replace(" ", "  ")
    at = rng.choice(places)
    return text[:at] + " " + text[at:]


def _homophone(char: str, rng: random.Random) -> str:
    alike = [one for one in _by_sound().get(sounds([char])[0], []) if one != char]
    return rng.choice(alike or _common())


@lru_cache(maxsize=1)
def _by_sound() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for char in _common():
        found.setdefault(sounds([char])[0], []).append(char)
    return found


@lru_cache(maxsize=1)
def _common() -> list[str]:
    """Chinese characters people write in the samples, no figures and no negations."""
    every = {char for _, said in chats() for one in said for char in one.text if "\u4e00" <= char <= "\u9fff"}
    return sorted(every - NEGATIONS - set(NUMERALS))


def _wrong(char: str, rng: random.Random) -> str:
    return rng.choice("bcdfghjkmnpqrstvwxz") if char.isascii() else rng.choice(_common())


SLIPS: dict[str, Callable[[str, Said, random.Random], str | None]] = {
    "as it is": lambda text, _, __: text,
    "punctuation": lambda text, _, rng: _punctuation(text, rng),
    "width": lambda text, _, __: _width(text),
    "space": lambda text, _, rng: _spaced(text, rng),
    "case": lambda text, _, __: text.upper(),
    "quotation marks": lambda text, _, rng: rng.choice(["“{}”", '"{}"', "「{}」", "‘{}’", "《{}》"]).format(text),
    "speaker": lambda text, _, rng: (
        rng.choice(["客服：", "客服 a03 10:20:31: ", "agent: ", "客户:", "Customer: "]) + text
    ),
    "number": lambda text, said, rng: (
        rng.choice(["[{}] ", "{}. ", "> {}: ", "【{}】客服：", "#{}: "]).format(said.number) + text
    ),
    "invisible": lambda text, _, rng: text[:2] + rng.choice("\u200b\u200d\ufeff\u2060") + text[2:],
    "wrong character": lambda text, _, rng: _slipped_char(text, rng, lambda char: _wrong(char, rng)),
    "typing error": lambda text, _, rng: _slipped_char(
        text, rng, lambda char: _homophone(char, rng) if not char.isascii() else _wrong(char, rng)
    ),
    "missing character": lambda text, _, rng: _slipped_char(text, rng, lambda _: ""),
}


def slipped(kind: str, count: int, seed: int) -> Iterator[Quoted]:
    rng = random.Random(f"{seed} {kind}")
    fewest = 12 if kind in ("wrong character", "typing error", "missing character") else 4
    while count:
        message, piece, said = _quotable(rng, fewest)
        text = SLIPS[kind](piece, message, rng)
        if text is None:
            continue
        count -= 1
        yield Quoted(text, message.number, message.role, said, kind)


# --- false quotes ------------------------------------------------------------------------------------


def _changed_digit(text: str, rng: random.Random) -> str | None:
    masked = {at for match in re.finditer(r"\[[^\]]+\]", text) for at in range(*match.span())}
    places = [at for at in _places(text, str.isdigit) if at not in masked]
    places = places or _places(text, lambda char: char in "二三四五六七八九十两")
    if not places:
        return None
    at = rng.choice(places)
    figures = "0123456789" if text[at].isdigit() else "二三四五六七八九十两"
    return text[:at] + rng.choice([one for one in figures if one != text[at]]) + text[at + 1 :]


@lru_cache(maxsize=1)
def _all_words() -> list[str]:
    found = {
        one.text[at : at + 2]
        for _, said in chats()
        for one in said
        for at in range(len(one.text) - 1)
        if is_word(one.text[at], one.text[at + 1])
    }
    return sorted(found)


@lru_cache(maxsize=1)
def _english_words() -> list[str]:
    return sorted({word for _, said in chats() for one in said for word in re.findall(r"[a-z]{2,}", one.text)})


def _changed_word(text: str, rng: random.Random, *, sharing: bool) -> str | None:
    english = list(re.finditer(r"(?<![A-Za-z'])[a-z]{3,}(?![A-Za-z'])", text))
    if len(english) > 3 and not sharing:
        match = rng.choice(english)
        new = rng.choice([one for one in _english_words() if one[:3] != match[0][:3]])
        return text[: match.start()] + new + text[match.end() :]
    places = [at for at in range(len(text) - 1) if is_word(text[at], text[at + 1])]
    if not places:
        return None
    at = rng.choice(places)
    old = text[at : at + 2]
    near = [
        one
        for one in _all_words()
        if one.replace("你", "您") != old.replace("你", "您") and (one[0] == old[0]) != (one[1] == old[1])
    ]
    far = [one for one in _all_words() if not set(one) & set(old)]
    new = rng.choice(near if sharing and near else far)
    return None if sharing and not near else text[:at] + new + text[at + 2 :]


SWAPS = (
    "明天后天", "今天明天", "可以难以", "上午下午", "退款补款", "退货换货", "免费收费", "红色蓝色",
    "客服客户", "已经曾经", "左边右边", "大号小号", "买家卖家", "顺丰中通", "周一周三", "收到寄到",
    "包邮自费", "这款那款", "我们你们", "能退难退", "小时分钟", "同意拒绝",
)  # fmt: skip


def _turned(text: str, rng: random.Random) -> str | None:
    pairs = [(one[:2], one[2:]) for one in SWAPS] + [(one[2:], one[:2]) for one in SWAPS]
    usable = [pair for pair in pairs if pair[0] in text]
    return text.replace(*rng.choice(usable), 1) if usable else None


def _dropped_negation(text: str, rng: random.Random) -> str | None:
    idle = r"不好意思|不过|不仅|不但|特别|分别|区别|级别|别的|别人|差不多|对不起|无论|非常|除非|未来|不客气|不错|没事|没关系"
    spared = {at for match in re.finditer(idle, text) for at in range(*match.span())}
    lone = {match.start() for match in re.finditer(r"[不没无](?![\u4e00-\u9fff])", text)}
    spared |= {at for at in lone if not at or not "\u4e00" <= text[at - 1] <= "\u9fff"}
    places = [at for at in _places(text, lambda char: char in "不没未别无") if at not in spared]
    english = list(re.finditer(r" not\b|n't\b|\bno |\bnever ", text))
    if english:
        match = rng.choice(english)
        return text[: match.start()] + text[match.end() :]
    if not places:
        return None
    at = rng.choice(places)
    return text[:at] + text[at + 1 :]


def _added_negation(text: str, _: random.Random) -> str | None:
    match = re.search(r"可以|会|能|是|要|有|给|退|发", text)
    if match is None or (match.start() and text[match.start() - 1] in "不没"):
        return None
    return text[: match.start()] + ("没" if match[0] == "有" else "不") + text[match.start() :]


ALTERED: dict[str, Callable[[str, random.Random], str | None]] = {
    "changed digit": _changed_digit,
    "changed word": lambda text, rng: _changed_word(text, rng, sharing=False),
    "changed word, one character the same": lambda text, rng: _changed_word(text, rng, sharing=True),
    "turned word": _turned,
    "dropped negation": _dropped_negation,
    "added negation": _added_negation,
}


def _held(text: str, said: tuple[Said, ...]) -> bool:
    tight = fold_tight(text)
    return any(tight in fold_tight(one.text) for one in said)


def altered(kind: str, count: int, seed: int) -> Iterator[Quoted]:
    rng = random.Random(f"{seed} {kind}")
    while count:
        message, piece, said = _quotable(rng, 6)
        text = ALTERED[kind](piece, rng)
        if text is None or fold_tight(text) == fold_tight(piece):
            continue
        if kind not in ("dropped negation", "changed digit") and _held(text, said):
            continue  # What was made of it was said as well.
        if kind == "changed digit" and _held(text, said):
            continue
        count -= 1
        yield Quoted(text, message.number, message.role, said, kind)


def made_up(count: int, seed: int) -> Iterator[Quoted]:
    """What was said in another conversation, that of another story."""
    rng = random.Random(f"{seed} made up")
    while count:
        origin, said = rng.choice(chats())
        _, piece, other = _quotable(rng, 8)
        if next(one for one, chat in chats() if chat == other) == origin or not spoken(said) or _held(piece, said):
            continue
        target = rng.choice(spoken(said))
        count -= 1
        yield Quoted(piece, target.number, target.role, said, "made up")


def wrong_speaker(count: int, seed: int) -> Iterator[Quoted]:
    """What the other side said."""
    rng = random.Random(f"{seed} wrong speaker")
    while count:
        message, piece, said = _quotable(rng, 4)
        other = "customer" if message.role == "agent" else "agent"
        if _held(piece, tuple(one for one in said if one.role == other)):
            continue
        count -= 1
        yield Quoted(piece, message.number + rng.choice([0, 0, 1, -1]), other, said, "wrong speaker")


def wrong_message(count: int, seed: int) -> Iterator[Quoted]:
    """What stands in the conversation, but more than two messages away."""
    rng = random.Random(f"{seed} wrong message")
    while count:
        message, piece, said = _quotable(rng, 4)
        far = [one for one in spoken(said) if abs(one.number - message.number) > 2]
        if not far:
            continue
        target = rng.choice(far)
        near = tuple(one for one in said if abs(one.number - target.number) <= 2)
        if _held(piece, near):
            continue
        count -= 1
        yield Quoted(piece, target.number, message.role, said, "wrong message")
