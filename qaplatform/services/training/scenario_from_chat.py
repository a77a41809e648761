"""A stored conversation → the draft of a scenario: nothing of a real person gets into it, and purging the chat deletes it."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, cast
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from qaplatform.audit.conversation import Kind, Message, Role
from qaplatform.errors import QAPlatformError
from qaplatform.exam.from_chat import RealChat, scenario_draft
from qaplatform.exam.scenario_loading import shipped_scenarios
from qaplatform.services.access import Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.conversation_pages import ConversationPage, conversation_page
from qaplatform.services.training.scenario_drafts import EDIT
from qaplatform.services.training.texts import Writing, write_text
from qaplatform.store.reading_conversations import ReadMessage
from qaplatform.store.training import scenarios as stored

PREFIX = "from-chat-"
_FEWEST_MESSAGES = 2


class ChatTooBareError(QAPlatformError):
    """A scenario is made of a chat in which a customer and an agent wrote, and whose words are still there."""

    code: ClassVar[str] = "scenarios.bare_chat"


def draft_of_chat(session: Session, viewer: Viewer, conversation_id: int, *, now: datetime) -> str:
    """Make a draft of a conversation; its id among scenarios.

    Raises:
        AccessError: the viewer writes no scenarios.
        NotThereError: there is no such conversation, or not for them, or they have still to review it blind.
        ChatTooBareError: there is nothing to make one of.
    """
    viewer.demand(EDIT)
    page = conversation_page(session, viewer, conversation_id)
    read = page.read
    if read.open_work is not None and read.open_work.is_blind:
        # The draft tells what the machine found.
        raise NotThereError
    people = {one.role for one in read.messages if one.text.strip()}
    is_bare = len(read.messages) < _FEWEST_MESSAGES or not {"customer", "agent"} <= people
    if is_bare or read.listed.text_purged_at is not None:
        raise ChatTooBareError
    used = stored.codes_like(session, PREFIX) | set(shipped_scenarios())
    code = next(f"{PREFIX}{number}" for number in range(1, len(used) + 2) if f"{PREFIX}{number}" not in used)
    writing = Writing(
        kind="scenario", code=code, text=scenario_draft(_chat(page), code), conversation_id=conversation_id
    )
    write_text(session, viewer, writing, state="draft", now=now)
    return code


def _chat(page: ConversationPage) -> RealChat:
    read, listed = page.read, page.read.listed
    zone = ZoneInfo(listed.timezone)
    names = [page.about.customer_key, listed.agent, *(one.agent for one in read.messages)]
    names += [one.account for one in read.messages]
    return RealChat(
        messages=tuple(_message(one, zone) for one in read.messages),
        observations=page.observations,
        failed=_failed(page),
        known_names=tuple(dict.fromkeys(one for one in names if one)),
        shop_names=(listed.shop,),
        queue=listed.queue or "",
        tier=listed.tier or "",
        language="en" if (listed.language or "zh").startswith("en") else "zh",
    )


def _message(one: ReadMessage, zone: ZoneInfo) -> Message:
    sent_at = None
    if one.sent_at:
        moment = datetime.fromisoformat(one.sent_at)
        sent_at = (moment.astimezone(zone) if moment.tzinfo else moment).isoformat()
    return Message(cast("Role", one.role), one.text, sent_at=sent_at, auto=one.auto, kind=cast("Kind", one.kind))


def _failed(page: ConversationPage) -> tuple[str, ...]:
    """The checks of the criteria that failed; criteria that no check judges are left out."""
    if page.rubric is None or page.read.audit is None:
        return ()
    failed = {one.criterion for one in page.read.audit.results if one.outcome == "fail"}
    checks = [one.check for one in page.rubric.criteria if one.id in failed and one.check]
    return tuple(dict.fromkeys(checks))
