"""A model words what the scripted customer is about to write: while the customer is typing, by a job beside the others.

The script has decided what is said, and its words stand in the state from the first moment. Whoever writes announces a
job for the second at which the customer will have read it; the job asks in no transaction and puts better words in the
place of the script's before their time comes. If it needs longer than the customer types, the clock of the dialogue stands
until it has them, eight seconds at most, and that is noted. Where no worker is there, the model is away, its words are
wrong or the budget is used up, the script's words come at their time: nobody ever waits for a model that does not answer.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Lock

import msgspec
from msgspec.structs import replace
from sqlalchemy.orm import Session

from qaplatform.audit.masking import mask_all
from qaplatform.exam.dialogue import Line, State
from qaplatform.exam.llm_customer import ToWord, customer_words, prompt_of, read_words, reply_schema, to_word, worded
from qaplatform.llm.budget import Budget, BudgetError, Spent, Usage
from qaplatform.llm.calling import Client
from qaplatform.llm.faults import CallError
from qaplatform.llm.request import Message, Request
from qaplatform.llm.retrying import Breaker
from qaplatform.llm.tokens import counter, estimate
from qaplatform.llm.transcript import Said, Window, fence_for, render
from qaplatform.services.jobs import JobRun
from qaplatform.services.training import exam_ending
from qaplatform.services.training.exam_clock import ASKS_MODEL, moment_of, pause, resume, second_at
from qaplatform.services.training.exam_hearing import prepare
from qaplatform.services.training.exam_playing import played_of
from qaplatform.services.training.llm_customer import RUBRIC, Player, budget_of, player
from qaplatform.store import jobs, llm_spending
from qaplatform.store.training import exam_calls, exams
from qaplatform.store.training.exam_calls import NewExamCall
from qaplatform.store.training.exams import Sitting, StoredDialogue

WORDING_KIND = "exams.wording"
_SPARE_SECONDS = 1.0
"""So long before the script's words would come, the clock is stopped."""
_LOOKS_AGAIN_SECONDS = 2
_MOST_LOOKS = 15
_LAST_LINES = 40
"""A model is shown so much of a dialogue."""
_TRIES = 20
_SCHEMA_NAME = "words"
_REPLY_TOKENS = (200, 800)
_log = logging.getLogger(__name__)
_breakers: dict[int, Breaker] = {}
_breakers_lock = Lock()


def ask_for_words(session: Session, dialogue: StoredDialogue, state: State, *, now: datetime) -> None:
    """Have worded what the customer will answer, as soon as they have read what the candidate wrote."""
    _announce(session, dialogue, state.reads_at_seconds, looks=0, now=now)


def _announce(session: Session, dialogue: StoredDialogue, reads_at: int, *, looks: int, now: datetime) -> None:
    pauses = exams.pauses_of(session, [dialogue.id]).get(dialogue.id, []) if dialogue.paused_seconds else []
    at = moment_of(dialogue, reads_at, pauses)
    if looks:
        at = max(at, now + timedelta(seconds=_LOOKS_AGAIN_SECONDS))
    payload = {"dialogue_id": dialogue.id, "reads_at": reads_at, "looks": looks}
    key = f"{WORDING_KIND}:{dialogue.id}:{reads_at}:{looks}"
    jobs.announce(session, WORDING_KIND, payload, now=now, unique_key=key, run_after=max(at, now))


class _Turn(msgspec.Struct, frozen=True, kw_only=True):
    """What is about to be said, and by when a model must have worded it."""

    sitting: Sitting
    dialogue: StoredDialogue
    coming: tuple[Line, ...]
    wanted: ToWord
    number: int
    """Of the candidate's message it answers."""
    seconds: float
    """Until the script's words are due."""
    player: Player
    budget: Budget


