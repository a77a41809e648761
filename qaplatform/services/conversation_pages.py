"""A conversation as somebody may see it: messages behind the mask, an audit with its words, waits, and what lies around.

Texts leave this module masked only, unless the mask was lifted (``services/masking.py``) in the same transaction: messages,
texts among the facts of findings, and notes, all with the same numbers for the same values.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.context import Context
from qaplatform.audit.finding import Observations
from qaplatform.audit.masking import Language, Masked
from qaplatform.audit.rubric import Rubric
from qaplatform.errors import QAPlatformError
from qaplatform.services import masking
from qaplatform.services.access import Viewer
from qaplatform.services.reply_waits import LATE, LateReply, Wait, channel_limit, moments_of, timing_criteria, waits
from qaplatform.services.rubric_versions import context_of, rubric_of
from qaplatform.store import reading_conversations as store
from qaplatform.store.conversation_filters import ConversationFilter
from qaplatform.store.listed_rows import ListedConversation, listed
from qaplatform.store.listing import list_conversations
from qaplatform.store.message_rows import StoredMessage, messages_of
from qaplatform.store.reading_conversations import Audit, AuditHead, Facts, NoteSeen
from qaplatform.store.scopes import Scope

SEE = "conversations.see"
_OTHERS = 8
_log = logging.getLogger(__name__)


class ConversationNotFoundError(QAPlatformError):
    """There is no such conversation, or it lies outside of what you may see."""

    code: ClassVar[str] = "conversation.not_found"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which state of a conversation is asked for; without either, its newest audit's."""

    audit_id: int | None = None
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class ConversationPage:
    """All that a page shows of a conversation."""

    row: ListedConversation
    facts: Facts
    revision: int
    """Which one is shown; ``row.revision`` is the newest."""
    messages: Sequence[StoredMessage]
    masked: Sequence[Masked]
    moments: Sequence[datetime | None]
    names: Mapping[int, str]
    """Of agents, by id."""
    audit: Audit | None
    rubric: Rubric | None
    """What it was judged by; ``None`` without an audit, and where this release cannot read it."""
    context: Context
    """What the audit knew; without one, what is known by default in the shop's zone."""
    observations: Observations | None
    fact_texts: Mapping[str, str]
    """Texts among the facts of findings, and how they are shown."""
    waits: Mapping[int, Wait]
    """By the number of the reply."""
    notes: Sequence[NoteSeen]
    audits: Sequence[AuditHead]
    """All there are, newest first."""
    of_customer: Sequence[ListedConversation]
    of_case: Sequence[ListedConversation]
    """Other conversations, newest first."""
    is_unmasked: bool


def conversation_page(
    session: Session,
    viewer: Viewer,
    id: int,
    *,
    asked: Asked = Asked(),  # noqa: B008 - a frozen value
    language: Language = "zh",
    unmasked: bool = False,
) -> ConversationPage:
    """A conversation with all that belongs to it.

    Args:
        session: A transaction; nothing is written.
        viewer: Who asks.
        id: The conversation.
        asked: Which state of it.
        language: The viewer's, for placeholders.
        unmasked: Only after :func:`lift_mask` in the same transaction.

    Raises:
        ConversationNotFoundError: there is none, the viewer may not see it, or it has no such audit.
    """
    row = seen_row(session, viewer, id)
    facts = store.facts_of(session, id)
    audits = store.audits_of(session, id)
    head, revision = _wanted(row, audits, asked)
    audit = store.audit_of(session, head) if head else None
    rubric, context = _known(session, audit)
    messages = messages_of(session, id, revision)
    notes = store.notes_of(session, id)
    masked, fact_texts, notes = _masked(messages, audit, notes, facts, language, unmasked=unmasked)
    zone = ZoneInfo(row.timezone)
    moments = moments_of([one.sent_at for one in messages], zone)
    names = store.agent_names(session, {one.agent_id for one in messages if one.agent_id is not None})
    scope = viewer.scope(SEE)
    return ConversationPage(
        row=row,
        facts=facts,
        revision=revision,
        messages=messages,
        masked=masked,
        moments=moments,
        names=names,
        audit=audit,
        rubric=rubric,
        context=context or Context(timezone=row.timezone),
        observations=_observations(audit),
        fact_texts=fact_texts,
        waits=waits(
            messages,
            moments,
            context=context,
            channel_limit_seconds=channel_limit(rubric, row.channel),
            late=_late(audit, rubric),
        ),
        notes=notes,
        audits=audits,
        of_customer=_others(session, scope, ConversationFilter(customer_id=row.customer_id), row),
        of_case=_others(session, scope, ConversationFilter(case_id=row.case_id), row),
        is_unmasked=unmasked,
    )


