"""Managing whose a shop's platform accounts are: by days and, where several share one, by shift.

Of one account no two people may be the holder at the same moment, or nobody could tell who wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import ClassVar

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.context import DAY_MINUTES
from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.noting import note
from qaplatform.services.typed_lines import line_of
from qaplatform.store import accounts
from qaplatform.store.accounts import AccountFilter, AccountLine, HolderLine
from qaplatform.store.agents import AgentChoice
from qaplatform.store.tables import Account, AccountHolder

_MOST_NAME_CHARS = 200
_FEWEST_NAMED_CHARS = 2


class UnknownAccountError(QAPlatformError):
    """There is no such account, or nobody of this number holds it; load the page again."""

    code: ClassVar[str] = "accounts.unknown"


class AccountNameFormError(QAPlatformError):
    """An account's name is one line of 1 to 200 characters, written as in the conversations."""

    code: ClassVar[str] = "accounts.name_form"


class HolderDaysError(QAPlatformError):
    """The last day must not lie before the first."""

    code: ClassVar[str] = "accounts.days"


class HolderMinutesError(QAPlatformError):
    """A shift begins before 24:00 and lasts at most 24 hours."""

    code: ClassVar[str] = "accounts.minutes"


class HolderOverlapError(QAPlatformError):
    """Somebody else holds the account at that time; change their days or their shift first."""

    code: ClassVar[str] = "accounts.overlap"

    def __init__(self, other: HolderLine) -> None:
        super().__init__()
        self.other = other


class HolderFields(msgspec.Struct, frozen=True):
    """Who holds an account, in which days (half-open; ``None`` is open) and minutes of the local day.

    A shift past midnight ends after minute 1440 and belongs to the day on which it began.
    """

    agent_id: int
    from_day: date | None = None
    until_day: date | None = None
    start_minute: int = 0
    end_minute: int = DAY_MINUTES


def overlap(one: HolderFields | HolderLine, other: HolderFields | HolderLine) -> bool:
    """Whether two hold an account at the same moment of some day."""
    for days_later in (-1, 0, 1):
        shift = days_later * DAY_MINUTES
        is_same_time = max(one.start_minute, other.start_minute + shift) < min(one.end_minute, other.end_minute + shift)
        if is_same_time and _meet(one, other, days_later):
            return True
    return False


def _meet(one: HolderFields | HolderLine, other: HolderFields | HolderLine, days_later: int) -> bool:
    """Whether there is a day of the first so many days before a day of the other."""
    begins = [_number(one.from_day, -1), _number(other.from_day, -1) - days_later]
    ends = [_number(one.until_day, 1), _number(other.until_day, 1) - days_later]
    return max(begins) < min(ends)


def _number(day: date | None, side: int) -> int:
    """A day's number; an open end lies far on its side."""
    return day.toordinal() if day else side * 10 * date.max.toordinal()


def create_account(session: Session, shop_id: int, name: str, *, by: Viewer, now: datetime) -> int:
    """Make an account before any conversation names it; its id.

    Raises:
        AccessError: ``by`` may not manage people.
        AccountNameFormError: the name cannot be one.
        AccountTakenError: the shop has it already.
        UnknownPlaceError: there is no such shop.
    """
    by.demand("people.manage")
    row = Account(shop_id=shop_id, name=line_of(name, _MOST_NAME_CHARS, AccountNameFormError))
    account_id = accounts.add_account(session, row)
    note(session, by, now, "account.created", ("account", account_id), shop_id=shop_id)
    return account_id


def remove_account(session: Session, account_id: int, *, by: Viewer, now: datetime) -> None:
    """Remove an account with all that was said of its holders; should a conversation name it, it comes back by itself.

    Raises:
        AccessError: ``by`` may not manage people.
        UnknownAccountError: there is none.
    """
    held = _held(session, account_id, by)
    shop_id = held.shop_id
    accounts.remove_account(session, held)
    note(session, by, now, "account.removed", ("account", account_id), shop_id=shop_id)


def add_holder(session: Session, account_id: int, fields: HolderFields, *, by: Viewer, now: datetime) -> int:
    """Say who holds an account; the holding's id.

    Raises:
        AccessError: ``by`` may not manage people.
        UnknownAccountError, UnknownPlaceError: no such account or agent.
        HolderDaysError, HolderMinutesError: it cannot be so.
        HolderOverlapError: somebody holds it at that time.
    """
    account = _held(session, account_id, by)
    _check(session, account_id, fields, but=None)
    holder_id = accounts.add_holder(session, AccountHolder(account_id=account_id, **msgspec.structs.asdict(fields)))
    _note(session, by, now, "account.holder_added", account, fields.agent_id)
    return holder_id


