"""The search index of conversations: works for words of one and two Chinese characters, on both databases.

Trigram indexes find nothing shorter than three characters, and word segmenters cut where a reader would not. So every
text is indexed as what it is made of: each pair of neighbouring Chinese characters is a term (退款成功 → 退款 款成 成功 功),
the last one of a run alone; Latin words and numbers are terms as they stand. A query is cut the same way and its
terms must follow each other; one character alone is the beginning of a term. Text is folded first (width, case,
traditional characters), so that 退款 finds 退 款's other ways to be written.

SQLite keeps the terms in an FTS5 table without content, PostgreSQL in a tsvector under a GIN index. Rows are numbered like
the conversations, so that the newest come first without sorting.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, cast, column, literal_column, table, text
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from qaplatform.audit.normalise import plain_view
from qaplatform.store.rows import copy_rows
from qaplatform.store.tables.conversations import ConversationRow

_BETWEEN = "ǁ"
"""Stands between texts, so that no phrase runs from one into the next. A letter of no language customers write."""
_CHINESE = ((0x3400, 0x9FFF), (0xF900, 0xFAFF))
_WORD, _HANZI = 1, 2
_GAPS = re.compile(r"(?<=[\u3400-\u9fff\uf900-\ufaff])[^\S\n]+(?=[\u3400-\u9fff\uf900-\ufaff])")
_MOST_POSITIONS = 16_383
_PLACES = [f":{place}" for place in range(1, _MOST_POSITIONS + 1)]
_MOST_TERM_CHARS = 100
_LONG = re.compile(rf"([^\W_\u3400-\u9fff\uf900-\ufaff]{{{_MOST_TERM_CHARS}}})[^\W_\u3400-\u9fff\uf900-\ufaff]+")
_MOST_BYTES = 1_000_000
MOST_QUERY_CHARS = 200
_concat = str.__add__
_COPY = "COPY search_terms (conversation_id, terms) FROM STDIN"


def is_of_search(name: str) -> bool:
    """Whether a table belongs to the index, which no migration compares."""
    return name.startswith("search_")


def terms_of(texts: Sequence[str]) -> list[str]:
    """The terms of some texts, in order, with a mark between texts."""
    (line,) = _lines([texts])
    return line.split()


@lru_cache(maxsize=1)
def _kinds() -> NDArray[np.uint8]:
    """Code point → what it is to the index: nothing, part of a word or number, a Chinese character."""
    kinds = np.frombuffer(bytes(map(str.isalnum, map(chr, range(0x110000)))), np.uint8).copy()
    for first, last in _CHINESE:
        kinds[first : last + 1] = _HANZI
    return kinds


def _lines(several: Sequence[Sequence[str]]) -> list[str]:
    """The terms of texts that belong together (at least one), apart by spaces; many at once, as columns of characters."""
    if not several:
        return []
    texts = [one for some in several for one in some]
    # Every text is closed by the only line ends there are.
    folded = _GAPS.sub("", plain_view(texts).utf8.decode().lower())
    codes = np.frombuffer(folded.encode("utf-32-le"), np.uint32)
    kind = _kinds()[codes]
    words = np.flatnonzero(kind != _WORD)
    if words.size and int(np.diff(words, prepend=-1).max()) > _MOST_TERM_CHARS:
        codes = np.frombuffer(_LONG.sub(r"\1", folded).encode("utf-32-le"), np.uint32)
        kind = _kinds()[codes]
    after = np.append(kind[1:], 0)
    pairs, closed = (kind == _HANZI) & (after == _HANZI), codes == ord("\n")
    # A pair and a space, a character and a space, a letter (and a space behind the last of its word), or nothing.
    sizes = np.select([pairs, kind == _HANZI, kind == _WORD, closed], [3, 2, 1 + (after != _WORD), 2])
    places = np.cumsum(sizes) - sizes
    out = np.full(int(sizes.sum()), ord(" "), np.uint32)
    written = kind > 0
    out[places[written]] = codes[written]
    out[places[closed]] = ord(_BETWEEN)
    first = np.flatnonzero(pairs)
    out[places[first] + 1] = codes[first + 1]
    line = out.tobytes().decode("utf-32-le")
    ends = places[closed][np.cumsum([len(some) for some in several]) - 1].tolist()
    return [_fitting(line[begin:end]) for begin, end in zip([0, *(end + 2 for end in ends)], ends, strict=False)]


def _fitting(line: str) -> str:
    """As many terms as PostgreSQL has room for in one row; an endless thread is searchable in its beginning."""
    if 10 * len(line) <= _MOST_BYTES:  # The least term is a character and a space.
        return line
    terms = line.split()
    seen: set[str] = set()
    size = 0
    for place, term in enumerate(terms):
        size += 4 * len(term) + (0 if term in seen else 12)
        seen.add(term)
        if size > _MOST_BYTES:
            return " ".join(terms[:place])
    return line


def _is_chinese(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff"


def add(session: Session, texts: Mapping[int, Sequence[str]]) -> None:
    """Index conversations, by id, that are not indexed."""
    if not texts:
        return
    if session.get_bind().dialect.name == "sqlite":
        rows = [{"id": id, "terms": line} for id, line in zip(texts, _lines(list(texts.values())), strict=True)]
        session.execute(text("INSERT INTO search_terms (rowid, terms) VALUES (:id, :terms)"), rows)
        return
    vectors = map(_vector, map(str.split, _lines(list(texts.values()))))
    copy_rows(session, _COPY, zip(texts, vectors, strict=True))


def remove(session: Session, texts: Mapping[int, Sequence[str]]) -> None:
    """Take conversations out; ``texts`` must be those they were indexed with."""
    if not texts:
        return
    if session.get_bind().dialect.name == "sqlite":
        rows = [{"id": id, "terms": line} for id, line in zip(texts, _lines(list(texts.values())), strict=True)]
        session.execute(
            text("INSERT INTO search_terms (search_terms, rowid, terms) VALUES ('delete', :id, :terms)"), rows
        )
        return
    session.execute(text("DELETE FROM search_terms WHERE conversation_id = :id"), [{"id": id} for id in texts])


def forget(session: Session) -> None:
    """Overwrite what was removed: the index merges its parts and keeps no trace of old terms."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("INSERT INTO search_terms (search_terms) VALUES ('optimize')"))


