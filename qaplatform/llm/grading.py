"""Grading one conversation: its parts, the calls, one repair, verified evidence, one verdict a question.

Every question ends with a verdict that code can stand for, or with the reason why there is none; nothing is taken for
granted. What was answered before is recalled by what was asked (:func:`key_of`), so that an unchanged conversation costs
nothing, and a changed question only itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import msgspec

from qaplatform.llm.answers import Answer, BadReplyError, parse
from qaplatform.llm.asking import Asked, Form, build_request, question_hash, repair_request, transcript_hash
from qaplatform.llm.budget import Budget, BudgetError, Spent, Usage
from qaplatform.llm.calling import Reply
from qaplatform.llm.endpoint import Endpoint, Mode
from qaplatform.llm.faults import CallError
from qaplatform.llm.injection import Sign, signs_of_injection
from qaplatform.llm.judged import Judged, verified
from qaplatform.llm.manner import Manner
from qaplatform.llm.memory import Call, Memory
from qaplatform.llm.merging import Merged, merged
from qaplatform.llm.prompt import Language, Prompts
from qaplatform.llm.request import Request
from qaplatform.llm.retrying import ask_patiently
from qaplatform.llm.tokens import CountTokens, estimate
from qaplatform.llm.transcript import Said, Window, fence_for, render, windows

MOST_PART_TOKENS = 12_000
"""A longer conversation is cut, however much the model could take: far-away lines are read carelessly."""
_FEWEST_PART_TOKENS = 400
_NO_FENCE = "-"
_MOST_MODEL_CHARS = 200


class Asker(Protocol):
    """Whoever can be asked: :class:`qaplatform.llm.calling.Client`."""

    @property
    def endpoint(self) -> Endpoint:
        """Whom it asks."""

    @property
    def mode(self) -> Mode:
        """The form of answer it asks for."""

    def ask(self, request: Callable[[Mode], Request]) -> Reply:
        """Ask once."""


class Grade(msgspec.Struct, frozen=True):
    """What became of one question."""

    criterion_id: str
    merged: Merged | None
    """The verdict with its evidence; ``None`` where there is none."""
    problem: str = ""
    """Why there is none: ``call:deadline``, ``bad_reply``, ``budget:day_tokens`` …"""
    is_recalled: bool = False
    """No call was needed."""
    model: str = ""
    """Who answered, as the endpoint names it; several, who answered about a part each, are one that nobody knows yet."""


class Graded(msgspec.Struct, frozen=True):
    """A conversation's questions, and what asking them took."""

    grades: tuple[Grade, ...]
    calls: int
    spent: Spent
    signs: tuple[Sign, ...] = ()
    """Where somebody seems to write for the model; what stands there is no evidence."""
    text_hashes: tuple[str, ...] = ()
    """What the model has read of it, now or earlier: by part, the SHA-256 of the text."""


class Foreseen(msgspec.Struct, frozen=True):
    """What grading a conversation would take at most, without repairs and second tries."""

    calls: int
    usage: Usage
    money_micros: int


class _NoAnswerError(Exception):
    """Nothing could be had; the first argument says why."""


