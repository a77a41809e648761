"""Replaying a draft on past conversations: what it would have said of them, against what the newest version says.

Nothing is written but the figures. What stored audits say already is not judged again (``services/replay_plans.py``):
where a conversation's newest audit was made by the newest version, in the context and by the engine of today, only the
criteria that have changed are judged and the points added up anew. All others are audited by both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, ClassVar

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.rubric import ConversationFacts
from qaplatform.audit.rubric_choice import select_rubric
from qaplatform.errors import InputError, QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.arriving import Reception
from qaplatform.services.contexts import ContextBook, together
from qaplatform.services.jobs import JobRun, stop_if_cancelled
from qaplatform.services.judging import key_of
from qaplatform.services.matcher_cache import compiled_auditor
from qaplatform.services.noting import note
from qaplatform.services.replay_figures import Tally
from qaplatform.services.replay_merging import Case, Merging
from qaplatform.services.replay_plans import ReplayPlan, replay_plan
from qaplatform.services.rubric_books import rubric_in
from qaplatform.services.rubric_drafts import EDIT, draft_seen
from qaplatform.services.rubric_faults import DraftClosedError, FaultyRubricError
from qaplatform.services.rubric_releases import SEE
from qaplatform.store import reaudits, rubric_replays
from qaplatform.store.jobs import announce
from qaplatform.store.reaudits import Kept, Wanted
from qaplatform.store.rubric_replays import Replay, ReplayLine, StoredAudit

REPLAY_KIND = "rubrics.replay"
MOST_REPLAYED = 100_000
"""Of more conversations a sample of so many is drawn."""
DEFAULT_DAYS = 30
_PIECE = 1_500
_TIMED = 300
"""So many conversations are audited by both versions in full, to tell what the new one costs."""


class UnknownReplayError(QAPlatformError):
    """There is no such replay; look at those of the draft."""

    code: ClassVar[str] = "rubric_replays.unknown"


class NothingToReplayError(QAPlatformError):
    """No conversation began in this period; choose another one."""

    code: ClassVar[str] = "rubric_replays.empty"


@dataclass(frozen=True)
class Period:
    """Half-open; ``shop_id=None`` means all shops."""

    since: datetime
    until: datetime
    shop_id: int | None = None


def usual_period(session: Session, shop_id: int | None = None) -> Period | None:
    """The last thirty days up to the newest conversation; ``None`` where there is none."""
    newest = rubric_replays.newest_start(session, shop_id)
    if newest is None:
        return None
    until = newest + timedelta(seconds=1)
    return Period(until - timedelta(days=DEFAULT_DAYS), until, shop_id)


def ask_replay(session: Session, viewer: Viewer, draft_id: int, period: Period, *, now: datetime) -> int:
    """Announce a replay of a draft as it is now; the replay's id.

    Raises:
        AccessError: the viewer may not edit rubrics.
        UnknownDraftError: there is no such draft.
        DraftClosedError: it was published or dropped.
        FaultyRubricError: it has mistakes.
        NothingToReplayError: there is no conversation in the period.
    """
    viewer.demand(EDIT)
    seen = draft_seen(session, viewer, draft_id)
    if seen.draft.state != "open":
        raise DraftClosedError
    if seen.rubric is None:
        raise FaultyRubricError
    total = rubric_replays.count_of_period(session, period.since, period.until, period.shop_id)
    if not total:
        raise NothingToReplayError
    replay_id = rubric_replays.add_replay(
        session, draft_id=draft_id, content_hash=seen.rubric.content_hash, files=dict(seen.draft.files),
        started_since=period.since, started_until=period.until, shop_id=period.shop_id, asked_by=viewer.user_id,
        created_at=now,
    )  # fmt: skip
    job_id = announce(
        session, REPLAY_KIND, {"replay_id": replay_id}, now=now, unique_key=f"{REPLAY_KIND}:{replay_id}",
        user_id=viewer.user_id, total=min(total, MOST_REPLAYED),
    )  # fmt: skip
    rubric_replays.set_job(session, replay_id, job_id)
    note(session, viewer, now, "rubric.replay_asked", ("rubric_draft", draft_id), job=job_id)
    return replay_id


def replay_seen(session: Session, viewer: Viewer, replay_id: int) -> Replay:
    """A replay.

    Raises:
        AccessError: the viewer may not see rubrics.
        UnknownReplayError: there is none.
    """
    viewer.demand(SEE)
    found = rubric_replays.replay(session, replay_id)
    if found is None:
        raise UnknownReplayError
    return found


def replays_of(session: Session, viewer: Viewer, draft_id: int) -> list[ReplayLine]:
    """The replays of a draft, newest first.

    Raises:
        AccessError: the viewer may not see rubrics.
    """
    viewer.demand(SEE)
    return rubric_replays.replays_of(session, draft_id)


def run_replay(run: JobRun) -> None:
    """Handler of the job ``rubrics.replay``; one that is interrupted begins anew.

    Raises:
        InputError: the draft or the replay is not there, or cannot be read.
        JobCancelledError: somebody asked for it to stop, between two pieces.
    """
    begun_at = run.now()
    with run.store.reading() as session:
        replay = rubric_replays.replay(session, int(run.payload["replay_id"]))
        if replay is None:
            raise InputError("the replay is not there any more")
        if replay.result is not None:
            return
        work = _Work(session, replay, begun_at)
        ids = rubric_replays.ids_of_period(session, replay.started_since, replay.started_until, replay.shop_id)
    total = len(ids)
    if total > MOST_REPLAYED:
        ids = sorted(Random(replay.id).sample(ids, MOST_REPLAYED))
    for start in range(0, len(ids), _PIECE):
        stop_if_cancelled(run)
        piece = ids[start : start + _PIECE]
        with run.store.reading() as session:
            work.take(session, piece)
        work.cost(run)
        with run.writing() as session:
            run.progress(session, start + len(piece), len(ids))
    result = {**work.tally.figures(), **work.said(), "of": total, "seed": replay.id}
    seconds = (run.now() - begun_at).total_seconds()
    with run.writing() as session:
        rubric_replays.finish(session, replay.id, result, seconds=seconds, now=run.now())


class _Work:
    """A replay on its way."""

    def __init__(self, session: Session, replay: Replay, as_of: datetime) -> None:
        self._book = ContextBook(session)
        code = next((path[:-5] for path in replay.files if "/" not in path and path.endswith(".yaml")), "")
        old, new = self._book.rubrics.newest(code), rubric_in(code, replay.files)
        if old is None:
            raise InputError(f"there is no rubric {code}")
        self._old = old
        self._to_choose_from = [new if one is old else one.rubric for one in self._book.rubrics.last]
        self.plan: ReplayPlan = replay_plan(old.rubric, new)
        self._reception = Reception(self._book, as_of)
        self._as_of = as_of
        self._codes = rubric_replays.codes_of_agents(session)
        self._sample: list[Case] = []
        self._added: float | None = None
        self.tally = Tally()
        self._merging = Merging(self.plan, as_of, self.tally)

    def take(self, session: Session, ids: Sequence[int]) -> None:
        """Take some conversations."""
        kept = reaudits.kept_conversations(session, Wanted(conversation_ids=tuple(ids)), after_id=0, limit=len(ids))
        audits = rubric_replays.newest_audits(session, ids)
        cases = [self._case(session, one, audits.get(one.id)) for one in kept]
        meant = [one for one in cases if one is not None]
        needs_words = [one.kept.id for one in meant if one.stored is None or self.plan.judged or not self._sample]
        messages = rubric_replays.messages_as_judged(session, needs_words, self._codes) if needs_words else {}
        # What retention has emptied cannot be judged again by anybody.
        meant = [one for one in meant if messages.get(one.kept.id) or not (one.stored is None or self.plan.judged)]
        for one in meant:
            shop = self._book.shops[one.kept.shop_id].code
            one.conversation = msgspec.structs.replace(
                one.kept.conversation, shop=shop, messages=tuple(messages.get(one.kept.id, ()))
            )
        if not self._sample:
            self._sample = [one for one in meant if one.is_old and one.is_new][:_TIMED]
        self._merging.take(session, meant)

    def _case(self, session: Session, kept: Kept, stored: StoredAudit | None) -> Case | None:
        """A conversation that the rubric applies to, with its stored audit where that can be used."""
        # The newest version is asked of all of them, whatever judged them on their day.
        is_old = self._book.rubrics.chosen(kept.conversation, None) is self._old
        is_new = select_rubric(self._to_choose_from, ConversationFacts.of(kept.conversation)) is self.plan.new
        if not is_old and not is_new:
            return None
        ended_at = kept.ended_at if kept.is_timed else None
        context = self._reception.context_of(session, kept.shop_id, kept.started_at, ended_at)
        usable = stored is not None and key_of(self._old, context) == kept.audit
        return Case(kept, context, stored if usable else None, is_old, is_new)

    def cost(self, run: JobRun) -> None:
        """Once: how long each version takes for the same conversations."""
        if self._added is not None or not self._sample:
            return
        groups: dict[bytes, list[Case]] = {}
        for one in self._sample:
            groups.setdefault(one.context.common, []).append(one)
        took = []
        for rubric in (self._old.rubric, self.plan.new, self._old.rubric, self.plan.new):
            begun = run.now()
            for cases in groups.values():
                context = together([one.context for one in cases], self._as_of)
                compiled_auditor(rubric, context).audit([one.conversation for one in cases]).scores  # noqa: B018
            took.append((run.now() - begun).total_seconds())
        # The first round compiles what is not compiled yet.
        self._added = (took[3] - took[2]) * 1000 / len(self._sample)

    def said(self) -> dict[str, Any]:
        """How it was done."""
        return {
            "old": self._old.rubric.content_hash,
            "judged": list(self.plan.judged),
            "is_whole": self.plan.is_whole,
            "added_seconds": None if self._added is None else round(self._added, 3),
        }