def narrowed(session: Session, statement: Select[Any], query: str) -> Select[Any]:
    """A select of conversations, narrowed to those that hold every part of a query (parts are told by spaces).

    A query without a single letter narrows nothing.
    """
    parts = [line.split() for line in _lines([[part] for part in query[:MOST_QUERY_CHARS].split()]) if line]
    if not parts:
        return statement
    if session.get_bind().dialect.name == "sqlite":
        asked = " AND ".join(_sqlite_phrase(part) for part in parts)
        index = table("search_terms", column("rowid"))
        holds = literal_column("search_terms").op("MATCH")(asked)
        return statement.join(index, index.c.rowid == ConversationRow.id).where(holds)
    asked = " & ".join(_postgresql_phrase(part) for part in parts)
    index = table("search_terms", column("conversation_id"), column("terms"))
    holds = index.c.terms.op("@@")(cast(asked, TSQUERY))
    return statement.join(index, index.c.conversation_id == ConversationRow.id).where(holds)


def _shortened(part: list[str]) -> tuple[list[str], bool]:
    """Query terms without the lone last character, which the pair before it holds; whether the last is a beginning."""
    if len(part) > 1 and len(part[-1]) == 1 and _is_chinese(part[-1]) and part[-2].endswith(part[-1]):
        return part[:-1], False
    return part, len(part[-1]) == 1 or not _is_chinese(part[-1][0])


def _sqlite_phrase(part: list[str]) -> str:
    terms, begins = _shortened(part)
    return "(" + " + ".join(f'"{term}"' for term in terms) + (" *)" if begins else ")")


def _postgresql_phrase(part: list[str]) -> str:
    terms, begins = _shortened(part)
    quoted = [f"'{term}'" for term in terms]
    return "(" + " <-> ".join(quoted) + (":*)" if begins else ")")


def _vector(terms: Sequence[str]) -> str:
    """Terms with their places, as PostgreSQL reads them; it gathers the places of a term by itself."""
    beyond = len(terms) - _MOST_POSITIONS
    return " ".join(map(_concat, terms, _PLACES if beyond <= 0 else [*_PLACES, *[_PLACES[-1]] * beyond]))
