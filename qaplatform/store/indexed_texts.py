"""Under which texts a conversation stands in the search index.

To take it out, or to index it anew, the texts must be those it was indexed with; all of them can be read from its rows.
A conversation whose text was purged is not in the index.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from qaplatform.store.message_rows import current_messages
from qaplatform.store.rows import among
from qaplatform.store.tables import ConversationRow, Customer


def texts(
    source_id: str,
    order_id: str | None,
    customer: tuple[str | None, str | None],
    names: Sequence[str],
    messages: Iterable[tuple[str | None, str]],
) -> list[str]:
    """The texts of a conversation: its messages, and what people look it up by.

    ``customer`` is the source's name and the pseudonym, ``names`` are those of the agents; ``messages`` are accounts
    and texts.
    """
    accounts: dict[str, None] = {}
    out = []
    for account, text in messages:
        out.append(text)
        if account:
            accounts[account] = None
    return [*out, source_id, *(one for one in (order_id, *customer) if one), *accounts, *names]


def indexed_texts(session: Session, conversation_ids: Sequence[int]) -> dict[int, list[str]]:
    """The texts under which conversations stand in the index, for ``search.remove``; those that do are left out."""
    row = ConversationRow
    columns = (row.id, row.source_id, row.order_id, Customer.source_key, Customer.pseudonym, row.indexed_names)
    asked = select(*columns).outerjoin(Customer, Customer.id == row.customer_id)
    found = session.execute(asked.where(among(session, row.id, conversation_ids), row.text_purged_at.is_(None))).all()
    messages = current_messages(session, [id for id, *_ in found])
    return {
        id: texts(source_id, order_id, (key, shown), names, [(one.account, one.text) for one in messages[id]])
        for id, source_id, order_id, key, shown, names in found
    }
