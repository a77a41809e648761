"""``qaplatform grade``: a language model answers a rubric's questions, with evidence that code has verified."""

from __future__ import annotations

import secrets
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
import msgspec

from qaplatform.audit.conversation import Conversation
from qaplatform.audit.finding import Scorecard
from qaplatform.audit.rubric import Rubric
from qaplatform.cli.options import context_option, reading_options, rubric_option
from qaplatform.cli.progress import RunReport
from qaplatform.errors import InputError
from qaplatform.formats.inputs import find_inputs
from qaplatform.formats.options import ReadOptions
from qaplatform.formats.writing import Language, write_encoded
from qaplatform.llm.asking import Asked
from qaplatform.llm.budget import Budget, Caps
from qaplatform.llm.calling import Client
from qaplatform.llm.endpoint import LONGEST_DEADLINE_SECONDS, Endpoint, preset
from qaplatform.llm.grading import Graded, Grader
from qaplatform.llm.manner import Manner
from qaplatform.llm.memory import Memory
from qaplatform.llm.prompts import shipped_prompts
from qaplatform.llm.retrying import Breaker
from qaplatform.llm.tokens import counter
from qaplatform.services.auditing import AuditJob, audit_blocks
from qaplatform.services.grade_files import GradeFile
from qaplatform.services.question_grading import (
    graded_question,
    language_of,
    plain_questions,
    questions_of,
    suspicions,
    words_of,
)
from qaplatform.services.rubric_questions import rubric_with_questions
from qaplatform.services.rubrics import context_named, rubric_named
from qaplatform.struct_types import learn_struct_types

_Pair = tuple[Conversation, Scorecard]
_MICROS = 1_000_000
_AHEAD = 4
"""So many conversations for each thread are taken in before their answers are written."""


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT…")
@rubric_option
@context_option
@click.option(
    "--questions",
    metavar="ID,…",
    help="Ask these of prompts/ of every conversation, whatever the rubric asks; or all. shipped: those of "
    "rubrics/sections/questions.yaml, of the chats to which they apply.",
)
@click.option("--endpoint", "preset_id", default="ollama", show_default=True, metavar="NAME", help="A known service.")
@click.option("--url", metavar="URL", help="Its address, where it is another one (…/v1).")
@click.option("--model", metavar="NAME", help="The model; the service's usual one otherwise.")
@click.option("--key", envvar="QAPLATFORM_LLM_KEY", metavar="KEY", default="", help="Better in the environment.")
@click.option("--price", type=(Decimal, Decimal), metavar="IN OUT", help="Per million tokens; without it: not known.")
@click.option(
    "--deadline", type=click.FloatRange(1, LONGEST_DEADLINE_SECONDS), default=60.0, show_default=True, metavar="SECONDS",
    help="For each call; a server without a graphics card needs more.",
)  # fmt: skip
@click.option("--most-tokens", type=click.IntRange(1), metavar="N", help="Stop asking after so many.")
@click.option("--most-money", type=Decimal, metavar="X", help="Stop asking after so much; needs --price.")
@click.option(
    "--memory", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Answers, kept and used again."
)
@click.option("--at-once", type=click.IntRange(1, 64), default=4, show_default=True, help="Conversations at a time.")
@click.option("--questions-a-call", type=click.IntRange(1, 10), default=1, show_default=True)
@click.option("--dry-run", is_flag=True, help="Ask nothing; say what it would take.")
@click.option("--out", default="-", metavar="PATH", help="JSON lines; - is the standard output.")
@click.option("--language", type=click.Choice(["zh", "en"]), help="What is asked in; the conversation's own otherwise.")
@reading_options
def grade(
    inputs: tuple[str, ...], rubric_name: str, context_path: str | None, reading: ReadOptions, **given: Any
) -> None:
    """Have a language model answer the questions of a rubric (or of prompts/), with verified evidence.

    Answers are suggestions: they change no score. Personal data is masked before anything is sent. The audit itself
    needs no model.
    """
    asks_section = given["questions"] == "shipped"
    found = find_inputs(inputs)
    rubric = rubric_with_questions(rubric_name) if asks_section else rubric_named(rubric_name)
    asks = _Asks(rubric, None if asks_section else given["questions"], given["language"])
    endpoint = _endpoint(given)
    job = AuditJob(found, rubric, context_named(context_path), reading)
    memory = GradeFile(given["memory"])
    try:
        with _grader(endpoint, memory, given) as grader, RunReport(found.total_bytes) as report:
            pairs = (pair for audited in report.watch(audit_blocks(job)) for pair in audited.pairs())
            if given["dry_run"]:
                _foresee(grader, asks, pairs, endpoint)
            else:
                run = _Run(grader, asks, endpoint, given["at_once"])
                write_encoded(run.lines(pairs), given["out"])
        report.sum_up()
        if not given["dry_run"]:
            run.sum_up()
    finally:
        memory.close()
    if report.tally.exit_code:
        click.get_current_context().exit(report.tally.exit_code)


def _endpoint(given: dict[str, Any]) -> Endpoint:
    found = preset(given["preset_id"]).endpoint(given["key"], model=given["model"], base_url=given["url"])
    found = msgspec.structs.replace(found, deadline_seconds=given["deadline"])
    if given["price"]:
        found = msgspec.structs.replace(found, input_price=given["price"][0], output_price=given["price"][1])
    return found


