"""The peer of comparison (b): the five rules as a plain program that goes from object to object.

It comes in two cuts. The *plain* one is what one writes first, with a decent plan: a line is read with ``json.loads``,
every message becomes an object with its time parsed, its text is folded character by character with their places kept,
and searched once by an Aho–Corasick automaton (pyahocorasick) of all words of its side. The *tuned* one does no more
than the rules force it to: msgspec decodes typed values, ``str.translate`` folds, places are worked out only for texts
with a hit and times parsed only where a rule asks. Both yield the same rows.

Words and parameters come from the same two YAML files as the engine's, and the folding table is the same data.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import yaml

from benchmarks.peer_words import PLAIN, Build, Words, pyahocorasick
from qaplatform.audit.conversation import Conversation

_ZONE = ZoneInfo("Asia/Shanghai")
_DAY_BEGINS_HOUR, _LIMIT_SECONDS = 9, 60.0
_decode = msgspec.json.Decoder(Conversation).decode


class Row(NamedTuple):
    """One finding: characters ``start:end`` of the original text of a message of a conversation."""

    conversation: str
    criterion: str
    message: int
    start: int
    end: int
    code: str


@dataclass(frozen=True)
class Rules:
    """The five rules' groups and figures."""

    forbidden: Mapping[str, Any]
    sympathy: Mapping[str, Any]
    promise: Mapping[str, Any]
    transfer: Mapping[str, Any]


class Peer:
    """The program."""

    def __init__(self, rubric: Path, *, tuned: bool = False, build: Build = pyahocorasick) -> None:
        self.tuned = tuned
        told = yaml.safe_load(rubric.read_text(encoding="utf-8"))
        groups: dict[str, dict[str, Any]] = {}
        for name in told["phrases"]:
            groups |= yaml.safe_load((rubric.parent / name).read_text(encoding="utf-8"))["groups"]
        params = {one["id"]: one["params"] for section in told["sections"] for one in section["criteria"]}
        self._rules = Rules(
            *(params[id] for id in ("forbidden_words", "sympathy_first", "promise_with_time", "transfer_announced"))
        )
        listed = {name: group["phrases"] for name, group in groups.items() if "phrases" in group}
        sides = (
            {name: some for name, some in listed.items() if groups[name]["who"] == who} for who in ("customer", "agent")
        )
        self.customer_words, self.agent_words = (Words(side, build) for side in sides)
        needless = [groups[name]["patterns"] for name in params["response_time"]["no_answer_groups"]]
        self._needless = re.compile("|".join(one for some in needless for one in some), re.MULTILINE)

    def findings(self, line: bytes) -> list[Row]:
        """All findings in a conversation of a JSONL file, rule after rule."""
        if self.tuned:
            typed = _decode(line)
            name = typed.id
            chat = [
                _Said(self, number, one.role, one.text, one.sent_at, kind=one.kind, auto=one.auto)
                for number, one in enumerate(typed.messages)
            ]
        else:
            read = json.loads(line)
            name = read["id"]
            chat = [
                _Said(
                    self,
                    number,
                    one["role"],
                    one["text"],
                    one.get("sent_at"),
                    kind=one.get("kind", "text"),
                    auto=one.get("auto", False),
                )
                for number, one in enumerate(read["messages"])
            ]
        rules = (self._forbidden, self._response_time, self._sympathy_first, self._promise, self._transfer)
        return [Row(name, *found) for rule in rules for found in rule(chat)]

    def _forbidden(self, chat: list[_Said]) -> Iterator[tuple[str, int, int, int, str]]:
        rule = self._rules.forbidden
        for said in chat:
            if not said.human or not said.hits:
                continue
            covers = said.spans(rule["exempting_groups"])
            for start, end in said.spans(rule["groups"]):
                if not any(max(start, a) - min(end, b) <= rule["within_chars"] for a, b in covers):
                    yield "forbidden_words", said.number, start, end, "forbidden_words"

    def _response_time(self, chat: list[_Said]) -> Iterator[tuple[str, int, int, int, str]]:
        asked: _Said | None = None
        needs_answer = False
        for said in chat:
            if said.customer:
                asked = said
                needs_answer = needs_answer or not self._needless.search(said.plain)
            elif said.human:
                if asked is not None and needs_answer and asked.limit is not None:
                    waited = said.seconds - asked.seconds
                    if waited > asked.limit:
                        yield "response_time", said.number, 0, len(said.text), "late"
                asked, needs_answer = None, False
        if asked is None or not needs_answer or asked.limit is None:
            return
        if max(said.seconds for said in chat) - asked.seconds > asked.limit:
            yield "response_time", asked.number, 0, len(asked.text), "unanswered"

    def _sympathy_first(self, chat: list[_Said]) -> Iterator[tuple[str, int, int, int, str]]:
        rule = self._rules.sympathy
        upset = False
        at = 0
        while at < len(chat):
            said = chat[at]
            at += 1
            if said.customer:
                upset = upset or bool(said.spans(rule["occasion_groups"]))
            elif said.human and upset:
                turn = [said]
                while at < len(chat) and not chat[at].customer:
                    if chat[at].human:
                        turn.append(chat[at])
                    at += 1
                upset = False
                then = next(
                    (
                        (one.number, *one.spans(rule["then_groups"])[0])
                        for one in turn
                        if one.spans(rule["then_groups"])
                    ),
                    None,
                )
                first = next(
                    (
                        (one.number, *one.spans(rule["first_groups"])[0])
                        for one in turn
                        if one.spans(rule["first_groups"])
                    ),
                    None,
                )
                if then and (first is None or first[:2] > then[:2]):
                    yield "sympathy_first", *then, "missing" if first is None else "too_late"

    def _promise(self, chat: list[_Said]) -> Iterator[tuple[str, int, int, int, str]]:
        rule = self._rules.promise
        written = [said for said in chat if said.human]
        for index, said in enumerate(written):
            vague = said.spans(rule["vague_groups"])
            if vague and not any(
                one.spans(rule["time_groups"]) for one in written[index : index + 1 + rule["next_messages"]]
            ):
                yield "promise_with_time", said.number, *vague[0], "no_time"

    def _transfer(self, chat: list[_Said]) -> Iterator[tuple[str, int, int, int, str]]:
        groups = self._rules.transfer["announcing_groups"]
        for said in chat:
            if said.kind != "transfer":
                continue
            begin = end = said.number
            while begin > 0 and not chat[begin - 1].customer:
                begin -= 1
            while end < len(chat) and not chat[end].customer:
                end += 1
            if not any(one.human and one.spans(groups) for one in chat[begin:end]):
                yield "transfer_announced", said.number, 0, len(said.text), "unannounced"


