"""A language model in the customer's part: what it is asked to word, and whether its words may be used.

The script decides what is said, fact by fact and question by question; a model only says the same in other words, one
message for each line. So goals, facts, moods and ends stay what they are, whoever plays. Everything a model wrote is
compared with the line it stands for, with what was said before and with what must not be known yet. Whatever does not
fit is a fault, and the script's own words are used.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal

import msgspec
from msgspec.structs import replace

from qaplatform.audit.personal_words import COMMON_SURNAMES
from qaplatform.audit.problem import Report
from qaplatform.audit.yaml_source import compose
from qaplatform.audit.yaml_structs import read_struct
from qaplatform.audit.yaml_values import Values
from qaplatform.exam.dialogue import Line, State
from qaplatform.exam.figures_said import days_said, numbers_said
from qaplatform.exam.scenario import Scenario
from qaplatform.exam.wording import filled, variant
from qaplatform.resources import shipped_file

Language = Literal["zh", "en"]
WordingFault = Literal[
    "garbage", "count", "empty", "too_long", "markup", "language", "system_talk", "other_side", "contact", "number", "day",
    "leak", "code", "name", "place", "quoted", "stakes", "meaning", "question", "lost",
]  # fmt: skip
_MOST_MORE_CHARS = 24
"""A message may be twice as long as its line, and so much."""
_KEEPS = 0.5
"""So much of what a line says must be in its message."""
_GRAM = {"zh": 4, "en": 14}
"""So many characters in a row of something untold are no chance."""
_MARKUP = re.compile(
    r"[\n\r\t`|<>{}\[\]【】#*_~\\]|^\s*(?:\d+[.、)]|[-•])\s|^\s*(?:客户|客服|顾客|买家|Customer|Agent)\s*[:：]"
)
_CONTACT = re.compile(r"https?:|www\.|[\w.]+@\w+|\.(?:com|cn|net|org)\b", re.IGNORECASE)
_FOREIGN = {
    "zh": re.compile("[\u3040-\u30ff\uac00-\ud7af\u0400-\u04ff\u0600-\u06ff\u0e00-\u0e7f]"),
    "en": re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0400-\u04ff\u0600-\u06ff\u0e00-\u0e7f]"),
}
_HAN = re.compile("[\u3400-\u9fff]")
_LATIN = re.compile("[a-z]")
_ALNUM = re.compile(r"[a-z0-9-]+")
_CODE = re.compile(r"(?<![a-z0-9])[a-z][a-z0-9-]*(?![a-z0-9])")
_HARMLESS = frozenset({"ok", "emm", "emmm", "hhh", "app"})
_QUOTED = re.compile(r"[「『《“\"‘]([^」』》”\"’]{2,})[」』》”\"’]")
_NAME = re.compile(
    rf"[{COMMON_SURNAMES}](?=先生|女士|小姐|太太|阿姨|师傅|经理|主管|店长)|小[{COMMON_SURNAMES}](?=[说给跟告你他她])"
)
_ENGLISH_NAME = re.compile(r"(?<![.!?\"“] )(?<!^)\b[A-Z][a-z]{2,}\b", re.MULTILINE)
_PLACE = re.compile(r"[\u3400-\u9fff]{2}(?:省|市区|自治区|县|镇|街道|路|弄|巷|小区|大厦|号楼|村|营业部|仓)(?!上|过|由)")
_EITHER = re.compile(r"(.)不\1")
_NOT = {
    "zh": re.compile("[不没别未无非]|拒绝"),
    "en": re.compile(r"\b(?:not|no|never|nothing|none|cannot|without)\b|n['’]t\b|\bcant\b|\bdont\b"),
}
_NOT_REALLY = re.compile("不过|不好意思|差不多|不然|没事|没关系|不用谢|无语|特别|别的|非常|不停|不断")
_ASKS = {
    "zh": re.compile(
        r"[?？]|吗|呢|么|吧$|什么|怎么|怎样|咋|啥|哪|谁|几|多久|多少|何时|(.)[不没]\1|是不是|有没有|行不行|赶不赶得"
    ),
    "en": re.compile(
        r"\?|\b(?:what|when|where|who|why|how|which)\b|\b(?:can|could|will|would|is|are|do|does) (?:you|i|it|we|they)\b"
    ),
}


class Told(msgspec.Struct, frozen=True):
    """A prompt's two parts."""

    system: str
    user: str


