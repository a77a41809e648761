"""A conversation as somebody may see it: messages behind the mask, an audit with its words, waits, and what lies around.

Texts leave this module masked only, unless the mask was lifted (``services/masking.py``) in the same transaction: messages,
texts among the facts of findings, and notes, all with the same numbers for the same values.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.context import Context
from qaplatform.audit.finding import Observations
from qaplatform.audit.hints import HINT
from qaplatform.audit.masking import Language, Masked
from qaplatform.audit.rubric import Rubric
from qaplatform.services import masking
from qaplatform.services.access import Viewer
from qaplatform.services.browsing import NotThereError, view_conversation
from qaplatform.services.erasing import State, standing
from qaplatform.services.graded_scores import grading_to_show
from qaplatform.services.noting import note
from qaplatform.services.reauditing import REAUDIT, ask_reaudit
from qaplatform.services.reply_waits import LATE, LateReply, Wait, channel_limit, moments_of, timing_criteria, waits
from qaplatform.services.rubric_versions import context_of, rubric_of
from qaplatform.store import conversation_words as words
from qaplatform.store import grading_runs
from qaplatform.store import reviews as review_rows
from qaplatform.store.conversation_words import About
from qaplatform.store.grades import ReadGrading, sent_text
from qaplatform.store.listed_rows import ListedConversation, listed_within
from qaplatform.store.reading_conversations import (
    ReadAudit,
    ReadConversation,
    ReadNote,
)
from qaplatform.store.reaudits import Wanted
from qaplatform.store.reviews import GivenReview, ReviewParts

SEE, NOTES = "conversations.see", "notes.write"
SEE_MODEL, ASK_MODEL = "grader.see", "grader.ask"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which state of a conversation is asked for; without either, its newest audit's."""

    audit_id: int | None = None
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class ConversationPage:
    """All that a page shows of a conversation."""

    read: ReadConversation
    """As it is stored: its texts are shown from ``masked``, ``fact_texts`` and ``notes`` only."""
    about: About
    masked: Sequence[Masked]
    """The messages as they are shown."""
    moments: Sequence[datetime | None]
    rubric: Rubric | None
    """What it was judged by; ``None`` without an audit, and where this release cannot read it."""
    context: Context
    """What the audit knew; without one, what is known by default in the shop's zone."""
    observations: Observations | None
    fact_texts: Mapping[str, str]
    """Texts among the facts of findings, and how they are shown."""
    waits: Mapping[int, Wait]
    """By the number of the reply."""
    notes: Sequence[ReadNote]
    """None for those who may write none."""
    reviews: Sequence[GivenReview]
    """The newest first; summaries as they are shown."""
    rulings: ReviewParts | None
    """What the newest of them decided and said, as it is shown."""
    grading: ReadGrading | None
    """What a model said of this revision, as far as it stands; who may see what of it: :attr:`may_see_model`."""
    may_see_model: bool
    """Otherwise only answers that count are shown."""
    may_ask_model: bool
    """Whether there is a model to ask, something to ask it, and the viewer may."""
    is_asking: bool
    """Whether a model is just being asked about this conversation."""
    is_unmasked: bool
    erasure: State | None
    """How it stands with the erasure of the customer; ``None`` where nobody knows who they are."""