class _Said:
    """A message with what the rules need to know of it."""

    __slots__ = ("_time", "customer", "hits", "human", "kind", "number", "sent_at", "text")

    def __init__(
        self, peer: Peer, number: int, role: str, text: str, sent_at: str | None, *, kind: str, auto: bool
    ) -> None:
        self.number, self.kind, self.text, self.sent_at = number, kind, text, sent_at
        self.customer = role == "customer" and kind != "note"
        self.human = role == "agent" and kind != "note" and not auto
        words = peer.customer_words if role == "customer" else peer.agent_words
        self.hits = words.find(text, tuned=peer.tuned)
        self._time = None if peer.tuned else _time(sent_at)

    @property
    def plain(self) -> str:
        return self.text.translate(PLAIN)

    @property
    def time(self) -> datetime:
        if self._time is None:
            self._time = _time(self.sent_at)
        return self._time

    @property
    def seconds(self) -> float:
        return self.time.timestamp()

    @property
    def limit(self) -> float | None:
        return _LIMIT_SECONDS if self.time.astimezone(_ZONE).hour >= _DAY_BEGINS_HOUR else None

    def spans(self, groups: Sequence[str]) -> list[tuple[int, int]]:
        if not self.hits:
            return []
        if len(groups) == 1:
            return self.hits.get(groups[0], [])
        return sorted(
            (span for group in groups for span in self.hits.get(group, ())), key=lambda span: (span[0], -span[1])
        )


def _time(sent_at: str | None) -> datetime:
    if sent_at is None:
        raise ValueError("the peer knows only conversations with times")
    time = datetime.fromisoformat(sent_at)
    return time.replace(tzinfo=_ZONE) if time.tzinfo is None else time
