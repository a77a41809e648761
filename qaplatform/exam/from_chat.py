"""A real chat → a scenario to be finished by a person: YAML with comments that say what to look at.

What the customer wrote is invented anew (:mod:`qaplatform.exam.inventing`) before anything else is done with it; what the
agent wrote never gets into the scenario, only what it asked for, offered and did wrong. The draft can be tried at once; what
begins with ``TODO`` is left to write.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from qaplatform.audit.conversation import Message
from qaplatform.audit.finding import Observations
from qaplatform.exam.act_names import ASKED, REMEDIES
from qaplatform.exam.act_words import about_word
from qaplatform.exam.acts import Said, recognise
from qaplatform.exam.from_chat_words import draft_words, task_lines
from qaplatform.exam.inventing import Inventor

_MOST_OPENING = 3
_MOST_SAYS = 3
_MOST_CHARS = 160
_MOST_FACTS = 6
_TITLE_CHARS = 20
_QUESTION = re.compile(
    r"[?？]|吗|呢$|怎么|怎样|什么时候|多久|几天|能不能|可不可以|有没有|为什么|为啥|咋|when|how|why|can (?:i|you)",
    re.IGNORECASE,
)
_CLAUSES = re.compile(r"[^，,。.!！?？;；~～…]+[?？]?")
_NUDGE = re.compile(r"^(?:人呢|在吗|还在吗|有人吗|在不在|喂|hello|anyone there|are you there)", re.IGNORECASE)
"""Asking whether anybody is there is no question of the matter."""
_WHEN = re.compile(r"还没|什么时候|啥时候|多久|几天|何时|几点|when|how long", re.IGNORECASE)
_YOUNG = re.compile("[\U0001f300-\U0001faff]|捏|鸭|呜呜|救命|绝了|emo|宝子|哈哈哈|hhh|好滴", re.IGNORECASE)
_ELDER = re.compile("闺女|小伙子|姑娘|老伴|孙子|孙女|我这岁数|不会弄手机|眼睛花")
_NUMBERED = {"order_id": "order", "phone": "phone", "address": "address", "tracking_no": "tracking"}
"""What is asked for with a slot of its own in the answer."""
_OFFERS = ("offers", "promises")
_OFFERED, _PROMISED = "{act: offers}", "{act: promises, due: true}"


class RealChat(msgspec.Struct, frozen=True):
    """What is known of a chat that becomes a scenario."""

    messages: tuple[Message, ...]
    observations: Observations | None = None
    failed: tuple[str, ...] = ()
    """The checks whose criteria failed."""
    known_names: tuple[str, ...] = ()
    """What is masked wherever it stands: the customer's key, people and accounts of the shop."""
    shop_names: tuple[str, ...] = ()
    queue: str = ""
    tier: str = ""
    language: Literal["zh", "en"] = "zh"
    seed: int = 1


class _Turn(msgspec.Struct, frozen=True):
    """Messages of the customer in a row, and what the agent had asked for and offered right before."""

    said: tuple[str, ...]
    has_image: bool
    asked: tuple[str, ...]
    offered: tuple[str, ...]


def scenario_draft(chat: RealChat, code: str) -> str:
    """The draft's YAML, under an id of its own."""
    return _Draft(chat, code).text()


