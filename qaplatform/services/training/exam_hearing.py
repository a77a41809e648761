"""Hearing replies: once for all who look, and beside the requests where a server says so.

Reading a reply takes tens of milliseconds of a core, and the customer takes seconds before they react to it. So a process
beside the server's begins as soon as a reply is sent, and whoever looks later finds it done. What is heard is a function of the
dialogue alone: it does not matter which process works it out, and without one, or when it dies, this process does.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import time
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial
from threading import Lock

from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation
from qaplatform.audit.engine import Auditor
from qaplatform.audit.rubric import Rubric
from qaplatform.exam.acts import recognise
from qaplatform.exam.customer import listener_for
from qaplatform.exam.hearing import Heard, Listener, Recognise
from qaplatform.exam.pieces import letters, pieces
from qaplatform.exam.scenario import Scenario
from qaplatform.exam.scenario_loading import shipped_scenarios
from qaplatform.services.matcher_cache import compiled_auditor
from qaplatform.services.newest import Newest
from qaplatform.services.pool_process import belong_to_parent
from qaplatform.services.rubric_versions import in_force

_log = logging.getLogger(__name__)
_SENTENCE_LETTERS = 10
"""A sentence of a reference dialogue as long as this is nobody's by chance."""
_PATIENCE_SECONDS = 5.0
"""Whoever has waited so long for the process beside hears for themselves."""
_REST_SECONDS = 30.0
"""So long after its start a process that died gets no successor: one that cannot start would take all the time there is."""
_BEHIND = 5
"""Its niceness: requests go first, reading has seconds."""

_MOST_RUBRICS = 16
"""So many rubrics the process beside knows; of more, the ones it was told first are forgotten."""

_Asked = tuple[str, Scenario, bool, Conversation, tuple[int, ...]]
"""A rubric's hash, a scenario, whether its references are known, the dialogue, and which lines of it."""
_listeners: Newest[SharedListener] = Newest(128)
_heard: Newest[Future[Heard]] = Newest(1024)
_hearing = Lock()
"""Replies are heard one after the other: it takes the interpreter anyway, and a matcher has one place to work in."""


def listener_of(rubric: Rubric, scenario: Scenario, *, knows_references: bool = True) -> SharedListener:
    """Who hears for a scenario's customer; made once. Without references, the reference dialogues can be played."""
    key = (rubric.content_hash, scenario.content_hash, knows_references)
    known = _listeners.get(key)
    if known is not None:
        return known
    hears: Recognise = partial(recognise, references=references_of(scenario)) if knows_references else recognise
    own = listener_for(scenario, compiled_auditor(rubric, Context()), hears)
    return _listeners.put(key, SharedListener(rubric, scenario, own, knows_references=knows_references))


def references_of(scenario: Scenario) -> tuple[str, ...]:
    """What a candidate may have seen of the good dialogue and must not paste: its replies, and their longer sentences."""
    if scenario.references is None:
        return ()
    replies = [one.says for one in scenario.references.good.replies]
    sentences = [piece.text for reply in replies for piece in pieces(reply) if letters(piece.text) >= _SENTENCE_LETTERS]
    return tuple(dict.fromkeys((*replies, *sentences)))


class SharedListener:
    """Hears for a scenario's customer: what one has heard, or begun to hear, all have; for several threads."""

    def __init__(self, rubric: Rubric, scenario: Scenario, own: Listener, *, knows_references: bool) -> None:
        self._rubric, self._scenario, self._own, self._knows_references = rubric, scenario, own, knows_references

    @property
    def auditor(self) -> Auditor:
        """What the replies are judged by."""
        return self._own.auditor

    def ahead(self, conversation: Conversation, lines: Sequence[int]) -> None:
        """Begin with what will be heard in a while, where there is a process beside this one."""
        self._begun(conversation, lines)

    def hear(self, conversation: Conversation, lines: Sequence[int]) -> Heard:
        """What the messages with these numbers, the candidate's newest, are."""
        begun = self._begun(conversation, lines)
        if begun is not None:
            try:
                return begun.result(_PATIENCE_SECONDS)
            except Exception as error:  # noqa: BLE001 - what lies in the dialogue comes up again below
                _log.warning("the process that hears replies did not answer (%r); this one does", error)
        with _hearing:
            return self._own.hear(conversation, lines)

    def _begun(self, conversation: Conversation, lines: Sequence[int]) -> Future[Heard] | None:
        if not _beside.is_wanted:
            return None
        rubric, scenario = self._rubric.content_hash, self._scenario
        key = (rubric, scenario.content_hash, self._knows_references, conversation.messages, tuple(lines))
        known = _heard.get(key)
        if known is None or (known.done() and known.exception() is not None):
            asked = (rubric, scenario, self._knows_references, conversation, tuple(lines))
            known = _beside.begin(self._rubric, asked)
            if known is not None:
                _heard.put(key, known)
        return known


def hear_beside() -> None:
    """From now on this process has another one hear, which starts when it is needed first."""
    _beside.is_wanted = True


def prepare() -> None:
    """Load what the first reply needs, which takes seconds: whoever lets people begin does it before, in no transaction."""
    rubrics = in_force()
    shipped_scenarios()
    if _beside.is_wanted:
        _beside.start(rubrics)
    else:
        recognise("您好", ())


class _Beside:
    """The process in which replies are heard. One that dies gets a successor."""

    def __init__(self) -> None:
        self.is_wanted = False
        self._pool: ProcessPoolExecutor | None = None
        self._told: list[str] = []
        self._started = -_REST_SECONDS
        self._lock = Lock()

    def start(self, rubrics: Sequence[Rubric]) -> None:
        """Have it started and tell it some rubrics, without waiting for it."""
        for rubric in rubrics:
            self.begin(rubric, None)

    def begin(self, rubric: Rubric, asked: _Asked | None) -> Future[Heard] | None:
        """Have something heard by a rubric; ``None`` where the process has died and it is too early for another."""
        with self._lock:
            try:
                pool = self._told_pool(rubric)
                return None if pool is None or asked is None else pool.submit(_hear, asked)
            except (RuntimeError, OSError) as error:
                _log.warning("the process that hears replies has died: %r", error)
                self._pool = None
                return None

    def _told_pool(self, rubric: Rubric) -> ProcessPoolExecutor | None:
        if self._pool is None:
            if time.monotonic() - self._started < _REST_SECONDS:
                return None
            self._started, self._told = time.monotonic(), []
            self._pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"), initializer=_settle_in)
        if rubric.content_hash not in self._told:
            self._pool.submit(_learn, rubric)
            self._told = [*self._told, rubric.content_hash][-_MOST_RUBRICS:]
        return self._pool


_beside = _Beside()


# --- in the process beside --------------------------------------------------------------------------

_rubrics: dict[str, Rubric] = {}
"""As ``_Beside._told`` has them."""


def _settle_in() -> None:
    belong_to_parent()
    os.nice(_BEHIND)
    recognise("您好", ())


def _learn(rubric: Rubric) -> None:
    _rubrics[rubric.content_hash] = rubric
    for old in list(_rubrics)[:-_MOST_RUBRICS]:
        del _rubrics[old]


def _hear(asked: _Asked) -> Heard:
    rubric, scenario, knows_references, conversation, lines = asked
    return listener_of(_rubrics[rubric], scenario, knows_references=knows_references).hear(conversation, lines)
