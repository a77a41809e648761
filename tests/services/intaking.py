"""Taking files in for tests of intake, and what came of it."""

from __future__ import annotations

from qaplatform.audit.conversation import Conversation, Customer
from qaplatform.store.engine import Store
from qaplatform.store.tables import Import
from tests.runs import chat

ASKED = "customer 10:00:00 什么时候发货?急死了"


THANKED = "customer 10:01:00 好的谢谢"


WITHOUT_IMPORTS = (
    "conversations",
    "messages",
    "audits",
    "criterion_results",
    "findings",
    "customers",
    "cases",
    "search",
)


def state_of(store: Store, import_id: int) -> tuple[str, str | None]:
    with store.reading() as session:
        row = session.get_one(Import, import_id)
        return row.state, row.error


def without_import(content: dict[str, list]) -> dict[str, list]:
    """A dump without what a later import may change: which import a row came with last."""
    return {
        table: [tuple(pair for pair in row if pair[0] != "import_id") for row in rows]
        for table, rows in content.items()
    }


def many(count: int, ids: int) -> list[Conversation]:
    """Conversations of two shops, with customers, orders and agents; where there are fewer ids, some come twice."""
    made = []
    for number in range(count):
        about = {
            "shop": f"s{number % 2 + 1}",
            "customer": Customer(f"u{number % 7}", tier="gold"),
            "order_id": f"{number % 5}",
        }
        lines = [ASKED, f"agent:a{number % 3} 10:00:{20 + number % 30} 没办法,这是规定{number}", THANKED][
            : 2 + number % 2
        ]
        made.append(chat(f"c{number % ids}", *lines, day=f"2026-11-{number % 20 + 1:02d}", **about))
    return made


class CrashError(Exception):
    """What a test throws into an import."""