class _Draft:
    """Puts a draft together."""

    def __init__(self, chat: RealChat, code: str) -> None:
        self._chat, self._code, self._words = chat, code, draft_words().of(chat.language)
        self._start = _moment(chat.messages)
        self._inventor = Inventor(
            [one.text for one in chat.messages],
            known_names=chat.known_names,
            shop_names=chat.shop_names,
            day=self._start.date() if self._start else None,
            language=chat.language,
            seed=chat.seed,
        )
        self._turns = list(self._customer_turns())
        self._kinds = [one.kind for one in chat.observations.episodes] if chat.observations else []
        self._facts = self._told()

    def text(self) -> str:
        """All of it."""
        body = [
            *self._head(),
            *self._questions(),
            *self._fact_lines(),
            *self._steps(),
            *self._interruption(),
            *task_lines([id for id, *_ in self._facts], self._chat.failed, is_upset=bool(self._kinds)),
            *self._panel(),
            *self._references(),
        ]
        # Slots that no line holds any more (of what the agent said, above all) are not filled.
        used = set(re.findall(r"\{([a-z_]+)\}", "\n".join(body)))
        variants = [{slot: one[slot] for slot in one if slot in used} for one in self._inventor.variants()]
        at = body.index(_VARIANTS)
        filled = [f"# {self._words['check_variants']}", "variants:"]
        filled += ["  - {" + ", ".join(f"{key}: {_text(one)}" for key, one in each.items()) + "}" for each in variants]
        body[at : at + 1] = filled if used else []
        return "\n".join(body) + "\n"

    # --- what was said ---------------------------------------------------------------------------

    def _customer_turns(self) -> Iterator[_Turn]:
        """The customer's turns; what bots, machines and notes say belongs to nobody."""
        said: list[str] = []
        has_image, acts = False, list[Said]()
        before: list[Message] = []
        heard: list[Said] = []
        for message, text in zip(self._chat.messages, self._inventor.texts, strict=True):
            if message.role == "customer":
                if not said and not has_image:
                    heard, acts = acts, []
                if message.kind == "image" or text.startswith(("[图片", "[image", "[Image")):
                    has_image = True
                elif text:
                    said.append(text[:_MOST_CHARS])
            elif message.role == "agent" and not message.auto and message.kind in ("text", "card"):
                if said or has_image:
                    yield _turn(said, has_image, heard)
                    said, has_image = [], False
                acts += [one for one in recognise(message.text, before) if one.counts]
            before.append(message)
        if said or has_image:
            yield _turn(said, has_image, heard)

    def _told(self) -> list[tuple[str, str, list[str]]]:
        """What the customer told when asked: (topic, kind, ways)."""
        found: dict[str, tuple[str, str, list[str]]] = {}
        for turn in self._turns[1:]:
            for about in turn.asked:
                is_picture = about == "photo"
                ways = [self._words["picture"]] if is_picture else list(turn.said[:_MOST_SAYS])
                if about in _NUMBERED and not any("{" + _NUMBERED[about] in way for way in ways):
                    continue  # They answered something else.
                if about not in found and ways and (not is_picture or turn.has_image):
                    found[about] = (about, "image" if is_picture else "text", ways)
        if any(turn.has_image for turn in self._turns):
            found.setdefault("photo", ("photo", "image", [self._words["picture"]]))
        if "order_id" not in found:
            found["order_id"] = ("order_id", "text", [self._words["order"].format(order=self._order())])
        return list(found.values())[:_MOST_FACTS]

    def _order(self) -> str:
        return self._inventor.slot("order", "1")

    def _question(self, turn: _Turn) -> str | None:
        clauses = [one.strip() for text in turn.said for one in _CLAUSES.findall(text)]
        asked = (one for one in reversed(clauses) if _QUESTION.search(one) and not _NUDGE.search(one))
        return next(asked, None)

    # --- parts of the YAML -----------------------------------------------------------------------

    def _head(self) -> list[str]:
        words, chat = self._words, self._chat
        opening = list(self._turns[0].said[:_MOST_OPENING]) if self._turns else []
        opening = opening or [words["opening"]]
        shown = opening[0]
        for slot, value in (self._inventor.variants() or [{}])[0].items():
            shown = shown.replace("{" + slot + "}", value)
        title = re.split(r"[，,。!！?？~…]", shown)[0][:_TITLE_CHARS] or self._code
        # At night other limits hold, which is no matter for a first scenario.
        hour = min(max(self._start.hour, 9), 20) if self._start else 10
        kind = self._kind()
        return [
            *(f"# {line}" for line in words["head"].splitlines()),
            f"id: {self._code}",
            f"title: {{{chat.language}: {_text(title)}}}",
            f"summary: {{{chat.language}: {_text(words['summary'])}}}",
            f"kind: {kind}  # {words['check_kind']}",
            f"level: {self._level()}",
            *([] if chat.language == "zh" else ["language: en"]),
            f"chat: {{shop: {_text(self._inventor.shop)}, queue: {chat.queue or 'after_sale'}"
            + (f", tier: {_text(chat.tier)}" if chat.tier else "")
            + "}",
            "persona:",
            f"  name: {_text(self._inventor.persona)}",
            f"  voice: {self._voice()}  # {words['check_voice']}",
            f"  about: {self._titled(words['about'])}",
            f"clock: {{starts_at: {self._inventor.day.isoformat()}T{hour:02d}:00:00+08:00}}",
            f"# {words['check_mood'].format(kinds=' '.join(words[one] for one in dict.fromkeys(self._kinds)) or '—')}",
            f"mood: {{start: {self._mood()}}}",
            _VARIANTS,
            f"# {words['check_opening']}",
            "opening:",
            f"  - [{', '.join(map(_text, opening))}]",
            "opening_asks: what_now",
        ]

    def _titled(self, text: str) -> str:
        """Words of the draft's language; the other one is there to be filled in."""
        zh, en = (text, "") if self._chat.language == "zh" else ("", text)
        return f"{{zh: {_text(zh)}, en: {_text(en)}}}"

    def _kind(self) -> str:
        topic = self._chat.observations.topic if self._chat.observations else ()
        kinds = draft_words().kinds
        for depth in range(len(topic), 0, -1):
            known = kinds.get("/".join(topic[:depth]))
            if known is not None:
                return known
        found = re.sub(r"[^a-z0-9_-]", "-", (topic[-1] if topic else "").lower()).strip("-_")
        return found if re.fullmatch(r"[a-z][a-z0-9_-]{1,39}", found) else "from-chat"

    def _level(self) -> str:
        upset = self._kinds.count("displeased")
        return "hard" if upset > 2 else "medium" if upset or len(self._turns) > 4 else "easy"

    def _voice(self) -> str:
        said = " ".join(text for turn in self._turns for text in turn.said)
        if self._chat.language == "en":
            return "plain-en"
        if _ELDER.search(said):
            return "elder"
        if _YOUNG.search(said):
            return "young"
        if self._kinds.count("displeased") > 1 or said.count("！") + said.count("!") > 5:
            return "hot"
        return "hurried" if self._kinds else "plain"

    def _mood(self) -> int:
        first = [
            one for one in (self._chat.observations.episodes if self._chat.observations else ()) if one.message < 4
        ]
        if any(one.kind == "displeased" for one in first):
            return 3
        return 4 if self._kinds else 6

    def _questions(self) -> list[str]:
        words = self._words
        first = self._question(self._turns[0]) if self._turns else None
        first = first or words["what_now"]
        lines = ["questions:", *self._asked("what_now", first, is_first=True)]
        second = self._second()
        if second is not None:
            lines += self._asked("second", second, is_first=False)
        return lines

    def _second(self) -> str | None:
        later = (self._question(turn) for turn in self._turns[1:] if not turn.asked)
        return next((one for one in later if one is not None), None)

    def _asked(self, id: str, said: str, *, is_first: bool) -> list[str]:
        ways = [_PROMISED] if _WHEN.search(said) else [_OFFERED, "{act: promises}", "{act: refuses}"]
        if is_first:
            # What opens the chat is answered by a way out; whatever comes later, by words.
            ways += [] if _OFFERED in ways else [_OFFERED]
        else:
            ways.append("{act: explains}")
        return [
            f"  - id: {id}",
            f"    says: [{_text(said)}]",
            f"    again: [{_text(self._words['again'].format(said=said))}]",
            f"    answered_by: [{', '.join(ways)}]  # {self._words['check_answer']}",
        ]

    def _fact_lines(self) -> list[str]:
        lines = [f"# {self._words['check_facts']}", "facts:"]
        for about, kind, ways in self._facts:
            says = f"[[{', '.join(map(_text, ways))}]]" if len(ways) > 1 else f"[{_text(ways[0])}]"
            lines += [f"  - id: {about}", *([f"    kind: {kind}"] if kind != "text" else []), f"    says: {says}"]
        return lines

    def _steps(self) -> list[str]:
        words = self._words
        offered = list(dict.fromkeys(about for turn in self._turns for about in turn.offered if about in REMEDIES))
        about = f", about: [{', '.join(offered)}]" if offered else ""
        named = ", ".join(about_word(one, self._chat.language) for one in offered)
        note = words["offered"].format(what=named) if offered else words["nothing_offered"]
        return [
            f"# {words['check_steps']}",
            "steps:",
            "  - id: start",
            "    reactions:",
            "      - when: [{act: promises, due: true}]",
            f"        says: [{', '.join(map(_text, words['agrees'].split('|')))}]",
            "        mood: 1",
            "        goto: agreed",
            f"      - when: [{{act: offers{about}}}]  # {note}",
            f"        says: [{', '.join(map(_text, words['by_when'].split('|')))}]",
            "        mood: 1",
            "        once: true",
            "      - when: [{act: refuses}]",
            f"        says: [{', '.join(map(_text, words['refused'].split('|')))}]",
            "        mood: -1",
            "        once: true",
            "  - {id: agreed, settled: true}",
        ]

    def _interruption(self) -> list[str]:
        if self._second() is None:
            return []
        when = "[{replies_at_least: 2}]"
        return ["interruptions:", f"  - {{id: second, kind: second_question, when: {when}, asks: second}}"]

    def _panel(self) -> list[str]:
        words = self._words
        rows = (("order", "panel_order"), ("logistics", "panel_logistics"), ("policy", "panel_policy"))
        lines = [f"# {words['check_panel']}", "panel:"]
        for part, word in rows:
            title, text = words[word].format(order=self._order()).split("|")
            lines += [f"  {part}:", f"    - {{title: {self._titled(title)}, text: {_text(text)}}}"]
        return lines

    def _references(self) -> list[str]:
        words = self._words
        lines = [f"# {words['check_references']}", "references:", "  good:", "    replies:"]
        asks = [words["ask"].format(what=about_word(about, self._chat.language)) for about, *_ in self._facts[:2]]
        good = (words["good_first"], *asks, words["good_offer"], words["good_close"])
        lines += [f"      - {{after_seconds: 20, says: {_text(text)}}}" for text in good]
        lines += ["  bad:", "    replies:"]
        for number, text in enumerate(words["bad"].split("|")):
            after = "after_seconds: 70" if not number else "after_seconds: 1, at_once: true"
            lines.append(f"      - {{{after}, says: {_text(text)}}}")
        return lines


_VARIANTS = "\0variants"
"""Where they go once it is known which slots are used."""


def _turn(said: Sequence[str], has_image: bool, heard: Sequence[Said]) -> _Turn:  # noqa: FBT001
    asked = [one.about for one in heard if one.act == "asks" and one.about in ASKED]
    offered = [one.about for one in heard if one.act in _OFFERS and one.about]
    return _Turn(tuple(said), has_image, tuple(dict.fromkeys(one for one in asked if one)), tuple(offered))


def _moment(messages: Collection[Message]) -> datetime | None:
    for one in messages:
        if one.sent_at:
            try:
                return datetime.fromisoformat(one.sent_at)
            except ValueError:
                continue
    return None


def _text(text: str) -> str:
    """A text as a YAML scalar in double quotes."""
    return json.dumps(text, ensure_ascii=False)
