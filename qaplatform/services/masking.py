"""What people are shown of conversations: the one door for pages, exports, search results and prompts.

Whoever shows, hands out or sends on a message takes it from :func:`shown`, with its personal data masked. Order and
tracking numbers stay for the shop's own people, who cannot work without them; nothing stays in a prompt, which leaves the
house. Places of findings lead through ``Masked.to_masked``.

Lifting the mask is a separate act (:func:`lift`): it needs the permission, and the activity log says who lifted which
conversation's.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Literal

from sqlalchemy.orm import Session

from qaplatform.audit.masking import Language, Masked, mask_many
from qaplatform.audit.personal import Kind
from qaplatform.services.access import AccessError, Viewer
from qaplatform.services.noting import note

Purpose = Literal["people", "prompt"]

VISIBLE: dict[Purpose, frozenset[Kind]] = {"people": frozenset({"order", "tracking"}), "prompt": frozenset()}
"""Kinds that stay in what is shown for a purpose."""
UNMASK = "conversations.unmask"


def shown(
    texts: Sequence[str],
    *,
    unmasked: bool,
    language: Language = "zh",
    purpose: Purpose = "people",
    known_names: Collection[str] = (),
) -> list[Masked]:
    """All messages of a conversation, in order, as they may be shown.

    Args:
        texts: As they were written; all of them, so that placeholders have the same numbers wherever they are shown.
        unmasked: Only after :func:`lift` in the same transaction.
        language: The viewer's.
        purpose: What it is shown for.
        known_names: Names masked wherever they stand: the customer's key in the source, above all.
    """
    return shown_many(
        [texts], unmasked=unmasked, language=language, purpose=purpose, known_names=[known_names]
    )[0]  # fmt: skip


def shown_many(
    conversations: Sequence[Sequence[str]],
    *,
    unmasked: bool,
    language: Language = "zh",
    purpose: Purpose = "people",
    known_names: Sequence[Collection[str]] = (),
) -> list[list[Masked]]:
    """Many conversations at once, for exports and lists: each as :func:`shown` has it, at a fraction of the cost."""
    if unmasked:
        return [[Masked(text, len(text)) for text in texts] for texts in conversations]
    return mask_many(conversations, language=language, visible=VISIBLE[purpose], known_names=known_names)


@lru_cache(maxsize=1024)
def masked_name(name: str, language: Language) -> str:
    """The name of a file as people are shown it: exports are called after customers' numbers, too."""
    return shown([name], unmasked=False, language=language)[0].text


def lift(
    session: Session,
    viewer: Viewer,
    *,
    conversation_id: int,
    shop_id: int,
    team_id: int | None,
    agent_id: int | None,
    now: datetime,
) -> None:
    """Lift the mask of one conversation for somebody who may; it stands in the activity log.

    Raises:
        AccessError: they may not, here.
    """
    if not viewer.may_see(UNMASK, shop_id=shop_id, team_id=team_id, agent_id=agent_id):
        raise AccessError
    note(session, viewer, now, "conversation.unmasked", ("conversation", conversation_id), shop_id=shop_id)