class CustomerWords(msgspec.Struct, frozen=True):
    """``packs/llm_customer.yaml``."""

    prompt: Mapping[Language, Told]
    roles: Mapping[Language, Mapping[str, str]]
    system_talk: Mapping[Language, tuple[str, ...]]
    other_side: Mapping[Language, tuple[str, ...]]
    stakes: Mapping[Language, tuple[str, ...]]
    empty: Mapping[Language, str]


@lru_cache(maxsize=1)
def customer_words() -> CustomerWords:
    """The words that ship."""
    report = Report()
    name = "llm_customer.yaml"
    root = compose(name, shipped_file("packs", name).read_text(encoding="utf-8"), report)
    words = read_struct(Values(report), root, CustomerWords, "the words around a model that plays a customer")
    if words is None:
        raise ValueError("\n".join(map(str, report.problems)))
    return words


class ToWord(msgspec.Struct, frozen=True):
    """Lines of the script that a model may say in other words, and all it may know for that."""

    lines: tuple[str, ...]
    before: tuple[Line, ...]
    """The dialogue so far."""
    mood: int
    language: Language
    name: str
    about: str
    voice: str
    untold: tuple[str, ...]
    """What the customer has not told yet."""
    known: str
    """Everything that was said or may be said now: the only source of figures, names and places."""


class _BadWordsError(Exception):
    """What is wrong with a message."""

    def __init__(self, fault: WordingFault) -> None:
        super().__init__(fault)
        self.fault: WordingFault = fault


def to_word(scenario: Scenario, state: State) -> ToWord | None:
    """What the customer is about to write; ``None`` where that is nothing but a picture, or nothing.

    Pictures are the script's: they are sent as they stand.
    """
    lines = tuple(one.text for one in state.coming if one.kind == "text")
    if not lines:
        return None
    slots = variant(scenario, state.seed)
    name = filled(scenario.persona.name, slots)
    untold = [
        filled(text, slots)
        for fact in scenario.facts
        if not state.has("fact", fact.id)
        for way in (*fact.says, *fact.refuses_to_tell)
        for text in ((way,) if isinstance(way, str) else way)
    ]
    said = [one.text for one in (*state.lines, *state.coming)]
    return ToWord(
        lines=lines,
        before=state.lines,
        mood=state.coming[0].mood,
        language=scenario.language,
        name=name,
        about=filled(scenario.persona.about.in_language(scenario.language), slots),
        voice=scenario.voice.title.in_language(scenario.language),
        untold=tuple(untold),
        known="\n".join((name, scenario.chat.shop, *said)),
    )


def prompt_of(wanted: ToWord, dialogue: str, fence: str) -> Told:
    """What a model is told; ``dialogue`` is the fenced transcript, which comes last so that nothing in it is filled in."""
    told = customer_words().prompt[wanted.language]
    lines = "\n".join(f"{number}. {text}" for number, text in enumerate(wanted.lines, 1))
    values = {
        "name": wanted.name, "about": wanted.about, "voice": wanted.voice, "mood": str(wanted.mood),
        "count": str(len(wanted.lines)), "lines": lines, "dialogue": dialogue,
    }  # fmt: skip
    return Told(filled(told.system, {"fence": fence}), filled(told.user, values))


def reply_schema() -> dict[str, object]:
    """The JSON schema of the answer, in the strict form."""
    messages = {"type": "array", "items": {"type": "string"}}
    return {
        "type": "object",
        "properties": {"messages": messages},
        "required": ["messages"],
        "additionalProperties": False,
    }


def read_words(wanted: ToWord, reply: str) -> tuple[tuple[str, ...], WordingFault | None]:
    """The messages in a model's reply, and what is wrong with them; none where they may be used.

    Small models put the customer's name before a message, as in a play: it is taken away.
    """
    messages = _messages(reply)
    if messages is None:
        return (), "garbage"
    named = re.compile(rf"\A{re.escape(wanted.name)}\s*[:：]\s*")
    messages = tuple(named.sub("", one) for one in messages)
    return messages, fault_of(wanted, messages)


def fault_of(wanted: ToWord, messages: Sequence[str]) -> WordingFault | None:
    """Why messages may not stand for the script's lines; ``None`` where they may."""
    if len(messages) != len(wanted.lines):
        return "count"
    try:
        for line, message in zip(wanted.lines, messages, strict=True):
            _check_form(wanted, line, message)
        whole = "\n".join(messages)
        _check_source(wanted, whole)
        for line, message in zip(wanted.lines, messages, strict=True):
            _check_meaning(wanted, line, message)
    except _BadWordsError as error:
        return error.fault
    return None


def worded(coming: Sequence[Line], messages: Sequence[str]) -> tuple[Line, ...]:
    """What is coming, in other words: times, moods and pictures stay."""
    left = iter(messages)
    return tuple(replace(one, text=next(left)) if one.kind == "text" else one for one in coming)


