"""What a run of the grader asks and hears, written down at once: nothing that was paid for is ever lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from threading import Lock
from typing import Any

import msgspec

from qaplatform.errors import QAPlatformError
from qaplatform.llm.answers import Answer
from qaplatform.llm.endpoint import Endpoint
from qaplatform.llm.memory import Call, Known
from qaplatform.services.grader_settings import GraderSettings
from qaplatform.store import grading_runs, llm_calls, llm_spending
from qaplatform.store.engine import Store
from qaplatform.store.llm_calls import NewCall

_MOST_FAULT_CHARS = 100
NO_RUBRIC = "-"
"""In the ledger: what was asked beside the rubric's own questions."""


class PurgedError(QAPlatformError):
    """The words of a conversation were purged while it was asked about; nothing more of it is sent or kept."""


class Account(msgspec.Struct, frozen=True):
    """To what a conversation's calls are charged."""

    rubric: str
    """Its code."""
    prompts: Mapping[str, str]
    """The prompt of each criterion that is asked."""


class StoreMemory:
    """A :class:`qaplatform.llm.memory.Memory` in the database; conversations go by their ids, as texts.

    Each method is a transaction of its own, without the job's lease: what a call has cost and said stays true, whoever
    goes on with the run.

    Args:
        store: the database.
        run_id: the run that asks; ``None`` for one that only looks (a dry run).
        endpoint: who is asked.
        settings: whose days the ledger goes by.
        now: the clock.
    """

    def __init__(
        self,
        store: Store,
        run_id: int | None,
        endpoint: Endpoint,
        settings: GraderSettings,
        now: Callable[[], datetime],
    ) -> None:
        self._store, self._run_id, self._endpoint, self._settings, self._now = store, run_id, endpoint, settings, now
        self._accounts: dict[str, Account] = {}
        self._lock = Lock()

    def begin(self, conversation: str, account: Account) -> None:
        """A conversation is about to be asked about."""
        with self._lock:
            self._accounts[conversation] = account

    def end(self, conversation: str) -> None:
        """It has been asked about."""
        with self._lock:
            self._accounts.pop(conversation, None)

    def recall(self, key: str) -> Known | None:
        """The answer that was given to the same question."""
        with self._store.reading() as session:
            kept = llm_calls.answer_of(session, key)
        return None if kept is None else Known(msgspec.convert(kept.answer, Answer), kept.model)

    def note_sent(self, conversation: str, text_hash: str, text: str) -> None:
        """Keep what is about to be sent.

        Raises:
            PurgedError: it must not be sent any more.
        """
        with self._store.writing() as session:
            if not llm_calls.has_words(session, int(conversation)):
                raise PurgedError
            llm_calls.note_sent(session, int(conversation), text_hash, text, now=self._now())

    def keep(self, call: Call, answers: dict[str, Answer]) -> None:
        """Write a call down with its answers, and add it to the ledger and to the run."""
        if self._run_id is None:
            raise ValueError("a dry run makes no call")
        now, account = self._now(), self._accounts[call.conversation]
        model = call.answered_by or call.model
        kept: dict[str, dict[str, Any]] = {key: msgspec.to_builtins(one) for key, one in answers.items()}
        with self._store.writing() as session:
            if not llm_calls.has_words(session, int(call.conversation)):
                call, kept = msgspec.structs.replace(call, raw=b""), {}
            call_id = llm_calls.write_call(session, self._new(self._run_id, call), now=now)
            llm_calls.keep_answers(
                session, kept, call_id=call_id, conversation_id=int(call.conversation), model=model, now=now
            )
            grading_runs.add_spent(
                session, self._run_id, tokens=call.prompt_tokens + call.completion_tokens,
                money_micros=call.money_micros,
            )  # fmt: skip
            llm_spending.add_spending(
                session, day=self._settings.day_of(now), endpoint=self._endpoint.name, model=model,
                rubric=account.rubric, questions=[account.prompts[one] for one in call.criteria],
                currency=self._endpoint.currency if self._endpoint.price else llm_spending.NO_PRICE,
                is_fault=bool(call.fault), prompt_tokens=call.prompt_tokens, completion_tokens=call.completion_tokens,
                money_micros=call.money_micros,
            )  # fmt: skip

    def _new(self, run_id: int, call: Call) -> NewCall:
        return NewCall(
            run_id=run_id, conversation_id=int(call.conversation), criteria=call.criteria, part=call.part,
            text_hash=call.text_hash, model=call.model, answered_by=call.answered_by, mode=call.mode,
            parameters=self._endpoint.parameters(), is_repair=call.is_repair, prompt_tokens=call.prompt_tokens,
            completion_tokens=call.completion_tokens, money_micros=call.money_micros,
            currency=self._endpoint.currency, seconds=call.seconds,
            # What is wrong with a reply quotes the reply, which goes with the conversation: only its code stays.
            fault=call.fault.partition(": ")[0][:_MOST_FAULT_CHARS], raw=call.raw,
        )  # fmt: skip