class _Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of asking."""

    model: str
    prompt: str = ""
    reply: str = ""
    messages: tuple[str, ...] = ()
    fault: str = ""
    usage: Usage = Usage(0, 0)
    spent: Spent = Spent()
    seconds: float = 0.0
    was_asked: bool = True


def run_wording(run: JobRun) -> None:
    """Handler of the jobs ``exams.wording``."""
    prepare()
    turn = _turn(run)
    if turn is None:
        return
    if turn.seconds <= 0:
        late = _Answer(model=turn.player.endpoint.model, fault="late", was_asked=False)
        with run.writing() as session:
            _keep(session, turn, late, now=run.now())
        return
    dialogue_id, is_paused = turn.dialogue.id, False
    try:
        with ThreadPoolExecutor(1, thread_name_prefix="asks for a customer's words") as pool:
            asked = pool.submit(_ask, turn)
            try:
                answer = asked.result(timeout=turn.seconds)
            except TimeoutError:
                # The call itself ends by the endpoint's deadline; until then nobody loses time by it.
                with run.writing() as session:
                    is_paused = _stop_clock(session, turn, now=run.now())
                answer = asked.result()
        with run.writing() as session:
            now = run.now()
            if is_paused:
                resume(session, dialogue_id, now=now)
            if not answer.fault and not _put(session, turn, answer.messages, now=now):
                answer = replace(answer, fault="late")
            _keep(session, turn, answer, now=now)
        is_paused = False
    finally:
        if is_paused:
            with run.store.writing() as session:
                resume(session, dialogue_id, now=run.now())


def _turn(run: JobRun) -> _Turn | None:
    """What there is to word; ``None`` where there is nothing (any more), or not yet."""
    dialogue_id, reads_at, now = int(run.payload["dialogue_id"]), int(run.payload["reads_at"]), run.now()
    with run.store.reading() as session:
        dialogue = exams.dialogue_of(session, dialogue_id)
        sitting = None if dialogue is None else exams.sitting_of(session, dialogue.sitting_id)
        if dialogue is None or sitting is None or dialogue.ended_at is not None or sitting.customer != "llm":
            return None
        played = played_of(session, sitting, dialogue)
        if played is None:
            return None
        state = played.until(max(0, second_at(dialogue, now)))
        is_early = bool(state.unheard) and state.reads_at_seconds == reads_at
        if not is_early:
            return _turn_now(session, sitting, dialogue, state, to_word(played.scenario, state), now)
    looks = int(run.payload.get("looks", 0)) + 1
    if looks <= _MOST_LOOKS:
        with run.writing() as session:
            _announce(session, dialogue, reads_at, looks=looks, now=now)
    return None


def _turn_now(
    session: Session, sitting: Sitting, dialogue: StoredDialogue, state: State, wanted: ToWord | None, now: datetime
) -> _Turn | None:
    said = [number for number, line in enumerate(state.lines) if line.by == "candidate"]
    # With something unheard, another message was written after this job was announced, and another job will come.
    if state.ended is not None or state.unheard or wanted is None or not said:
        return None
    if exam_calls.is_called(session, dialogue.id, said[-1]):
        return None
    plays = player(session, sitting.endpoint_id)
    if plays is None:
        return None
    pauses = exams.pauses_of(session, [dialogue.id]).get(dialogue.id, [])
    due = moment_of(dialogue, state.coming[0].at_seconds, pauses)
    return _Turn(
        sitting=sitting, dialogue=dialogue, coming=state.coming, wanted=wanted, number=said[-1],
        seconds=(due - now).total_seconds() - _SPARE_SECONDS, player=plays,
        budget=budget_of(session, plays, dialogue.id, now=now),
    )  # fmt: skip


def _ask(turn: _Turn) -> _Answer:
    """Ask once, within the deadline; a second try would keep the candidate waiting."""
    endpoint = turn.player.endpoint
    request = _request(turn.wanted)
    blank = _Answer(model=endpoint.model, prompt="\n\n".join(one.content for one in request.messages))
    expected = estimate(request, counter(endpoint.model))
    try:
        reservation = turn.budget.reserve(expected, conversation=str(turn.dialogue.id))
    except BudgetError as error:
        # To the budget a dialogue is a run of its own; its cap is that of a conversation.
        cap = "conversation_tokens" if error.cap == "run_tokens" else error.cap
        return replace(blank, prompt="", fault=f"budget:{cap}", was_asked=False)
    try:
        with Client(endpoint, trust_env=True) as client, _breaker(turn.player.endpoint_id).guarding():
            reply = client.ask(request)
    except CallError as error:
        usage = error.cost(expected)
        spent = turn.budget.settle(reservation, usage)
        return replace(blank, fault=f"call:{error.reason}", usage=usage, spent=spent)
    usage = reply.usage or expected
    messages, fault = read_words(turn.wanted, reply.text)
    return replace(
        blank,
        model=reply.model,
        reply=reply.text.replace("\0", ""),
        messages=messages,
        fault=f"words:{fault}" if fault else "",
        usage=usage,
        spent=turn.budget.settle(reservation, usage),
        seconds=reply.seconds,
    )


def _request(wanted: ToWord) -> Request:
    """The prompt: what candidates wrote is masked, fenced and broken up like any transcript the grader sends."""
    fence = fence_for(secrets.token_hex())
    lines = list(wanted.before[-_LAST_LINES:])
    candidate = [one.text for one in lines if one.by == "candidate"]
    masked = iter([one.text for one in mask_all(candidate, language=wanted.language)])
    said = [
        Said(number, "agent", next(masked)) if one.by == "candidate" else Said(number, "customer", one.text)
        for number, one in enumerate(lines)
    ]
    transcript = render(Window(tuple(said)), fence, roles={**customer_words().roles[wanted.language]})
    told = prompt_of(wanted, transcript, fence)
    least, most = _REPLY_TOKENS
    tokens = min(most, max(least, 100 + 3 * sum(map(len, wanted.lines))))
    messages = (Message("system", told.system), Message("user", told.user))
    return Request(messages, reply_schema(), _SCHEMA_NAME, tokens)


def _breaker(endpoint_id: int) -> Breaker:
    """One for each endpoint in this process: where nobody answers, most dialogues go on without asking."""
    with _breakers_lock:
        return _breakers.setdefault(endpoint_id, Breaker())


def _stop_clock(session: Session, turn: _Turn, *, now: datetime) -> bool:
    """Stop the clock before the script's words are due; ``False`` where it is too late, or it stands already."""
    dialogue = exams.dialogue_of(session, turn.dialogue.id)
    if dialogue is None or second_at(dialogue, now) >= turn.coming[0].at_seconds:
        return False
    return pause(session, dialogue.id, ASKS_MODEL, now=now)