def seen_row(session: Session, viewer: Viewer, id: int) -> ListedConversation:
    """A conversation as lists show it.

    Raises:
        ConversationNotFoundError: there is none, or the viewer may not see it.
    """
    if not store.is_within(session, id, viewer.scope(SEE)):
        raise ConversationNotFoundError
    return listed(session, [id])[0]


def lift_mask(session: Session, viewer: Viewer, id: int, *, now: datetime) -> None:
    """Lift the mask for what is read in this transaction; the activity log says so.

    Raises:
        ConversationNotFoundError: there is no such conversation, or the viewer may not see it.
        AccessError: they may not lift the mask here.
    """
    row = seen_row(session, viewer, id)
    masking.lift(
        session, viewer, conversation_id=id, shop_id=row.shop_id, team_id=row.team_id, agent_id=row.agent_id, now=now
    )


def _wanted(row: ListedConversation, audits: Sequence[AuditHead], asked: Asked) -> tuple[AuditHead | None, int]:
    """The audit and the revision that are asked for."""
    if asked.audit_id is not None:
        found = next((one for one in audits if one.id == asked.audit_id), None)
        if found is None:
            raise ConversationNotFoundError
        return found, found.revision
    if asked.revision is not None:
        revision = min(max(asked.revision, 1), row.revision)
        return next((one for one in audits if one.revision == revision), None), revision
    newest = next((one for one in audits if one.id == row.audit_id), None)
    return newest, newest.revision if newest else row.revision


def _known(session: Session, audit: Audit | None) -> tuple[Rubric | None, Context | None]:
    if audit is None:
        return None, None
    head = audit.head
    rubric = rubric_of(
        head.rubric_hash, head.rubric_code, lambda: store.rubric_files(session, head.rubric_version_id)
    )
    return rubric, context_of(audit.context)


def _masked(
    messages: Sequence[StoredMessage],
    audit: Audit | None,
    notes: Sequence[NoteSeen],
    facts: Facts,
    language: Language,
    *,
    unmasked: bool,
) -> tuple[Sequence[Masked], dict[str, str], list[NoteSeen]]:
    """Messages, texts among facts, and notes, masked as one."""
    texts = [one.text for one in messages]
    quoted = texts_among(audit) if audit else []
    known_names = [facts.customer_key] if facts.customer_key else []
    shown = masking.shown(
        [*texts, *quoted, *(one.text for one in notes)], unmasked=unmasked, language=language, known_names=known_names
    )
    after = len(texts) + len(quoted)
    return (
        shown[: len(texts)],
        {text: one.text for text, one in zip(quoted, shown[len(texts) : after], strict=True)},
        [msgspec.structs.replace(note, text=one.text) for note, one in zip(notes, shown[after:], strict=True)],
    )


def texts_among(audit: Audit) -> list[str]:
    """The texts among the facts of findings, each once: they may hold what a customer wrote."""
    found: dict[str, None] = {}
    for place in audit.findings:
        for value in place.facts.values():
            for one in value if isinstance(value, (list, tuple)) else (value,):
                if isinstance(one, str) and one:
                    found[one] = None
    return list(found)


def _observations(audit: Audit | None) -> Observations | None:
    if audit is None:
        return None
    try:
        return msgspec.convert(audit.observations, Observations)
    except msgspec.ValidationError:
        _log.warning("the observations of audit %s cannot be read by this release", audit.head.id, exc_info=True)
        return None


def _late(audit: Audit | None, rubric: Rubric | None) -> dict[int, LateReply] | None:
    """Late replies as the check has found them; ``None`` where it has not judged."""
    timing = timing_criteria(rubric)
    judged = {one.criterion for one in audit.results if one.outcome in ("pass", "fail")} if audit else set()
    if audit is None or not timing & judged:
        return None
    return {
        one.message_number: LateReply(float(one.facts["waited_seconds"]), float(one.facts["limit_seconds"]))
        for one in audit.findings
        if one.criterion in timing and one.code == LATE and {"waited_seconds", "limit_seconds"} <= one.facts.keys()
    }


def _others(
    session: Session, scope: Scope, wanted: ConversationFilter, row: ListedConversation
) -> Sequence[ListedConversation]:
    """Other conversations of a customer or case, newest first."""
    if wanted.customer_id is None and wanted.case_id is None:
        return ()
    page = list_conversations(session, wanted, scope, limit=_OTHERS + 1)
    return [one for one in page.rows if one.id != row.id][:_OTHERS]