def change_holder(
    session: Session, account_id: int, holder_id: int, fields: HolderFields, *, by: Viewer, now: datetime
) -> None:
    """Say it otherwise who holds an account.

    Raises:
        AccessError: ``by`` may not manage people.
        UnknownAccountError, UnknownPlaceError: no such account, holding or agent.
        HolderDaysError, HolderMinutesError: it cannot be so.
        HolderOverlapError: somebody else holds it at that time.
    """
    account = _held(session, account_id, by)
    _check(session, account_id, fields, but=holder_id)
    if not accounts.change_holder(session, account_id, holder_id, msgspec.structs.asdict(fields)):
        raise UnknownAccountError
    _note(session, by, now, "account.holder_changed", account, fields.agent_id)


def remove_holder(session: Session, account_id: int, holder_id: int, *, by: Viewer, now: datetime) -> None:
    """Unsay that somebody holds, or held, an account.

    Raises:
        AccessError: ``by`` may not manage people.
        UnknownAccountError: no such account or holding.
    """
    account = _held(session, account_id, by)
    if not accounts.remove_holder(session, account_id, holder_id):
        raise UnknownAccountError
    _note(session, by, now, "account.holder_removed", account, None)


def assign_free(session: Session, wanted: Mapping[int, int], *, by: Viewer, now: datetime) -> int:
    """Give accounts that nobody holds to one agent each, for all days and hours; how many were given.

    ``wanted`` has agents' ids by accounts' ids. What somebody else has given meanwhile is left as it is.

    Raises:
        AccessError: ``by`` may not manage people.
        UnknownAccountError, UnknownPlaceError: no such account or agent.
    """
    by.demand("people.manage")
    count = 0
    for account_id, agent_id in sorted(wanted.items()):
        _held(session, account_id, by)
        if not accounts.holders_of(session, [account_id]):
            add_holder(session, account_id, HolderFields(agent_id), by=by, now=now)
            count += 1
    return count


def likely_holders(lines: Iterable[AccountLine], agents: Sequence[AgentChoice]) -> Mapping[int, int]:
    """For accounts that nobody holds, the one agent whose name or code stands in the account's name, by account.

    Of Chinese names the given name is enough (店名:晓棠 for 苏晓棠) where no whole name fits; where two agents fit there
    is no guess.
    """
    here = [one for one in agents if one.left_on is None]
    found = {}
    for line in lines:
        if line.holders:
            continue
        # What stands before the colon is the shop's name on its platform.
        own = line.name.replace("：", ":").rpartition(":")[2].strip().casefold()
        whole = {one.id for one in here if _stands_in(one.name, own) or _stands_in(one.code, own)}
        fitting = whole or {one.id for one in here if _stands_in(_given_name(one), own)}
        if len(fitting) == 1:
            found[line.id] = fitting.pop()
    return found


def _given_name(agent: AgentChoice) -> str:
    return agent.name[1:] if 3 <= len(agent.name) <= 4 and not agent.name.isascii() else ""


def _stands_in(name: str, account: str) -> bool:
    name = name.casefold()
    return len(name) >= _FEWEST_NAMED_CHARS and (name == account if name.isascii() else name in account)


def accounts_page(
    session: Session, viewer: Viewer, wanted: AccountFilter, *, page: int = 1, page_size: int = 50
) -> tuple[Sequence[AccountLine], int]:
    """A page of accounts, those nobody holds first, and how many there are on all pages.

    Raises:
        AccessError: the viewer may not manage people.
    """
    viewer.demand("people.manage")
    return accounts.accounts_page(session, wanted, page=page, page_size=page_size)


def account_line(session: Session, viewer: Viewer, account_id: int) -> AccountLine:
    """One account with its holders.

    Raises:
        AccessError: the viewer may not manage people.
        UnknownAccountError: there is none.
    """
    found, _ = accounts_page(session, viewer, AccountFilter(account_id=account_id))
    if not found:
        raise UnknownAccountError
    return found[0]


def _held(session: Session, account_id: int, by: Viewer) -> Account:
    by.demand("people.manage")
    held = accounts.locked_account(session, account_id)
    if held is None:
        raise UnknownAccountError
    return held


def _check(session: Session, account_id: int, fields: HolderFields, *, but: int | None) -> None:
    if fields.from_day and fields.until_day and fields.until_day <= fields.from_day:
        raise HolderDaysError
    length = fields.end_minute - fields.start_minute
    if not 0 <= fields.start_minute < DAY_MINUTES or not 0 < length <= DAY_MINUTES:
        raise HolderMinutesError
    for other in accounts.holders_of(session, [account_id]).get(account_id, ()):
        if other.id != but and overlap(fields, other):
            raise HolderOverlapError(other)


def _note(session: Session, by: Viewer, now: datetime, action: str, account: Account, agent_id: int | None) -> None:
    details = {} if agent_id is None else {"agent_id": agent_id}
    note(session, by, now, action, ("account", account.id), shop_id=account.shop_id, **details)
