"""Managing the addresses that a shop's customers may send goods back to: given as a whole, one a line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.noting import note
from qaplatform.services.shops import UnknownShopError
from qaplatform.services.typed_lines import is_line
from qaplatform.store import return_addresses
from qaplatform.store.shops import locked_shop

MOST_ADDRESSES = 200
MOST_CHARS = 500
_FEWEST_CHARS = 5


class AddressFormError(QAPlatformError):
    """An address has 5 to 500 characters."""

    code: ClassVar[str] = "addresses.form"

    def __init__(self, lines: Sequence[int]) -> None:
        super().__init__()
        self.lines = tuple(lines)
        """Which lines of what was written, from 1."""


class TooManyAddressesError(QAPlatformError):
    """A shop has at most 200 return addresses."""

    code: ClassVar[str] = "addresses.too_many"


def addresses_of(session: Session, viewer: Viewer, shop_id: int) -> Sequence[str]:
    """A shop's return addresses.

    Raises:
        AccessError: the viewer may not manage shops.
    """
    viewer.demand("shops.manage")
    return return_addresses.addresses_of(session, shop_id)


def set_addresses(session: Session, shop_id: int, text: str, *, by: Viewer, now: datetime) -> None:
    """Give a shop the addresses of a text, one a line, and no others; empty lines and repetitions are passed over.

    Raises:
        AccessError: ``by`` may not manage shops.
        UnknownShopError: there is none.
        AddressFormError, TooManyAddressesError: it cannot be so.
    """
    by.demand("shops.manage")
    lines = [line.strip() for line in text.splitlines()]
    wrong = [
        number
        for number, line in enumerate(lines, start=1)
        if line and not (len(line) >= _FEWEST_CHARS and is_line(line, MOST_CHARS))
    ]
    if wrong:
        raise AddressFormError(wrong)
    wanted = list(dict.fromkeys(filter(None, lines)))
    if len(wanted) > MOST_ADDRESSES:
        raise TooManyAddressesError
    if locked_shop(session, shop_id) is None:
        raise UnknownShopError
    before = return_addresses.addresses_of(session, shop_id)
    if list(before) == wanted:
        return
    return_addresses.set_addresses(session, shop_id, wanted)
    added, removed = len(set(wanted) - set(before)), len(set(before) - set(wanted))
    note(session, by, now, "shop.addresses_set", ("shop", shop_id), shop_id=shop_id, added=added, removed=removed)