def _put(session: Session, turn: _Turn, messages: Sequence[str], *, now: datetime) -> bool:
    """Put a model's words in the place of the script's; ``False`` where they have been said, or dropped."""
    for _ in range(_TRIES):
        dialogue = exams.dialogue_of(session, turn.dialogue.id)
        if dialogue is None or dialogue.ended_at is not None:
            return False
        played = played_of(session, turn.sitting, dialogue)
        if played is None:
            return False
        state = played.until(max(0, second_at(dialogue, now)))
        if state.coming != turn.coming or state.ended is not None:
            return False
        if exam_ending.worded(session, played, replace(state, coming=worded(state.coming, messages))):
            return True
    return False


def _keep(session: Session, turn: _Turn, answer: _Answer, *, now: datetime) -> None:
    """Put down what was asked and answered, and what it took."""
    endpoint = turn.player.endpoint
    exam_calls.add_call(
        session,
        NewExamCall(
            dialogue_id=turn.dialogue.id, number=turn.number, model=answer.model, prompt=answer.prompt, reply=answer.reply,
            fault=answer.fault, prompt_tokens=answer.usage.prompt_tokens, completion_tokens=answer.usage.completion_tokens,
            money_micros=answer.spent.money_micros, currency=endpoint.currency, seconds=answer.seconds,
        ),
        now=now,
    )  # fmt: skip
    if answer.was_asked:
        llm_spending.add_spending(
            session, day=turn.player.settings.day_of(now), endpoint=endpoint.name, model=answer.model, rubric=RUBRIC,
            questions=[turn.dialogue.scenario], currency=endpoint.currency if endpoint.price else llm_spending.NO_PRICE,
            is_fault=bool(answer.fault), prompt_tokens=answer.usage.prompt_tokens,
            completion_tokens=answer.usage.completion_tokens, money_micros=answer.spent.money_micros,
        )  # fmt: skip
    if answer.fault:
        _log.info("dialogue %d goes on with the script's words: %s", turn.dialogue.id, answer.fault)