class Grader:
    """Asks one endpoint about conversations; may be shared by threads.

    Args:
        asker: who is asked.
        prompts: what is asked with.
        count_tokens: as :func:`qaplatform.llm.tokens.counter` of the model.
        budget: of this run.
        memory: what was answered before.
        manner: how is asked.
    """

    def __init__(
        self,
        asker: Asker,
        prompts: Prompts,
        count_tokens: CountTokens,
        *,
        budget: Budget,
        memory: Memory,
        manner: Manner,
    ) -> None:
        self._asker, self._prompts, self._count_tokens = asker, prompts, count_tokens
        self._budget, self._memory, self._manner = budget, memory, manner
        self._around_by_key: dict[tuple[str, ...], Usage] = {}
        self._counted = ("", 0)
        self._question_hashes: dict[tuple[object, ...], str] = {}
        self._hashed: tuple[Window | None, str, str] = (None, "", "")
        self._rendered: tuple[Window | None, str, str] = (None, "", "")

    def grade(
        self, conversation: str, messages: Sequence[Said], questions: Sequence[Asked], *, language: Language
    ) -> Graded:
        """Ask about one conversation, whose texts are masked already. Raises nothing that a model or network does."""
        signs = signs_of_injection(messages) if questions else ()
        run = _Run(conversation, language, {one.criterion_id: one for one in questions}, signs)
        parts = self.parts(messages, questions, language)
        for part in parts:
            self._take(run, part, messages)
        grades = tuple(run.grade(one, len(parts)) for one in questions)
        return Graded(grades, run.calls, run.spent, signs, tuple(run.text_hashes))

    def foreseen(self, messages: Sequence[Said], questions: Sequence[Asked], *, language: Language) -> Foreseen:
        """What :meth:`grade` would ask now: what is known already costs nothing."""
        calls = prompt = answer = money = 0
        for part in self.parts(messages, questions, language):
            unknown = [one for one in questions if self._memory.recall(self.key(one, part, language)) is None]
            for group in self._groups(unknown):
                usage = self._estimate(group, part, language)
                calls, prompt, answer = calls + 1, prompt + usage.prompt_tokens, answer + usage.completion_tokens
                money += self._budget.cost_micros(usage)
        return Foreseen(calls, Usage(prompt, answer), money)

    def parts(self, messages: Sequence[Said], questions: Sequence[Asked], language: Language) -> list[Window]:
        """The conversation in parts that fit into the model's context beside the questions."""
        if not questions:
            return []
        around = max(self._around(some, language).tokens for some in self._groups(questions))
        room = self._asker.endpoint.context_tokens - around
        return windows(
            messages,
            count_tokens=self._count_tokens,
            most_tokens=max(min(room * 9 // 10, MOST_PART_TOKENS), _FEWEST_PART_TOKENS),
        )

    def text(self, part: Window, language: Language) -> str:
        """A part as it is sent, between fences that are left out here, for they are new in every request."""
        last, of, text = self._rendered
        if last is not part or of != language:
            words = self._prompts.frame.words[language]
            text = render(part, _NO_FENCE, roles=words, auto=words["auto"])
            self._rendered = (part, language, text)
        return text

    def key(self, question: Asked, part: Window, language: Language) -> str:
        """By what an answer is known: the model with its parameters, the words of the question, and what it read."""
        endpoint = self._asker.endpoint
        known = (
            endpoint.base_url, endpoint.model, endpoint.parameters(), self._prompts.repair.content_hash,
            question.criterion_id, self._question_hash(question, language), self._transcript_hash(part, language),
        )  # fmt: skip
        return hashlib.sha256(msgspec.json.encode(known, order="deterministic")).hexdigest()

    def _question_hash(self, question: Asked, language: Language) -> str:
        """Hashed once: a run asks the same few questions of every conversation."""
        same = (
            question.criterion_id, question.title, question.prompt.content_hash, question.evidence, question.policy,
            question.verdicts, language,
        )  # fmt: skip
        if same not in self._question_hashes:
            self._question_hashes[same] = question_hash(self._prompts.frame, question, language)
        return self._question_hashes[same]

    def _transcript_hash(self, part: Window, language: Language) -> str:
        """Hashed once for the questions that are asked of a part, one after the other."""
        last, of, found = self._hashed
        if last is not part or of != language:
            found = transcript_hash(self._prompts.frame, part, language)
            self._hashed = (part, language, found)
        return found

    def _estimate(self, group: Sequence[Asked], part: Window, language: Language) -> Usage:
        """What asking would take at most."""
        around, said = self._around(group, language), self.text(part, language)
        # One part is asked about several times, one after the other.
        last, tokens = self._counted
        if said != last:
            tokens = self._count_tokens(said)
            self._counted = (said, tokens)
        return msgspec.structs.replace(around, prompt_tokens=around.prompt_tokens + tokens)

    def _around(self, group: Sequence[Asked], language: Language) -> Usage:
        """What a request takes without the conversation; counted once, for it is long and always the same."""
        mode, nothing = self._asker.mode, Window(())
        key = (mode, *(self.key(one, nothing, language) for one in group))
        if key not in self._around_by_key:
            request = self._request(group, nothing, language, fence_for(""), mode)
            self._around_by_key[key] = estimate(request, self._count_tokens)
        return self._around_by_key[key]

    def _groups(self, questions: Sequence[Asked]) -> Iterator[Sequence[Asked]]:
        size = self._manner.questions_a_call
        return (questions[start : start + size] for start in range(0, len(questions), size))

    def _take(self, run: _Run, part: Window, messages: Sequence[Said]) -> None:
        """One part: what is known is recalled, the rest is asked."""
        keys = {id: self.key(one, part, run.language) for id, one in run.questions.items()}
        text = self.text(part, run.language)
        run.text_hashes.append(hashlib.sha256(text.encode()).hexdigest())
        answers: dict[str, Answer] = {}
        for id, key in keys.items():
            known = self._memory.recall(key)
            if known is not None:
                answers[id] = known.answer
                run.models[id].add(known.model)
        unknown = [one for id, one in run.questions.items() if id not in answers]
        if not unknown:
            # Another conversation may have been asked in the same words: what was read of this one can be shown, too.
            self._memory.note_sent(run.conversation, run.text_hashes[-1], text)
        for group in self._groups(unknown):
            ids = [one.criterion_id for one in group]
            run.asked.update(ids)
            if run.ended:
                run.problems |= dict.fromkeys(ids, run.ended)
                continue
            self._memory.note_sent(run.conversation, run.text_hashes[-1], text)
            try:
                answers |= {one.criterion_id: one for one in self._answers(run, group, part, keys)}
            except _NoAnswerError as error:
                run.problems |= dict.fromkeys(ids, str(error))
        for id, question in run.questions.items():
            found = answers.get(id)
            run.judged[id].append(None if found is None else verified(found, question, messages, not_within=run.signs))

    def _answers(self, run: _Run, group: Sequence[Asked], part: Window, keys: dict[str, str]) -> list[Answer]:
        """Ask, and once more where the reply cannot be used.

        Raises:
            _NoAnswerError: there is no answer.
        """
        fence = fence_for(self._manner.nonce())

        def request(mode: Mode) -> Request:
            return self._request(group, part, run.language, fence, mode)

        reply, problem = self._reply(run, group, part, request, keys, is_repair=False)
        if isinstance(reply, list):
            return reply
        text = reply.text

        def again(mode: Mode) -> Request:
            return repair_request(request(mode), text, problem, repair=self._prompts.repair, language=run.language)

        reply, problem = self._reply(run, group, part, again, keys, is_repair=True)
        if isinstance(reply, list):
            return reply
        raise _NoAnswerError("bad_reply")

    def _request(self, group: Sequence[Asked], part: Window, language: Language, fence: str, mode: Mode) -> Request:
        form: Form = "text" if mode == "text" else "json"
        return build_request(self._prompts.frame, group, part, language=language, fence=fence, form=form)

    def _reply(
        self,
        run: _Run,
        group: Sequence[Asked],
        part: Window,
        request: Callable[[Mode], Request],
        keys: dict[str, str],
        *,
        is_repair: bool,
    ) -> tuple[list[Answer] | Reply, str]:
        """One call with its tries: its answers, or the reply and what is wrong with it.

        Raises:
            _NoAnswerError: no reply came, or none may be asked for.
        """
        mode = self._asker.mode
        try:
            expected = (
                estimate(request(mode), self._count_tokens) if is_repair else self._estimate(group, part, run.language)
            )
            reservation = self._budget.reserve(expected, conversation=run.conversation)
        except BudgetError as error:
            run.ended = f"budget:{error.cap}"
            raise _NoAnswerError(run.ended) from error
        run.calls += 1
        call = Call(
            conversation=run.conversation, criteria=tuple(one.criterion_id for one in group), part=part.index,
            text_hash=run.text_hashes[-1], model=self._asker.endpoint.model, mode=mode, is_repair=is_repair,
        )  # fmt: skip
        faults: list[CallError] = []

        def ask_once() -> Reply:
            try:
                return self._asker.ask(request)
            except CallError as error:
                faults.append(error)
                raise

        try:
            reply = ask_patiently(
                ask_once,
                wait=self._manner.wait,
                seed=reservation.number,
                patience=self._manner.patience,
                breaker=self._manner.breaker,
            )
        except CallError as error:
            self._note_tries(run, call, [one for one in faults if one is not error], expected)
            usage = error.cost(expected)
            self._keep_fault(run, call, error, usage, self._budget.settle(reservation, usage))
            raise _NoAnswerError(f"call:{error.reason}") from error
        self._note_tries(run, call, faults, expected)
        usage = reply.usage or expected
        spent = self._budget.settle(reservation, usage)
        run.note(spent)
        call = msgspec.structs.replace(
            call, answered_by=reply.model, mode=reply.mode, prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens, money_micros=spent.money_micros, seconds=reply.seconds,
            raw=reply.raw,
        )  # fmt: skip
        try:
            answers = parse(reply.text, reply.mode, group)
        except BadReplyError as error:
            self._memory.keep(msgspec.structs.replace(call, fault=f"bad_reply: {error.problem}"), {})
            return reply, error.problem
        self._memory.keep(call, {keys[one.criterion_id]: one for one in answers})
        for id in call.criteria:
            run.models[id].add(reply.model or call.model)
        return answers, ""

    def _note_tries(self, run: _Run, call: Call, faults: Sequence[CallError], expected: Usage) -> None:
        """Tries that failed before the last one, where they may have cost something: each is a call of its own."""
        for error in faults:
            usage = error.cost(expected)
            if usage.tokens:
                run.calls += 1
                charged = self._budget.charge(usage, conversation=run.conversation)
                self._keep_fault(run, call, error, usage, charged)

    def _keep_fault(self, run: _Run, call: Call, error: CallError, usage: Usage, spent: Spent) -> None:
        run.note(spent)
        self._memory.keep(
            msgspec.structs.replace(
                call, fault=f"call:{error.reason}", raw=error.raw, money_micros=spent.money_micros,
                prompt_tokens=usage.prompt_tokens, completion_tokens=usage.completion_tokens,
            ), {},
        )  # fmt: skip


class _Run:
    """One conversation on its way."""

    def __init__(
        self, conversation: str, language: Language, questions: dict[str, Asked], signs: Sequence[Sign]
    ) -> None:
        self.conversation, self.language, self.questions, self.signs = conversation, language, questions, signs
        self.judged: dict[str, list[Judged | None]] = {id: [] for id in questions}
        self.problems: dict[str, str] = {}
        self.models: dict[str, set[str]] = {id: set() for id in questions}
        self.text_hashes: list[str] = []
        self.asked: set[str] = set()
        self.calls = 0
        self.spent = Spent()
        self.ended = ""
        """Why nothing more is asked."""

    def note(self, spent: Spent) -> None:
        """So much more was spent."""
        self.spent = self.spent.plus(spent.tokens, spent.money_micros)

    def grade(self, question: Asked, parts: int) -> Grade:
        """What became of a question."""
        id = question.criterion_id
        judged = self.judged[id]
        if not any(judged):
            return Grade(id, None, self.problems.get(id, "no_words" if not parts else "not_asked"))
        return Grade(
            id, merged(id, judged, question.prompt.across), self.problems.get(id, ""),
            is_recalled=id not in self.asked, model=" + ".join(sorted(self.models[id]))[:_MOST_MODEL_CHARS],
        )  # fmt: skip
