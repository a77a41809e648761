"""Which column of a table carries which field: named by the person, or told from the header."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qaplatform.formats.drafts import RefusedError
from qaplatform.formats.fields import field_inside, field_of
from qaplatform.formats.roles import plain_word
from qaplatform.formats.workbook import cell_text

NO_COLUMN = "-"
"""Given instead of a name: no column carries the field, whatever they are called."""
HEADER_ROWS = 10
"""The header may stand below a title; it is looked for in so many rows."""
SAMPLE_ROWS = 200
"""Rows looked at to tell whether a column called ``id`` numbers conversations or messages."""


@dataclass(frozen=True, slots=True)
class Columns:
    """``places`` maps fields to column numbers from 0; ``names`` shows field → the column's name as written."""

    places: Mapping[str, int]
    names: Mapping[str, str]
    width: int
    header: bool = True

    @property
    def usable(self) -> bool:
        """Whether it carries texts and a hint of who wrote them."""
        return "text" in self.places and ("role" in self.places or "sender" in self.places)


def columns_of(cells: Sequence[object], given: Mapping[str, str]) -> Columns:
    """Read a row as header; ``given`` (field → name, ``#3`` or ``-`` for none) goes before guessing.

    Raises:
        RefusedError: a column number that was given is beyond the row's end.
    """
    names = [cell_text(cell).strip().lstrip("\ufeff") for cell in cells]
    folded = [name.casefold() for name in names]
    places: dict[str, int] = {}
    for field, wanted in _named(given).items():
        if wanted.startswith("#") and wanted[1:].isdigit():
            place = int(wanted[1:]) - 1
            if not 0 <= place < len(names):
                raise RefusedError("no_text_column", field, f"there is no column {wanted}: the table has {len(names)}")
            places[field] = place
        elif wanted.strip().casefold() in folded:
            places[field] = folded.index(wanted.strip().casefold())
    for look in (field_of, field_inside):
        taken = set(places.values())
        for place, name in enumerate(names):
            found = look(name) if name and place not in taken else None
            if found is not None and found not in places and found not in given:
                places[found] = place
                taken.add(place)
    _tell_apart(places, given)
    return Columns(places, {field: names[place] or f"#{place + 1}" for field, place in places.items()}, len(names))


def _tell_apart(places: dict[str, int], given: Mapping[str, str]) -> None:
    """Settle names that mean different things by what else the table has."""
    if "role" not in places and "sender" not in places:
        for field in ("agent", "customer"):
            if field in places and field not in given and not {"agent", "customer"} <= places.keys():
                places["sender"] = places.pop(field)
                return
    if "date" in places and "time" not in places:
        places["time"] = places.pop("date")


def _named(given: Mapping[str, str]) -> Mapping[str, str]:
    """What is given without the fields that no column carries."""
    return {field: name for field, name in given.items() if name != NO_COLUMN}


def find_header(rows: Sequence[Sequence[object]], given: Mapping[str, str]) -> tuple[int, Columns]:
    """The header among the first rows of a table: its position and what it says.

    Without any recognisable header, columns given by number (``#3``) are enough; position is then -1.

    Raises:
        RefusedError: no column for the text, or none that tells who wrote, or a named column is missing.
    """
    best: tuple[int, Columns] | None = None
    named = _named(given)
    by_number = bool(named) and all(name.startswith("#") for name in named.values())
    for position, cells in enumerate(rows[:HEADER_ROWS]):
        columns = columns_of(cells, given)
        if columns.usable and set(named) <= columns.places.keys():
            recognised = columns_of(cells, {})
            if by_number and "text" not in recognised.places and len(recognised.places) < 2:
                return -1, Columns(columns.places, columns.names, columns.width, header=False)
            if best is None or len(columns.places) > len(best[1].places):
                best = position, columns
    if best is not None:
        return best[0], _with_identity(best[1], given, rows[best[0]], rows[best[0] + 1 :])
    header = next((cells for cells in rows if any(cell_text(cell).strip() for cell in cells)), ())
    raise _missing(header, named)


def _with_identity(
    columns: Columns, given: Mapping[str, str], header: Sequence[object], rows: Sequence[Sequence[object]]
) -> Columns:
    """Settle what makes a conversation: its column, a column ``id`` whose values recur, the customer, or the file."""
    if "conversation" in columns.places:
        return columns
    places, names = dict(columns.places), dict(columns.names)
    place = next((i for i, cell in enumerate(header) if plain_word(cell_text(cell)) in {"id", "编号", "序号"}), None)
    if place is not None and place not in places.values():
        values = [text for cells in rows if place < len(cells) and (text := cell_text(cells[place]).strip())]
        field = "conversation" if len(set(values)) < len(values) else "message_id"
        if field not in places and field not in given:
            places[field], names[field] = place, cell_text(header[place]).strip()
    if "conversation" not in places:
        names["conversation"] = f"(by {names['customer']})" if "customer" in places else "(the file)"
    return Columns(places, names, columns.width, columns.header)


def _missing(header: Sequence[object], given: Mapping[str, str]) -> RefusedError:
    columns = columns_of(header, {field: name for field, name in given.items() if not name.startswith("#")})
    seen = ", ".join(name for cell in header[:30] if (name := cell_text(cell).strip()[:40]))
    absent = [f"{field}={name}" for field, name in given.items() if field not in columns.places]
    if absent and not all(name.startswith("#") for name in given.values()):
        return RefusedError(
            "no_text_column", "column", f"no column is called as given ({', '.join(absent)}); there are: {seen}"
        )
    if "text" not in columns.places:
        return RefusedError("no_text_column", "text", f"no column for the text was recognised; there are: {seen}")
    return RefusedError("no_text_column", "role", f"no column tells who wrote; there are: {seen}")