def conversation_page(
    session: Session,
    viewer: Viewer,
    id: int,
    *,
    asked: Asked = Asked(),
    language: Language = "zh",
    unmasked: bool = False,
    permission: str = SEE,
) -> ConversationPage:
    """A conversation with all that belongs to it.

    Args:
        session: A transaction; nothing is written.
        viewer: Who asks.
        id: The conversation.
        asked: Which state of it.
        language: The viewer's, for placeholders.
        unmasked: Only after :func:`lift_mask` in the same transaction.
        permission: What the viewer needs.

    Raises:
        NotThereError: there is none, the viewer may not see it, or it has no such revision or audit.
    """
    read = view_conversation(
        session,
        viewer.scope(permission),
        id,
        revision=asked.revision,
        audit_id=asked.audit_id,
        reader_id=viewer.user_id,
    )
    # Notes are for those who may write them: what reviewers say to each other is not said to whom it is about.
    if not _may(viewer, NOTES, read.listed):
        read = msgspec.structs.replace(read, notes=())
    about = read.about
    rubric, context = _known(session, read.audit)
    masked, fact_texts, notes = _masked(read, about, language, unmasked=unmasked)
    reviews, parts = _reviews(session, read, about, language, unmasked=unmasked)
    can_ask = is_asking = False
    if _may(viewer, ASK_MODEL, read.listed):
        can_ask, is_asking = grading_runs.can_ask_about(session, id)
    moments = moments_of([one.sent_at for one in read.messages], ZoneInfo(read.listed.timezone))
    return ConversationPage(
        read=read,
        about=about,
        masked=masked,
        moments=moments,
        rubric=rubric,
        context=context or Context(timezone=read.listed.timezone),
        observations=_observations(read.audit),
        fact_texts=fact_texts,
        waits=waits(
            read.messages,
            moments,
            context=context,
            channel_limit_seconds=channel_limit(rubric, read.listed.channel),
            late=_late(read.audit, rubric),
        ),
        notes=notes,
        reviews=reviews,
        rulings=parts,
        grading=grading_to_show(
            session, id, read.revision, rubric=rubric, audit_id=read.audit.line.id if read.audit else None
        ),
        may_see_model=_may(viewer, SEE_MODEL, read.listed),
        may_ask_model=can_ask and _is_open(read, rubric),
        is_asking=is_asking,
        is_unmasked=unmasked,
        erasure=_erasure(session, read),
    )


def _may(viewer: Viewer, permission: str, row: ListedConversation) -> bool:
    return viewer.may_see(permission, shop_id=row.shop_id, team_id=row.team_id, agent_id=row.agent_id)


def _is_open(read: ReadConversation, rubric: Rubric | None) -> bool:
    """Whether there are questions about the newest revision that a model may be asked."""
    if read.audit is None or rubric is None or rubric.forbids_llm or read.has_newer or read.listed.text_purged_at:
        return False
    asks = {one.id for one in rubric.criteria if one.kind == "question"}
    return any(one.criterion in asks and one.outcome == "unscored" for one in read.audit.results)


class Sent(msgspec.Struct, frozen=True):
    """A part of a conversation as it was sent to a language model: masked, without the fence around it."""

    row: ListedConversation
    text: str | None
    """``None``: it was purged with the conversation's words."""


def sent_words(session: Session, viewer: Viewer, id: int, text_hash: str) -> Sent:
    """What was sent of a conversation, by its hash.

    Raises:
        NotThereError: there is no such conversation, the viewer may not see what was sent, or that never was.
    """
    row = reached(session, viewer, id, SEE_MODEL)
    text = sent_text(session, id, text_hash)
    if text is None and row.text_purged_at is None:
        raise NotThereError
    return Sent(row, text)


def lift_mask(session: Session, viewer: Viewer, id: int, *, now: datetime) -> None:
    """Lift the mask for what is read in this transaction; the activity log says so.

    Raises:
        NotThereError: there is no such conversation, or the viewer may not lift its mask.
    """
    row = reached(session, viewer, id, masking.UNMASK)
    masking.lift(
        session, viewer, conversation_id=id, shop_id=row.shop_id, team_id=row.team_id, agent_id=row.agent_id, now=now
    )


def reached(session: Session, viewer: Viewer, id: int, permission: str) -> ListedConversation:
    """A conversation with which somebody may do something, as lists show it.

    Raises:
        NotThereError: there is none, or they may not.
    """
    row = listed_within(session, id, viewer.scope(permission))
    if row is None:
        raise NotThereError
    return row


def _erasure(session: Session, read: ReadConversation) -> State | None:
    customer_id = read.listed.customer_id
    if customer_id is None:
        return None
    return "erased" if read.erased_at is not None else standing(session, customer_id)


def _known(session: Session, audit: ReadAudit | None) -> tuple[Rubric | None, Context | None]:
    if audit is None:
        return None, None
    line = audit.line
    rubric = rubric_of(line.rubric_hash, line.rubric, lambda: words.rubric_files(session, line.rubric_version_id))
    return rubric, context_of(words.context_body(session, audit.context_version_id))


