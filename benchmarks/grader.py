"""How a model answers questions: seconds a call, usable replies by form of the answer, repairs, verdicts, quotes that were not found.

    python -m benchmarks.grader URL [--model NAME] [--chats 5] [--questions empathy_sincere,tone,really_closed]

asks the OpenAI-compatible server at URL (…/v1) about some of the samples, drawn by a seed, through the program's own grader:
once with a JSON schema, once as any JSON, once as text. ``scripts/real-model serve`` is such a server. A server that refuses a
form answers in the next one. What a model is worth as a judge is not measured here: that takes people's rulings.
"""

from __future__ import annotations

import argparse
import os
import random
import secrets
import statistics
import time
from collections import Counter

import msgspec

from qaplatform.audit.conversation import Conversation
from qaplatform.llm.answers import Answer
from qaplatform.llm.budget import Budget, Caps
from qaplatform.llm.calling import Client
from qaplatform.llm.endpoint import Abilities, Endpoint, Mode
from qaplatform.llm.grading import Grade, Grader
from qaplatform.llm.manner import Manner
from qaplatform.llm.memory import Call, Known
from qaplatform.llm.prompts import shipped_prompts
from qaplatform.llm.retrying import Breaker, Patience
from qaplatform.llm.tokens import counter
from qaplatform.resources import shipped_file
from qaplatform.services.question_grading import plain_questions, words_of

_ABILITIES: dict[Mode, Abilities] = {
    "json_schema": Abilities(json_schema=True, json_object=True, seed=True),
    "json_object": Abilities(json_object=True, seed=True),
    "text": Abilities(seed=True),
}


class _Book:
    """A memory that remembers nothing but what the calls were."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def recall(self, key: str) -> Known | None:
        """Every question is asked."""

    def note_sent(self, conversation: str, text_hash: str, text: str) -> None:
        """Nobody looks at it."""

    def keep(self, call: Call, answers: dict[str, Answer]) -> None:  # noqa: ARG002 - as the protocol has it
        """For the figures."""
        self.calls.append(call)


def chosen(count: int, most_messages: int) -> list[Conversation]:
    """Some samples that are not long."""
    lines = shipped_file("samples", "conversations.jsonl").read_bytes()
    every = msgspec.json.Decoder(Conversation).decode_lines(lines)
    return random.Random(20261127).sample([one for one in every if len(one.messages) <= most_messages], count)


def ask(endpoint: Endpoint, mode: Mode, chats: list[Conversation], names: list[str]) -> None:
    """One form of the answer, its figures printed."""
    book, grades = _Book(), list[Grade]()
    manner = Manner(wait=time.sleep, nonce=secrets.token_hex, breaker=Breaker(), patience=Patience(most_tries=1))
    prompts = shipped_prompts()
    with Client(endpoint) as client:
        grader = Grader(
            client, prompts, counter(endpoint.model), budget=Budget(Caps(), endpoint.price), memory=book, manner=manner
        )
        for chat in chats:
            language = "en" if (chat.language or "").startswith("en") else "zh"
            said = words_of(chat, language).said
            grades += grader.grade(chat.id, said, plain_questions(names, prompts, language), language=language).grades
    first = [one for one in book.calls if not one.is_repair]
    usable = sum(not one.fault for one in first)
    mended = sum(not one.fault for one in book.calls if one.is_repair)
    answered = [one.merged for one in grades if one.merged]
    quotes = sum(len(one.spans) for one in answered)
    dropped = sum(one.dropped for one in answered)
    said = Counter(one.merged.verdict if one.merged else one.problem for one in grades)
    seconds = [one.seconds for one in book.calls if one.seconds]
    print(
        f"{mode}: {len(first)} questions, {usable} usable at once, {len(book.calls) - len(first)} repairs ({mended} of use); "
        f"{', '.join(f'{count} {name}' for name, count in said.most_common())}; {quotes} quotes found, {dropped} dropped; "
        f"{statistics.median(seconds or [0]):.0f} s a call (median), {statistics.fmean(one.prompt_tokens for one in first):.0f} "
        f"tokens to read, {statistics.fmean(one.completion_tokens for one in first):.0f} written",
        flush=True,
    )
    for fault, count in Counter(one.fault for one in book.calls if one.fault).items():
        print(f"    {count} × {fault}", flush=True)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--model", default="default")
    parser.add_argument("--chats", type=int, default=5)
    parser.add_argument("--most-messages", type=int, default=14)
    parser.add_argument("--questions", default="empathy_sincere,tone,really_closed")
    parser.add_argument("--modes", default="json_schema,json_object,text")
    given = parser.parse_args()
    chats = chosen(given.chats, given.most_messages)
    print(f"{len(chats)} chats of {sum(len(one.messages) for one in chats)} messages")
    for mode, abilities in _ABILITIES.items():
        if mode in given.modes.split(","):
            endpoint = Endpoint(
                name="measured", base_url=given.url, model=given.model, abilities=abilities, deadline_seconds=600.0,
                api_key=os.environ.get("QAPLATFORM_LLM_KEY", ""),
            )  # fmt: skip
            ask(endpoint, mode, chats, given.questions.split(","))


if __name__ == "__main__":
    main()