class _Messages(msgspec.Struct):
    messages: list[str]


def _messages(reply: str) -> tuple[str, ...] | None:
    begin, end = reply.find("{"), reply.rfind("}")
    try:
        read = msgspec.json.decode(reply[begin : end + 1].encode("utf-8", "replace"), type=_Messages)
    except (msgspec.DecodeError, RecursionError):
        return None
    return tuple(one.strip() for one in read.messages)


def _refuse(wrong: object, fault: WordingFault) -> None:
    if wrong:
        raise _BadWordsError(fault)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _check_form(wanted: ToWord, line: str, message: str) -> None:
    """Whether a message looks like one of this customer's."""
    words, language, text = customer_words(), wanted.language, _plain(message)
    _refuse(not message, "empty")
    _refuse(len(message) > 2 * len(line) + _MOST_MORE_CHARS, "too_long")
    _refuse(
        _MARKUP.search(message) or any(unicodedata.category(one) in ("Cc", "Cf", "Co", "Cs") for one in message),
        "markup",
    )
    _refuse(_CONTACT.search(message), "contact")
    # What the script says in Latin letters (a tax number) is no other language.
    own = set(_ALNUM.findall(_plain(line)))
    bare = _ALNUM.sub(lambda found: "" if found[0] in own else found[0], text)
    han, latin = len(_HAN.findall(bare)), len(_LATIN.findall(bare))
    _refuse(_FOREIGN[language].search(text) or (language == "zh" and latin > han), "language")
    said = _plain(line)
    _refuse(any(one in text and one not in said for one in words.system_talk[language]), "system_talk")
    _refuse(any(one in text and one not in said for one in words.other_side[language]), "other_side")


def _check_source(wanted: ToWord, whole: str) -> None:
    """Whether everything that can be true or false comes from the scenario, and was the customer's to say by now."""
    language, text, known = wanted.language, _plain(whole), _plain(wanted.known)
    untold = _plain("\n".join(wanted.untold))
    new = numbers_said(text, language) - numbers_said(known, language)
    _refuse(new & numbers_said(untold, language), "leak")
    _refuse(new, "number")
    new_days = days_said(text, language) - days_said(known, language)
    _refuse(new_days & days_said(untold, language), "leak")
    _refuse(new_days, "day")
    size = _GRAM[language]
    _refuse((_grams(text, size) - _grams(known, size)) & _grams(untold, size), "leak")
    if language == "zh":
        _refuse(set(_CODE.findall(text)) - set(_CODE.findall(known)) - _HARMLESS, "code")
        _refuse(any(one not in wanted.known for one in _NAME.findall(whole)), "name")
        _refuse(any(one[-3:] not in wanted.known for one in _PLACE.findall(whole)), "place")
    else:
        _refuse(any(one.casefold() not in known for one in _ENGLISH_NAME.findall(whole)), "name")
    _refuse(any(_plain(one) not in known for one in _QUOTED.findall(whole)), "quoted")
    own = _plain("\n".join((*wanted.lines, *(one.text for one in wanted.before if one.by == "customer"))))
    _refuse(any(one in text and one not in own for one in customer_words().stakes[language]), "stakes")


def _check_meaning(wanted: ToWord, line: str, message: str) -> None:
    """Whether a message says what its line says."""
    language, before, after = wanted.language, _plain(line), _plain(message)
    _refuse(_denies(before, language) != _denies(after, language), "meaning")
    _refuse(_ASKS[language].search(before) and not _ASKS[language].search(after), "question")
    _refuse(numbers_said(before, language) - numbers_said(after, language), "lost")
    _refuse(days_said(before, language) - days_said(after, language), "lost")
    content = _content(before, language)
    kept = content & _content(after, language)
    _refuse(len(kept) < _KEEPS * len(content), "lost")


def _denies(text: str, language: Language) -> bool:
    return bool(_NOT[language].search(_NOT_REALLY.sub("", _EITHER.sub(r"\1", text))))


def _grams(text: str, size: int) -> set[str]:
    runs = ["".join(one for one in line if one.isalnum()) for line in text.splitlines()]
    return {run[at : at + size] for run in runs for at in range(len(run) - size + 1)}


def _content(text: str, language: Language) -> set[str]:
    """What a line is made of: its characters, or its words cut to their stems."""
    empty = customer_words().empty[language]
    if language == "zh":
        return {one for one in text if one.isalnum() and one not in empty}
    return {one[:5] for one in re.findall(r"[a-z0-9']+", text) if one not in empty.split()}