def _masked(
    read: ReadConversation, about: About, language: Language, *, unmasked: bool
) -> tuple[Sequence[Masked], dict[str, str], list[ReadNote]]:
    """Messages, texts among facts, and notes, masked as one."""
    texts = [one.text for one in read.messages]
    quoted = texts_among(read.audit) if read.audit else []
    known_names = [about.customer_key] if about.customer_key else []
    shown = masking.shown(
        [*texts, *quoted, *(one.text for one in read.notes)],
        unmasked=unmasked,
        language=language,
        known_names=known_names,
    )
    after = len(texts) + len(quoted)
    return (
        shown[: len(texts)],
        {text: one.text for text, one in zip(quoted, shown[len(texts) : after], strict=True)},
        [msgspec.structs.replace(note, text=one.text) for note, one in zip(read.notes, shown[after:], strict=True)],
    )


def _reviews(
    session: Session, read: ReadConversation, about: About, language: Language, *, unmasked: bool
) -> tuple[Sequence[GivenReview], ReviewParts | None]:
    """The reviews and what belongs to the newest one, with their words masked."""
    given = review_rows.reviews_of(session, read.listed.id)
    if not given:
        return (), None
    parts = review_rows.parts_of(session, given[0].id)
    texts = [one.summary for one in given]
    texts += [one.reason or "" for one in parts.rulings]
    texts += [one.comment for one in parts.added]
    texts += [one.text for one in parts.comments]
    names = [about.customer_key] if about.customer_key else []
    shown = iter(masking.shown(texts, unmasked=unmasked, language=language, known_names=names))
    replaced = msgspec.structs.replace
    reviews = tuple(replaced(one, summary=next(shown).text) for one in given)
    rulings = tuple(replaced(one, reason=next(shown).text) for one in parts.rulings)
    added = tuple(replaced(one, comment=next(shown).text) for one in parts.added)
    comments = tuple(replaced(one, text=next(shown).text) for one in parts.comments)
    return reviews, replaced(parts, rulings=rulings, added=added, comments=comments)


def texts_among(audit: ReadAudit) -> list[str]:
    """The texts among the facts of findings, each once: they may hold what a customer wrote."""
    found: dict[str, None] = {}
    for place in audit.findings:
        for value in place.facts.values():
            for one in value if isinstance(value, (list, tuple)) else (value,):
                if isinstance(one, str) and one:
                    found[one] = None
    return list(found)


def _observations(audit: ReadAudit | None) -> Observations | None:
    if audit is None:
        return None
    try:
        return msgspec.convert(audit.observations, Observations)
    except msgspec.ValidationError:
        _log.warning("the observations of audit %s cannot be read by this release", audit.line.id, exc_info=True)
        return None


def _late(audit: ReadAudit | None, rubric: Rubric | None) -> dict[int, LateReply] | None:
    """Late replies as the check has found them; ``None`` where it has not judged."""
    timing = timing_criteria(rubric)
    looked = ("pass", "fail")
    judged = {one.criterion for one in audit.results if one.outcome in looked or one.reason == HINT} if audit else set()
    if audit is None or not timing & judged:
        return None
    return {
        one.message_number: LateReply(float(one.facts["waited_seconds"]), float(one.facts["limit_seconds"]))
        for one in audit.findings
        if one.criterion in timing and one.code == LATE and {"waited_seconds", "limit_seconds"} <= one.facts.keys()
    }


def reaudit(session: Session, viewer: Viewer, id: int, *, now: datetime) -> int:
    """Ask for a conversation to be audited anew, where anything has changed since; the id of the job.

    Raises:
        NotThereError: there is no such conversation, or the viewer may not ask for it.
    """
    row = reached(session, viewer, id, REAUDIT)
    job_id = ask_reaudit(session, Wanted(conversation_ids=(id,)), now=now, user_id=viewer.user_id)
    note(session, viewer, now, "reaudit.asked", ("conversation", id), shop_id=row.shop_id, job=job_id)
    return job_id
