"""The server is killed at any moment of an exam: no acknowledged message or draft is lost, none is doubled, no time is gained."""

from __future__ import annotations

import os
import random
import signal
import time
import traceback
import warnings
from collections import Counter
from datetime import datetime, timedelta
from itertools import count

import msgspec
import pytest
from sqlalchemy import select

from qaplatform.exam.customer import Customer
from qaplatform.exam.dialogue import State
from qaplatform.exam.playing import played
from qaplatform.services.training import exam_room
from qaplatform.services.training.catalogue import scenarios_now
from qaplatform.services.training.exam_hearing import listener_of
from qaplatform.services.training.exam_room import SittingWanted
from qaplatform.services.training.texts import Writing, write_text
from qaplatform.store.engine import Store
from qaplatform.store.tables import ExamDialogue, ExamDraft, ExamMessage
from tests.exam.small import SMALL
from tests.exam.standing import shipped_auditor
from tests.services.training.examined import LEAD, NEW_HIRE, NOW, begun, only_dialogue, with_people
from tests.stores import ONLY_SQLITE

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")
_TIMES_FASTER = 40
"""So many seconds of the exam pass in one."""
_ENDS_SECONDS, _WAITS_SECONDS = 7200, 1800
_EVENTS = (
    "greets soothes apologises explains promises refuses refuses_explained stalls rebuffs banned insult curt vague cold"
    " asked_again not_answered silence"
)
_PATIENT = SMALL.replace(
    "ends_after_seconds: 600", f"ends_after_seconds: {_ENDS_SECONDS}, waits_seconds: {_WAITS_SECONDS}"
).replace("mood: {start: 4}", f"mood: {{start: 9, rules: {{{', '.join(f'{one}: 0' for one in _EVENTS.split())}}}}}")
"""A customer whom nothing angers and who waits, so that the dialogue goes on, however slow the machine is."""


@ONLY_SQLITE
def test_a_killed_server_loses_nothing_and_gives_no_time(store_url: str) -> None:
    kill_again_and_again(store_url, kills=10)


@pytest.mark.full
def test_the_same_for_longer_and_on_both_databases(store_url: str) -> None:
    kill_again_and_again(store_url, kills=100)


class _Clock:
    """The clock of every server of the test: an exam's time that runs fast."""

    def __init__(self) -> None:
        self._begun = time.monotonic()

    def now(self) -> datetime:
        return NOW + timedelta(seconds=_TIMES_FASTER * (time.monotonic() - self._begun))

    def second(self) -> float:
        return (self.now() - NOW).total_seconds()


def kill_again_and_again(url: str, *, kills: int) -> None:
    dialogue_id = _begin(url)
    chance, clock = random.Random(11), _Clock()
    sent: dict[int, tuple[int, float, float]] = {}
    upcoming = 0
    for _ in range(kills):
        acknowledged = _serve_and_kill(url, dialogue_id, clock, upcoming, chance.uniform(0.0, 0.12))
        drafted = [int(one[1]) for one in acknowledged if one[0] == "draft"]
        sent |= {int(one[1]): (int(one[2]), float(one[3]), float(one[4])) for one in acknowledged if one[0] == "sent"}
        texts, draft = _kept(url, dialogue_id)
        for number in drafted[-1:]:
            assert draft == f"草稿{number}" or f"草稿{number}" in texts, "an acknowledged draft stands, or was sent"
        upcoming = max(sent, default=-1) + 1
    assert len(sent) >= kills
    _look_over(url, dialogue_id, sent)


def _begin(url: str) -> int:
    store = Store(url)
    with_people(store)
    with store.writing() as session:
        write_text(session, LEAD, Writing(kind="scenario", code="small", text=_PATIENT), state="published", now=NOW)
    sitting_id = begun(store, wanted=SittingWanted(kind="small"))
    dialogue_id = only_dialogue(store, sitting_id)
    # What a process loads when a reply is first heard is loaded before the first of them begins.
    with store.reading() as session:
        scenario = scenarios_now(session)["small"]
    played(Customer(scenario, 1, listener_of(shipped_auditor().rubric, scenario)), [(9, "您好")], until_seconds=60)
    store.close()
    return dialogue_id


