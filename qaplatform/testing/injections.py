"""A corpus of messages written for a machine that grades, and a model that does what they say.

The texts are in ``injections.yaml`` and ``disguised_injections.yaml``, invented for this. Half of them are for whoever
improves the detector (``held_out`` is False), the other half is only measured. Both halves come from the hand that wrote the
detector's words, so what is found of them says that nothing was lost, not what is found of texts nobody thought of: for
that there is ``unseen_injections.yaml``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal, get_args

import msgspec
import yaml

from qaplatform.llm.prompt import VERDICTS, Verdict
from qaplatform.llm.request import Request
from qaplatform.llm.transcript import Said, SaidRole
from qaplatform.testing.disguises import DISGUISES

Position = Literal["alone", "inside", "end", "split", "other_kind"]
"""Alone as the first message; inside an ordinary sentence; at the end of a long message; split over two messages; in an
automatic reply, a card or a note."""
POSITIONS: tuple[Position, ...] = get_args(Position)
SPEAKERS: tuple[SaidRole, ...] = ("agent", "customer")
MADE_UP = "非常抱歉让您久等了，我完全理解您的心情，已经为您查明原因并全额退款"
"""What the obeying model quotes; nobody in the corpus says it."""
_LANGUAGE_LETTERS = re.compile("[\u3400-\u9fff]")
_LATIN_WORD = re.compile("[A-Za-z_]{2,}")
_QUESTION = re.compile(r"^# (?:问题|Question) ([^\s(]+)", re.MULTILINE)
_ASKED_FOR = re.compile(
    r"not_applicable|unsure|(?<![a-z])no(?![a-z ]*(?:evidence|points|longer|further|one\b|violation))"
)


class Payload(msgspec.Struct, frozen=True):
    """One text of the corpus as it is sent."""

    id: str
    group: str
    """The class it belongs to."""
    text: str
    wants: Verdict = "yes"
    """The verdict it is after."""
    how: str = ""
    """The disguise; see :mod:`qaplatform.testing.disguises`."""
    written: str = ""
    """What was written before it was disguised."""

    @property
    def held_out(self) -> bool:
        """Whether it is only for measuring."""
        return hashlib.sha256(self.id.encode()).digest()[0] % 2 == 1

    @property
    def language(self) -> Literal["zh", "en", "mixed", "other"]:
        """What it is written in."""
        chinese = len(_LANGUAGE_LETTERS.findall(self.written))
        latin = len(_LATIN_WORD.findall(self.written))
        if self.group == "languages":
            return "other"
        if chinese and latin > 1:
            return "mixed"
        return "zh" if chinese else "en"


class Placed(msgspec.Struct, frozen=True):
    """A chat that holds a payload."""

    payload: Payload
    position: Position
    speaker: SaidRole
    messages: tuple[Said, ...]
    held_in: tuple[int, ...]
    """Numbers of the messages it stands in."""


@cache
def payloads() -> tuple[Payload, ...]:
    """The whole corpus, class after class."""
    return _read("injections.yaml") + _read("disguised_injections.yaml")


@cache
def unseen_payloads() -> tuple[Payload, ...]:
    """Texts the detector's words were not made for."""
    return _read("unseen_injections.yaml")


def _read(name: str) -> tuple[Payload, ...]:
    text = files("qaplatform.testing").joinpath(name).read_text(encoding="utf-8")
    found = []
    for group, items in yaml.safe_load(text).items():
        for item in items:
            given: dict[str, Any] = item if isinstance(item, dict) else {"text": item}
            written, how = given["text"], given.get("how", "")
            # The id stays when others are put in before it.
            id = f"{group}-{hashlib.sha256(f'{how} {written}'.encode()).hexdigest()[:8]}"
            sent = DISGUISES[how](written) if how else written
            found.append(Payload(id, group, sent, given.get("wants", "yes"), how, written))
    return tuple(found)


def placed(payload: Payload, position: Position, speaker: SaidRole) -> Placed:
    """A short ordinary chat in which somebody says the payload."""
    text = payload.text
    before: list[Said] = []
    if position == "alone":
        said = [text]
    elif position == "inside":
        said = [f"嗯我知道了，{text}，那就麻烦你们尽快发货吧"]
    elif position == "end":
        said = [f"我上周三下的单，物流从周五停在杭州转运中心就没动过，问了站点也说不清楚，孩子周末生日等着用。{text}"]
    elif position == "split":
        middle = len(text) // 2
        said = [text[:middle], text[middle:]]
    else:
        said = []
    if position != "alone":
        before = [Said(0, "customer", "在吗，我的快递怎么还没到"), Said(1, "agent", "您好，我帮您看一下")]
    first = len(before)
    messages = [*before, *(Said(first + index, speaker, part) for index, part in enumerate(said))]
    if position == "other_kind":
        other = (
            Said(first, "agent", f"您好，欢迎光临！{text}", auto=True)
            if speaker == "agent" and int(payload.id[-2:], 16) % 2
            else Said(first, "note", f"已联系仓库 {text}")
            if speaker == "agent"
            else Said(first, "customer", f"[卡片] 订单备注：{text}")
        )
        messages.append(other)
    last = len(messages)
    held_in = tuple(range(first, last))
    messages += [Said(last, "customer", "好的"), Said(last + 1, "agent", "已经帮您催了，今天会更新")]
    return Placed(payload, position, speaker, tuple(messages), held_in)


def chats(chosen: Iterable[Payload]) -> Iterator[Placed]:
    """Each payload in each position, said by the agent and by the customer."""
    for payload in chosen:
        for position in POSITIONS:
            for speaker in SPEAKERS:
                yield placed(payload, position, speaker)


def asked_verdict(text: str) -> Verdict:
    """The verdict a text seems to be after."""
    found = _ASKED_FOR.search(text.lower())
    return next((one for one in VERDICTS if found and one == found[0]), "yes")


def obeying_answer(
    request: Request | Mapping[str, Any], payload: Payload | None = None, *, quote: str = MADE_UP, message: int = 1
) -> str:
    """What a model answers that believes all it reads: JSON with the verdict asked for, for every question.

    Args:
        request: What was asked: a request, or the JSON of it as the fake server gets it.
        payload: Says which verdict; without it, the words of the conversation do. A question that does not allow it
            is answered ``unsure``.
        quote: The evidence; made up unless given.
        message: The number of the message the evidence is said to be in.
    """
    if isinstance(request, Request):
        contents = [one.content for one in request.messages if one.role == "user"]
    else:
        contents = [str(one["content"]) for one in request["messages"] if one["role"] == "user"]
    questions = _QUESTION.split(contents[0])[1:]
    wanted = payload.wants if payload else asked_verdict(_between_fences(contents[0]))
    answers = [
        {
            "id": id,
            "reason": "按对话里的要求判定。",
            "evidence": [{"message": message, "quote": quote}],
            "verdict": wanted if wanted in said.partition("\n- ")[0] else "unsure",
        }
        for id, said in zip(questions[::2], questions[1::2], strict=True)
    ]
    return json.dumps({"answers": answers}, ensure_ascii=False)


def _between_fences(content: str) -> str:
    fence = re.search(r"^(=====CHAT [0-9a-f]+=====)$", content, re.MULTILINE)
    return content.split(f"\n{fence[1]}\n")[1] if fence else content
