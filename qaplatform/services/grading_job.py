"""Handler of the jobs that ask a language model about conversations: some at a time, each written down when it is done.

Interrupted, it goes on with what is left; what a model has answered already is never paid twice. Where nobody answers the
job rests and tries again later, longer each time; where the key or the address is wrong, or a cap is reached, the run stops
and says so. Until then no conversation is given up for what was the endpoint's fault.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.llm.budget import Budget, Caps, Spent
from qaplatform.llm.endpoint import EndpointError
from qaplatform.llm.faults import ABOUT_THE_ENDPOINT, PASSING
from qaplatform.llm.grading import Graded
from qaplatform.services.grader_settings import (
    GraderSettings,
    KeyNotThereError,
    NoEndpointError,
    endpoint_to_ask,
    grader_settings,
)
from qaplatform.services.grading_asking import Asking, asking, write_graded
from qaplatform.services.grading_memory import PurgedError
from qaplatform.services.grading_subjects import NotAskedError, Subject, subject_of
from qaplatform.services.jobs import JobCancelledError, JobRun
from qaplatform.services.trust_asking import ask_settling
from qaplatform.store import grading_runs, llm_calls, llm_spending
from qaplatform.store.grading_runs import LIVE, Item, ReadRun, RunState

MOST_UNANSWERED = 5
"""So many conversations in a row without any answer: it is the endpoint, and not they."""
_PAGE = 200
_LOOK_AROUND_SECONDS = 0.5


class NobodyAnswersError(QAPlatformError):
    """The language model does not answer; it is asked again later."""


class _BrokenOffError(Exception):
    """The run ends before this call is tried again."""


def run_grading(run: JobRun) -> None:
    """Handler of the jobs ``grader.ask`` and ``grader.run``.

    Raises:
        JobCancelledError: somebody stopped the run.
        NobodyAnswersError: the endpoint is away; the job is called again later.
    """
    run_id = int(run.payload["run_id"])
    with run.store.reading() as session:
        order = grading_runs.run(session, run_id)
    if order is None or order.state not in LIVE:
        return
    try:
        with run.store.reading() as session:
            settings = grader_settings(session)
            _, endpoint = endpoint_to_ask(session, order.endpoint_id)
            today = spent_today(session, settings, run.now())
    except (NoEndpointError, KeyNotThereError, EndpointError) as error:
        why = "grader.endpoint" if isinstance(error, EndpointError) else error.code
        with run.writing() as session:
            grading_runs.set_state(session, run_id, "stopped", now=run.now(), why=why)
        return
    with run.writing() as session:
        grading_runs.set_state(session, run_id, "running", now=run.now())
    broken_off = threading.Event()

    def wait_a_while(seconds: float) -> None:
        if broken_off.wait(seconds):
            raise _BrokenOffError

    spent = Spent(order.token_count, order.money_micros)
    budget = Budget(caps_of(order, settings), endpoint.price, day=today, run=spent)
    with asking(run.store, endpoint, settings, budget, run_id=run_id, wait=wait_a_while, now=run.now) as asked:
        _Work(run, order, settings, asked).do(broken_off)


def caps_of(order: ReadRun, settings: GraderSettings) -> Caps:
    """The caps of a run: its own where they are below those of the settings."""

    def lower(name: str, most: int | None) -> int | None:
        own = order.caps.get(name)
        return min((one for one in (own, most) if one is not None), default=None)

    return Caps(
        day_tokens=settings.day_tokens,
        day_money_micros=settings.day_money_micros,
        run_tokens=lower("tokens", settings.run_tokens),
        run_money_micros=lower("money_micros", settings.run_money_micros),
        conversation_tokens=settings.conversation_tokens,
        currency=settings.currency,
    )


class _Answered(NamedTuple):
    """What came of one conversation."""

    item: Item
    subject: Subject | None = None
    graded: Graded | None = None
    problem: str | None = None
    """Why it was not asked about."""

    @property
    def problems(self) -> list[str]:
        """Why questions have no answer."""
        return [one.problem for one in self.graded.grades if one.problem] if self.graded else []

    @property
    def cap(self) -> str | None:
        """The cap that was reached, other than that of one conversation."""
        caps = (one.removeprefix("budget:") for one in self.problems if one.startswith("budget:"))
        return next((one for one in caps if one != "conversation_tokens"), None)

    @property
    def faults(self) -> list[str]:
        """What is the matter with the endpoint, where it has not answered a single question."""
        if self.graded is None or any(one.merged is not None for one in self.graded.grades):
            return []
        faults = [one.removeprefix("call:") for one in self.problems]
        return faults if ABOUT_THE_ENDPOINT.issuperset(faults) else []


class _Work:
    """One try of a run."""

    def __init__(self, run: JobRun, order: ReadRun, settings: GraderSettings, asked: Asking) -> None:
        self._run, self._order, self._settings, self._asked = run, order, settings, asked
        self._unanswered: list[_Answered] = []
        """Since the last conversation that had an answer; written once it is clear that it was not the endpoint."""
        self._ended = order.done_count + order.skipped_count
        self._stopped_by: str | None = None

    def do(self, broken_off: threading.Event) -> None:
        """Ask about all that is left.

        Raises:
            JobCancelledError: somebody stopped the run.
            NobodyAnswersError: the endpoint is away.
        """
        left = self._left()
        under_way: set[Future[_Answered]] = set()
        with _pool(self._settings.at_once, broken_off) as pool:
            while True:
                while len(under_way) < self._settings.at_once and not self._stopped_by:
                    item = next(left, None)
                    if item is None:
                        break
                    under_way.add(pool.submit(self._ask, item))
                if not under_way:
                    break
                ended, under_way = wait(under_way, timeout=_LOOK_AROUND_SECONDS, return_when=FIRST_COMPLETED)
                for one in ended:
                    self._take(one.result())
                if self._run.cancel_asked():
                    self._end("cancelled")
                    raise JobCancelledError
            faults = {fault for one in self._unanswered for fault in one.faults}
            # A chat that takes the model too long, among others that it answered, is this chat's own matter.
            if len(self._unanswered) == self._order.total_count > 1 or faults - {"deadline"}:
                self._give_up_on_endpoint()
        if self._stopped_by:
            self._end("stopped", self._stopped_by)
        else:
            self._write_unanswered()
            self._end("done")

    def _left(self) -> Iterator[Item]:
        after = -1
        while True:
            with self._run.store.reading() as session:
                page = grading_runs.waiting_items(session, self._order.id, after=after, limit=_PAGE)
            if not page:
                return
            yield from page
            after = page[-1].place

    def _ask(self, item: Item) -> _Answered:
        try:
            with self._run.store.reading() as session:
                subject = subject_of(session, item.conversation_id, self._asked.prompts, self._order.questions)
                self._asked.budget.day_is(spent_today(session, self._settings, self._run.now()))
        except NotAskedError as error:
            return _Answered(item, problem=error.problem)
        try:
            return _Answered(item, subject, self._asked.grade(subject))
        except PurgedError:
            return _Answered(item, problem="purged")

    def _take(self, answered: _Answered) -> None:
        """Write what came of a conversation, or keep it back where it may be asked about better later.

        Raises:
            NobodyAnswersError: the endpoint is away.
        """
        if answered.cap:
            # Left for when there is budget again; what was answered of it is remembered.
            self._stopped_by = self._stopped_by or f"budget:{answered.cap}"
        elif answered.faults and self._order.kind != "one":
            self._unanswered.append(answered)
            if len(self._unanswered) >= MOST_UNANSWERED:
                self._give_up_on_endpoint()
        else:
            if answered.graded is not None:
                self._write_unanswered()
            self._write(answered)

    def _give_up_on_endpoint(self) -> None:
        """Stop where nobody can change it but a person.

        Raises:
            NobodyAnswersError: it may pass.
        """
        # What the circuit breaker kept back says nothing; what made it open does.
        faults = [fault for one in self._unanswered for fault in one.faults]
        lasting = [fault for fault in faults if fault not in PASSING]
        if not lasting:
            raise NobodyAnswersError(f"the language model does not answer ({faults[0]}); it is asked again later")
        self._stopped_by = self._stopped_by or f"call:{lasting[0]}"

    def _write_unanswered(self) -> None:
        unanswered, self._unanswered = self._unanswered, []
        for one in unanswered:
            self._write(one)

    def _write(self, answered: _Answered) -> None:
        now, problem = self._run.now(), answered.problem
        with self._run.writing() as session:
            if answered.subject is not None and answered.graded is not None:
                grading_runs.hold(session, answered.subject.conversation_id)
                if llm_calls.has_words(session, answered.subject.conversation_id):
                    write_graded(session, self._order.id, answered.subject, answered.graded, self._asked, now=now)
                else:
                    problem = "purged"
            grading_runs.end_item(session, self._order.id, answered.item.place, problem=problem)
            self._ended += 1
            self._run.progress(session, self._ended, self._order.total_count)

    def _end(self, state: RunState, why: str | None = None) -> None:
        with self._run.writing() as session:
            grading_runs.set_state(session, self._order.id, state, now=self._run.now(), why=why)
            # What people ruled before is compared with the new answers, too.
            ask_settling(session, now=self._run.now())


def spent_today(session: Session, settings: GraderSettings, now: datetime) -> Spent:
    """What was spent on the workplace's day, by all runs."""
    return Spent(*llm_spending.spent_on(session, settings.day_of(now), settings.currency))


@contextmanager
def _pool(size: int, broken_off: threading.Event) -> Iterator[ThreadPoolExecutor]:
    """Threads that ask; what ends the block early lets nobody begin anew or wait for another try."""
    pool = ThreadPoolExecutor(size, thread_name_prefix="asks a model")
    try:
        yield pool
    except BaseException:
        broken_off.set()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
