"""Auditing stored conversations anew: where the rubric, what is known beside the chat, or the engine has changed.

Audits that were made before stay. What has not changed is passed over, so that a job that is interrupted begins again at
no great cost. People ask for it for one conversation (``services/conversation_pages.py``), for a list as they have
filtered it, or, where a shop's settings have changed, for the whole shop.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import msgspec
from sqlalchemy.orm import Session

from qaplatform.services import graded_scores
from qaplatform.services.access import AccessError, Viewer
from qaplatform.services.arriving import Arrived, Reception
from qaplatform.services.contexts import SETTLES_AFTER, ContextBook
from qaplatform.services.jobs import JobCancelledError, JobRun
from qaplatform.services.judging import Judge, key_of
from qaplatform.services.noting import note
from qaplatform.services.taking_in import versions_of
from qaplatform.store import reaudits
from qaplatform.store.conversation_filters import ConversationFilter
from qaplatform.store.conversations import Around
from qaplatform.store.findings import Audit, version_ids
from qaplatform.store.jobs import announce, is_waiting
from qaplatform.store.listing import listed_ids
from qaplatform.store.message_rows import StoredMessage
from qaplatform.store.reaudits import Kept, Renewed, Wanted

REAUDIT = "reaudit.ask"
MOST_CHOSEN = 20_000
"""So many conversations are named one by one in a job; whole shops and days have no such bound."""
REAUDIT_KIND = "reaudit"
SETTLE_KIND = "settle"
_PAGE = 400
_SETTLE_WITHIN = timedelta(days=3)


def ask_reaudit(session: Session, wanted: Wanted, *, now: datetime, user_id: int | None) -> int:
    """Announce that conversations are to be audited anew where anything has changed; the job's id.

    The same asked again while it waits is the same job. One that runs has looked at the settings already: what was
    changed since would be lost in it, and another follows.
    """
    payload = msgspec.to_builtins(wanted)
    digest = hashlib.sha256(msgspec.json.encode(payload, order="deterministic")).hexdigest()
    total = reaudits.count_wanted(session, wanted)
    for number in count(1):
        job_id = announce(
            session, REAUDIT_KIND, payload, now=now, unique_key=f"{REAUDIT_KIND}:{digest}:{number}", user_id=user_id,
            total=total,
        )  # fmt: skip
        if is_waiting(session, job_id):
            return job_id
    raise AssertionError("there is no end of numbers")


class Asked(msgspec.Struct, frozen=True):
    """A job that audits anew, and how many conversations it looks at."""

    job_id: int
    count: int


def ask_for_list(session: Session, viewer: Viewer, listed: ConversationFilter, *, now: datetime) -> Asked | None:
    """Have the conversations of a filtered list audited anew where anything has changed; ``None`` where there are none.

    Of more than ``MOST_CHOSEN`` that can only be named one by one, the newest are taken.

    Raises:
        AccessError: the viewer may not ask for it.
    """
    viewer.demand(REAUDIT)
    # Whoever may ask for all of them still reaches no further than the list that they see.
    scope = viewer.scope(REAUDIT)
    scope = viewer.scope("conversations.see") if scope.everything else scope
    shops_and_days = ConversationFilter(shop_ids=listed.shop_ids, since=listed.since, until=listed.until)
    if listed == shops_and_days and scope.everything:
        shops = tuple(sorted(listed.shop_ids)) or None
        wanted = Wanted(shop_ids=shops, started_since=listed.since, started_until=listed.until)
    else:
        wanted = Wanted(conversation_ids=tuple(sorted(listed_ids(session, listed, scope, limit=MOST_CHOSEN))))
    return _asked(session, viewer, wanted, now=now, shop_id=None)


def ask_for_shop(session: Session, viewer: Viewer, shop_id: int | None, *, now: datetime) -> Asked | None:
    """Have all conversations of a shop, or of all shops, audited anew by the settings of now; ``None`` where there are none.

    Raises:
        AccessError: the viewer may not ask for it there.
    """
    scope = viewer.scope(REAUDIT)
    if not (scope.everything or shop_id in scope.shop_ids):
        raise AccessError
    return _asked(session, viewer, Wanted(shop_ids=None if shop_id is None else (shop_id,)), now=now, shop_id=shop_id)


def _asked(session: Session, viewer: Viewer, wanted: Wanted, *, now: datetime, shop_id: int | None) -> Asked | None:
    meant = reaudits.count_wanted(session, wanted)
    if not meant:
        return None
    job_id = ask_reaudit(session, wanted, now=now, user_id=viewer.user_id)
    subject = ("conversations", None) if shop_id is None else ("shop", shop_id)
    note(session, viewer, now, "reaudit.asked", subject, shop_id=shop_id, count=meant, job=job_id)
    return Asked(job_id, meant)


def run_reaudit(run: JobRun) -> None:
    """Handler of the job ``reaudit``.

    Raises:
        JobCancelledError: somebody asked for it to stop, between two pages.
    """
    audit_anew(run, msgspec.convert(run.payload, Wanted))


def run_settling(run: JobRun) -> None:
    """Handler of the periodic job ``settle``: what came in while it was still going on is judged as it ended.

    Raises:
        JobCancelledError: somebody asked for it to stop, between two pages.
    """
    until = run.now() - SETTLES_AFTER
    audit_anew(run, Wanted(ended_since=until - _SETTLE_WITHIN, ended_until=until, unsettled=True))


def audit_anew(run: JobRun, wanted: Wanted) -> None:
    """Audit what has changed of the conversations that are wanted.

    Raises:
        JobCancelledError: somebody asked for it to stop, between two pages.
    """
    as_of = run.now()
    with run.store.reading() as session:
        book = ContextBook(session)
        total = reaudits.count_wanted(session, wanted)
    seen = renewed = after = 0
    with Judge() as judge:
        while True:
            with run.store.reading() as session:
                page = reaudits.kept_conversations(session, wanted, after_id=after, limit=_PAGE)
                due = [one for one in page if _has_changed(session, book, one, as_of)]
                messages = reaudits.messages_of(session, due)
                arrived = [received(session, book, one, messages[one.id], as_of) for one in due]
            if not page:
                return
            audits = judge.begin([one.to_judge for one in arrived], as_of=as_of)()
            if run.cancel_asked():
                raise JobCancelledError
            seen, after = seen + len(page), page[-1].id
            cases = [one.to_judge for one in arrived]
            results = [
                _renewed(kept, one, audit, messages[kept.id])
                for kept, one, audit in zip(due, arrived, audits, strict=True)
            ]
            with run.writing() as session:
                versions = version_ids(session, versions_of([one for one in audits if one], cases), now=run.now())
                agents = {one.code: one.id for one in book.people.agents.values()}
                renewed += reaudits.store_renewed(session, results, Around(None, versions, agents, run.now(), as_of))
                graded_scores.follow_audits(session, [one.kept.id for one in results])
                run.progress(session, seen, max(total, seen), f"{renewed:,}")


def _has_changed(session: Session, book: ContextBook, kept: Kept, as_of: datetime) -> bool:
    reception = Reception(book, as_of)
    ended_at = kept.ended_at if kept.is_timed else None
    context = reception.context_of(session, kept.shop_id, kept.started_at, ended_at)
    return key_of(book.rubrics.chosen(kept.conversation, kept.started_at), context) != kept.audit


def received(
    session: Session, book: ContextBook, kept: Kept, messages: Sequence[StoredMessage], as_of: datetime
) -> Arrived:
    """A stored conversation as if it arrived now, with the learned risk of its own team."""
    conversation = msgspec.structs.replace(kept.conversation, messages=reaudits.as_written(messages))
    reception = Reception(book, as_of, arrived_at=kept.started_at)
    arrived = reception.receive(session, conversation, "", book.shops[kept.shop_id])
    model = book.risks.of(session, _team_of(kept, arrived))
    return replace(arrived, to_judge=replace(arrived.to_judge, model=model))


def _team_of(kept: Kept, arrived: Arrived) -> int | None:
    """The team is that of the person on arrival, unless somebody else turns out to have written."""
    one = arrived.arrival
    return kept.team_id if one.agent_id == kept.agent_id else one.team_id


def _renewed(kept: Kept, arrived: Arrived, audit: Audit | None, messages: Sequence[StoredMessage]) -> Renewed:
    one = arrived.arrival
    return Renewed(
        kept, audit, one.agent_ids, one.agent_id, _team_of(kept, arrived), one.agent_names, messages
    )  # fmt: skip
