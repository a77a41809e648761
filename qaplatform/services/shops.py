"""Managing shops: who they are, how long their conversations keep their text, which folder is watched for files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Scope, Viewer
from qaplatform.services.noting import note
from qaplatform.services.typed_lines import line_of
from qaplatform.services.watched_folders import FolderTakenError, checked_folder
from qaplatform.store import figure_days, shops
from qaplatform.store.shops import ShopChoice, ShopFilter, ShopLine
from qaplatform.store.tables import Shop

SHOP_CLASSES = ("A", "B", "C", "D")
MOST_RETENTION_DAYS = 3650
_MOST_CODE_CHARS = 100
_MOST_NAME_CHARS = 200


class UnknownShopError(QAPlatformError):
    """There is no such shop; load the page again."""

    code: ClassVar[str] = "shops.unknown"


class ShopCodeFormError(QAPlatformError):
    """A shop's code is one line of 1 to 100 characters."""

    code: ClassVar[str] = "shops.code_form"


class ShopNameFormError(QAPlatformError):
    """A shop's name is one line of 1 to 200 characters."""

    code: ClassVar[str] = "shops.name_form"


class ShopClassError(QAPlatformError):
    """There are the classes A to D."""

    code: ClassVar[str] = "shops.class"


class TimezoneError(QAPlatformError):
    """There is no such time zone; write it as in Asia/Shanghai."""

    code: ClassVar[str] = "shops.timezone"


class RetentionError(QAPlatformError):
    """Text is kept for 1 to 3650 days, or for ever."""

    code: ClassVar[str] = "shops.retention"


class PurgeNotAcceptedError(QAPlatformError):
    """A shorter retention removes text that cannot be brought back; it must be accepted first."""

    code: ClassVar[str] = "shops.purge_not_accepted"

    def __init__(self, conversation_count: int) -> None:
        super().__init__()
        self.conversation_count = conversation_count


class ShopFields(msgspec.Struct, frozen=True):
    """All that can be said of a shop."""

    code: str
    """What conversations call it."""
    name: str
    shop_class: str = "B"
    timezone: str = "Asia/Shanghai"
    text_retention_days: int | None = None
    watched_folder: str | None = None
    active: bool = True
    forbids_llm: bool = False
    """Nothing of its conversations is sent to a language model."""


def create_shop(session: Session, fields: ShopFields, *, by: Viewer, now: datetime, data_folder: Path) -> int:
    """Make a shop; its id.

    Raises:
        AccessError: ``by`` may not manage shops.
        ShopCodeFormError, ShopNameFormError, ShopClassError, TimezoneError, RetentionError, FolderError: it cannot be so.
        ShopCodeTakenError: another shop has the code.
    """
    by.demand("shops.manage")
    values = _checked(session, fields, None, data_folder)
    shop_id = shops.add_shop(session, Shop(**values, created_at=now))
    note(session, by, now, "shop.created", ("shop", shop_id), shop_id=shop_id)
    return shop_id


def change_shop(
    session: Session,
    shop_id: int,
    fields: ShopFields,
    *,
    by: Viewer,
    now: datetime,
    data_folder: Path,
    accepts_purge: bool = False,
) -> None:
    """Change a shop.

    Raises:
        AccessError: ``by`` may not manage shops.
        UnknownShopError: there is none.
        ShopCodeFormError, ShopNameFormError, ShopClassError, TimezoneError, RetentionError, FolderError: it cannot be so.
        ShopCodeTakenError: another shop has the code.
        PurgeNotAcceptedError: text would be removed soon, and that was not accepted.
    """
    by.demand("shops.manage")
    held = shops.locked_shop(session, shop_id)
    if held is None:
        raise UnknownShopError
    values = _checked(session, fields, held, data_folder)
    changed = {name: value for name, value in values.items() if value != getattr(held, name)}
    if "text_retention_days" in changed and not accepts_purge:
        _refuse_purge(session, held, fields.text_retention_days, now)
    if not changed:
        return
    if "timezone" in changed:
        # Before and after: its days begin at other moments now.
        figure_days.note_shop(session, shop_id)
    shops.change_shop(session, held, changed)
    details: dict[str, object] = {"fields": sorted(changed)}
    if "text_retention_days" in changed:
        details["retention_days"] = changed["text_retention_days"]
    note(session, by, now, "shop.changed", ("shop", shop_id), shop_id=shop_id, **details)


def _refuse_purge(session: Session, shop: Shop, days: int | None, now: datetime) -> None:
    is_shorter = days is not None and (shop.text_retention_days is None or days < shop.text_retention_days)
    if days is None or not is_shorter:
        return
    count = shops.conversations_with_text_before(session, shop.id, now - timedelta(days=days))
    if count:
        raise PurgeNotAcceptedError(count)


def _checked(session: Session, fields: ShopFields, shop: Shop | None, data_folder: Path) -> dict[str, Any]:
    if fields.shop_class not in SHOP_CLASSES:
        raise ShopClassError
    if fields.text_retention_days is not None and not 1 <= fields.text_retention_days <= MOST_RETENTION_DAYS:
        raise RetentionError
    return {
        "code": line_of(fields.code, _MOST_CODE_CHARS, ShopCodeFormError),
        "name": line_of(fields.name, _MOST_NAME_CHARS, ShopNameFormError),
        "shop_class": fields.shop_class,
        "timezone": _checked_zone(fields.timezone),
        "text_retention_days": fields.text_retention_days,
        "watched_folder": _checked_folder(session, fields.watched_folder, shop, data_folder),
        "active": fields.active,
        "forbids_llm": fields.forbids_llm,
    }


def _checked_zone(name: str) -> str:
    name = name.strip()
    try:
        ZoneInfo(name)
    # ValueError: a path; OSError: the name of a folder, or one too long; the others: no such zone.
    except (LookupError, ValueError, OSError) as error:
        raise TimezoneError from error
    return name


def _checked_folder(session: Session, text: str | None, shop: Shop | None, data_folder: Path) -> str | None:
    text = (text or "").strip()
    if not text:
        return None
    if shop is not None and text == shop.watched_folder:
        # It was good once; a disk that is away today must not keep the shop's other fields from being changed.
        return text
    folder = checked_folder(text, data_folder)
    if shops.shop_that_watches(session, folder, but=shop.id if shop else None) is not None:
        raise FolderTakenError
    return folder


def shops_page(
    session: Session, viewer: Viewer, wanted: ShopFilter, *, page: int = 1, page_size: int = 50
) -> tuple[Sequence[ShopLine], int]:
    """A page of shops, the active ones first, and how many there are on all pages.

    Raises:
        AccessError: the viewer may not manage shops.
    """
    viewer.demand("shops.manage")
    return shops.shops_page(session, wanted, page=page, page_size=page_size)


def shop_line(session: Session, viewer: Viewer, shop_id: int, permission: str = "shops.manage") -> ShopLine:
    """One shop, as in the list, for whoever may do something with it.

    Raises:
        AccessError: the viewer may not.
        UnknownShopError: there is none.
    """
    viewer.demand(permission)
    found, _ = shops.shops_page(session, ShopFilter(shop_id=shop_id))
    if not found:
        raise UnknownShopError
    return found[0]


def shop_choices(session: Session, viewer: Viewer, permission: str) -> Sequence[ShopChoice]:
    """The shops somebody may do something with, to choose from."""
    scope: Scope = viewer.scope(permission)
    return [] if scope.is_empty else shops.shop_choices(session, scope)
