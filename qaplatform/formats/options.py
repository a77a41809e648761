"""What a person can say about the files to be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from qaplatform.audit.conversation import Role
from qaplatform.errors import InputError
from qaplatform.formats.fields import FIELDS
from qaplatform.formats.roles import SenderRules

FileKind = Literal["jsonl", "table", "chat"]


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read; every default is to find out from the file itself.

    ``columns`` maps a field (see ``fields.FIELDS``) to a column's name, to ``#3`` for the third column, or to ``-`` where
    no column is to be taken for it.
    ``roles`` maps words of the files to roles. ``split_gap_seconds`` cuts conversations at silences.
    ``zone`` is the time zone of times written without one.
    """

    kind: FileKind | None = None
    zone: str = "Asia/Shanghai"
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    agent_names: tuple[str, ...] = ()
    shop: str | None = None
    split_gap_seconds: float | None = None
    check_times: bool = True
    """Give every ``sent_at`` in one form with a zone; off, times of strictly neutral JSONL stay as written."""
    block_bytes: int = 2 << 20
    max_text_bytes: int = 1_000_000
    max_line_bytes: int = 1 << 26
    max_whole_bytes: int = 1 << 28
    """Files that must be held whole (workbooks, copied chats, JSON arrays) may be this large, unpacked."""
    max_held_rows: int = 400_000
    """Rows of a table held while waiting for further rows of the same conversation."""

    def __post_init__(self) -> None:
        for name in self.columns:
            if name not in FIELDS:
                raise InputError(
                    f"there is no field {name!r} to map a column to",
                    field="column",
                    way_out=f"fields: {', '.join(FIELDS)}",
                )
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise InputError(
                f"{self.zone!r} is no time zone", field="zone", way_out="for example Asia/Shanghai"
            ) from error
        if self.delimiter is not None and (len(self.delimiter) != 1 or self.delimiter in '"\r\n'):
            raise InputError("the delimiter must be one character", field="delimiter")
        if self.split_gap_seconds is not None and not self.split_gap_seconds > 0:
            raise InputError("the gap must be more than 0 seconds", field="split_gap_seconds")

    @property
    def tz(self) -> ZoneInfo:
        """``zone`` as a time zone."""
        return ZoneInfo(self.zone)

    @property
    def sender_rules(self) -> SenderRules:
        """What is known about the names of senders."""
        return SenderRules(self.agent_names, self.shop, self.roles)