@contextmanager
def _grader(endpoint: Endpoint, memory: Memory, given: dict[str, Any]) -> Iterator[Grader]:
    most_money = given["most_money"]
    caps = Caps(
        run_tokens=given["most_tokens"], currency=endpoint.currency,
        run_money_micros=None if most_money is None else int(most_money * _MICROS),
    )  # fmt: skip
    manner = Manner(
        wait=time.sleep, nonce=secrets.token_hex, breaker=Breaker(), questions_a_call=given["questions_a_call"]
    )
    with Client(endpoint, trust_env=True) as client:
        yield Grader(
            client, shipped_prompts(), counter(endpoint.model), budget=Budget(caps, endpoint.price), memory=memory,
            manner=manner,
        )  # fmt: skip


class _Asks:
    """Which questions each conversation is asked."""

    def __init__(self, rubric: Rubric, names: str | None, language: Language | None) -> None:
        if rubric.forbids_llm:
            raise InputError(
                f"the rubric {rubric.id} forbids sending conversations to a language model",
                way_out="choose another rubric with --rubric, or take forbids_llm out of it",
            )
        self._rubric, self._prompts, self._language = rubric, shipped_prompts(), language
        every = ",".join(self._prompts.questions)
        self._names = (every if names == "all" else names or "").split(",") if names else None
        if self._names is None and not any(one.kind == "question" for one in rubric.criteria):
            raise InputError(
                f"the rubric {rubric.id} asks no question of a model",
                way_out=f"name some with --questions: shipped, all, or of {every}",
            )

    def language(self, conversation: Conversation) -> Language:
        """What a conversation is asked about in."""
        return self._language or language_of(conversation)

    def of(self, conversation: Conversation, card: Scorecard) -> Sequence[Asked]:
        """The questions that apply."""
        language = self.language(conversation)
        if self._names is not None:
            return plain_questions(self._names, self._prompts, language)
        unscored = {one.id for one in card.criteria if one.outcome == "unscored"}
        return questions_of(self._rubric, unscored, self._prompts, language)


class _Run:
    """Grading on its way."""

    def __init__(self, grader: Grader, asks: _Asks, endpoint: Endpoint, at_once: int) -> None:
        self._grader, self._asks, self._endpoint, self._at_once = grader, asks, endpoint, at_once
        self._lock = threading.Lock()
        self.conversations = self.calls = self.tokens = self.money_micros = 0
        self.verdicts: Counter[str] = Counter()

    def lines(self, pairs: Iterator[_Pair]) -> Iterator[bytes]:
        """A line of JSON for each conversation, in their order."""
        learn_struct_types()
        waiting: deque[Future[bytes]] = deque()
        with ThreadPoolExecutor(self._at_once) as pool:
            for one in pairs:
                waiting.append(pool.submit(self._line, *one))
                if len(waiting) >= self._at_once * _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    def _line(self, conversation: Conversation, card: Scorecard) -> bytes:
        language, questions = self._asks.language(conversation), self._asks.of(conversation, card)
        words = words_of(conversation, language)
        graded = self._grader.grade(conversation.id, words.said, questions, language=language)
        answers = [graded_question(one, words.masked) for one in graded.grades]
        self._note(graded, [one.verdict or one.problem for one in answers])
        line = {
            "id": conversation.id,
            "model": self._endpoint.model,
            "questions": answers,
            "suspicious": suspicions(graded.signs, words.masked),
            "calls": graded.calls,
            "tokens": graded.spent.tokens,
            "money": graded.spent.money_micros / _MICROS,
        }
        return msgspec.json.encode(line) + b"\n"

    def _note(self, graded: Graded, verdicts: Sequence[str]) -> None:
        with self._lock:
            self.conversations += 1
            self.calls += graded.calls
            self.tokens += graded.spent.tokens
            self.money_micros += graded.spent.money_micros
            self.verdicts.update(verdicts)

    def sum_up(self) -> None:
        """What was done, on standard error."""
        said = ", ".join(f"{count} {name}" for name, count in self.verdicts.most_common())
        click.echo(
            f"{self.conversations:,} conversations graded, {self.calls:,} calls, {self.tokens:,} tokens, "
            f"{_money(self.money_micros, self._endpoint)}: {said or 'nothing was asked'}",
            err=True,
        )


def _foresee(grader: Grader, asks: _Asks, pairs: Iterator[_Pair], endpoint: Endpoint) -> None:
    count = calls = prompt = answer = money = 0
    for conversation, card in pairs:
        language = asks.language(conversation)
        said = words_of(conversation, language).said
        foreseen = grader.foreseen(said, asks.of(conversation, card), language=language)
        count, calls, money = count + 1, calls + foreseen.calls, money + foreseen.money_micros
        prompt, answer = prompt + foreseen.usage.prompt_tokens, answer + foreseen.usage.completion_tokens
    click.echo(
        f"{count:,} conversations, {calls:,} calls to {endpoint.model}, {prompt:,} tokens to read and at most "
        f"{answer:,} to write, at most {_money(money, endpoint)}"
    )


def _money(micros: int, endpoint: Endpoint) -> str:
    return "price not known" if endpoint.price is None else f"{micros / _MICROS:.4f} {endpoint.currency}"