def _serve_and_kill(url: str, dialogue_id: int, clock: _Clock, first: int, seconds: float) -> list[list[str]]:
    """Let a process take drafts and messages until it is killed; what it has acknowledged.

    The browser sends again, under its key, what was not acknowledged.
    """
    heard, said = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking beside threads, none of which is of use here
        child = os.fork()
    if child == 0:
        try:
            os.close(heard)
            _serve(url, dialogue_id, clock, first, said)
        except BaseException:
            traceback.print_exc()
            raise
        finally:
            os._exit(1)
    os.close(said)
    with os.fdopen(heard, "rb", buffering=0) as acknowledged:
        begun_with = b""
        while b"sent" not in begun_with:
            more = acknowledged.read(100)
            assert more, "it ended by itself"
            begun_with += more
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        rest = acknowledged.read()
    assert os.WIFSIGNALED(status), "it ended by itself"
    lines = (begun_with + rest).decode().split("\n")
    return [line.split() for line in lines[:-1]]


def _serve(url: str, dialogue_id: int, clock: _Clock, first: int, said: int) -> None:
    store = Store(url)
    for number in count(first):
        with store.writing() as session:
            exam_room.keep_draft(session, NEW_HIRE, dialogue_id, f"草稿{number}", now=clock.now())
        os.write(said, f"draft {number}\n".encode())
        before = clock.second()
        with store.writing() as session:
            text, key = f"草稿{number}：照片我看到了", f"key-{number}"
            sent = exam_room.write(session, NEW_HIRE, dialogue_id, text, key, now=clock.now())
        # A message that came through before the kill keeps the second it had then.
        since = before if sent.is_new else 0
        os.write(said, f"sent {number} {sent.number} {since} {clock.second()}\n".encode())


def _kept(url: str, dialogue_id: int) -> tuple[str, str | None]:
    store = Store(url)
    with store.reading() as session:
        texts = session.scalars(select(ExamMessage.text).where(ExamMessage.by == "candidate")).all()
        draft = session.scalar(select(ExamDraft.text).where(ExamDraft.dialogue_id == dialogue_id))
    store.close()
    return "\n".join(texts), draft


def _look_over(url: str, dialogue_id: int, sent: dict[int, tuple[int, float, float]]) -> None:
    store = Store(url)
    with store.reading() as session:
        messages = session.scalars(select(ExamMessage).order_by(ExamMessage.number)).all()
        dialogue = session.get_one(ExamDialogue, dialogue_id)
        scenario = scenarios_now(session)["small"]
    assert [one.number for one in messages] == list(range(len(messages)))
    by_key = {one.sent_key: one for one in messages if one.sent_key}
    assert Counter(one.sent_key for one in messages if one.by == "candidate").most_common(1)[0][1] == 1
    for number, (place, least, most) in sent.items():
        one = by_key[f"key-{number}"]
        assert one.number == place
        assert int(least) <= one.at_seconds <= most, "a message has the second at which it was sent"
    texts = [(one.at_seconds, one.text) for one in messages if one.by == "candidate"]
    assert len(texts) - len(sent) in (0, 1), "at most one came through of which nobody heard"
    customer = Customer(scenario, dialogue.seed, listener_of(shipped_auditor().rubric, scenario))
    again = played(customer, texts)
    assert msgspec.convert(dialogue.state, State) == again
    assert [(line.by, line.text) for line in again.lines] == [(one.by, one.text) for one in messages]
    ends_at = NOW + timedelta(seconds=_ENDS_SECONDS)
    assert dialogue.deadline_at == ends_at
    with store.writing() as session, pytest.raises(exam_room.ExamEndedError):
        exam_room.write(session, NEW_HIRE, dialogue_id, "还有", "late", now=ends_at)
    with store.writing() as session:
        exam_room.record_ends(session, NEW_HIRE, dialogue.sitting_id, now=ends_at + timedelta(hours=1))
    with store.reading() as session:
        assert session.get_one(ExamDialogue, dialogue_id).ended_at is not None
        assert (session.get_one(ExamDialogue, dialogue_id).ended_at or ends_at) <= ends_at
    store.close()
