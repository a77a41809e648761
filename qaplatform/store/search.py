"""The search index of conversations: works for words of one and two Chinese characters, on both databases.

Trigram indexes find nothing shorter than three characters, and word segmenters cut where a reader would not. So every
text is indexed as what it is made of: each pair of neighbouring Chinese characters is a term (退款成功 → 退款 款成 成功 功),
the last one of a run alone; Latin words and numbers are terms as they stand; and, once a conversation, every Chinese
character in it. A query is cut the same way and its terms must follow each other; a Latin word of three letters or
more and a number of four digits or more may be the beginning of one. Text is folded first (width, case, traditional
characters), so that 退款 finds 退 款's other ways to be written.

SQLite keeps the terms in an FTS5 table without content, PostgreSQL in a tsvector under a GIN index. Rows are numbered like
the conversations.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, ColumnElement, Select, any_, cast, column, func, literal_column, select, table, text
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, TSVECTOR
from sqlalchemy.orm import Session

from qaplatform.audit.normalise import plain_view
from qaplatform.store.rows import copy_rows, is_sqlite

_BETWEEN = "ǁ"
"""Stands between texts, so that no phrase runs from one into the next. A letter of no language customers write."""
_CHINESE = ((0x3400, 0x9FFF), (0xF900, 0xFAFF))
_WORD, _HANZI = 1, 2
_GAPS = re.compile(r"(?<=[\u3400-\u9fff\uf900-\ufaff])[^\S\n]+(?=[\u3400-\u9fff\uf900-\ufaff])")
_MOST_POSITIONS = 16_383
_PLACES = [f":{place}" for place in range(1, _MOST_POSITIONS + 1)]
_MOST_TERM_CHARS = 100
_LONG = re.compile(rf"([^\W_\u3400-\u9fff\uf900-\ufaff]{{{_MOST_TERM_CHARS}}})[^\W_\u3400-\u9fff\uf900-\ufaff]+")
_MOST_BYTES = 900_000
_LEAST_BEGINNING_CHARS = 3
_LEAST_BEGINNING_DIGITS = 4
_RARE_DIGITS = 6
MOST_QUERY_CHARS = 200
_concat = str.__add__
_COPY = "COPY search_terms (conversation_id, terms) FROM STDIN"


def is_of_search(name: str) -> bool:
    """Whether a table belongs to the index, which no migration compares."""
    return name.startswith("search_")


def terms_of(texts: Sequence[str]) -> list[str]:
    """The terms of some texts, in order, with a mark between texts."""
    (line,) = _indexed([texts])
    return line.split()


def _indexed(several: Sequence[Sequence[str]]) -> list[str]:
    """The terms of texts that belong together, apart by spaces, with their characters behind them."""
    fitting = map(_fitting, _lines(several))
    return [f"{line}{_BETWEEN} {letters}" if (letters := _letters(line)) else line for line in fitting]


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
    return [line[begin:end] for begin, end in zip([0, *(end + 2 for end in ends)], ends, strict=False)]


def _letters(line: str) -> str:
    """Every Chinese character of terms once, apart by spaces.

    A term that begins with a character would do for finding it, but there are too many of them to go through.
    """
    return " ".join(sorted(filter(_is_chinese, set(line))))


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
            return " ".join(terms[:place]) + " "
    return line


def _is_chinese(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff"


def add(session: Session, texts: Mapping[int, Sequence[str]]) -> None:
    """Index conversations, by id, that are not indexed."""
    if not texts:
        return
    if is_sqlite(session):
        rows = [{"id": id, "terms": line} for id, line in zip(texts, _indexed(list(texts.values())), strict=True)]
        session.execute(text("INSERT INTO search_terms (rowid, terms) VALUES (:id, :terms)"), rows)
        return
    vectors = map(_vector, map(_fitting, _lines(list(texts.values()))))
    copy_rows(session, _COPY, zip(texts, vectors, strict=True))


def remove(session: Session, texts: Mapping[int, Sequence[str]]) -> None:
    """Take conversations out; ``texts`` must be those they were indexed with."""
    if not texts:
        return
    if is_sqlite(session):
        rows = [{"id": id, "terms": line} for id, line in zip(texts, _indexed(list(texts.values())), strict=True)]
        session.execute(
            text("INSERT INTO search_terms (search_terms, rowid, terms) VALUES ('delete', :id, :terms)"), rows
        )
        return
    session.execute(text("DELETE FROM search_terms WHERE conversation_id = :id"), [{"id": id} for id in texts])


def forget_some(session: Session, *, first: bool, pages: int = 2000) -> bool:
    """Overwrite a part of what was removed: the index merges its parts and keeps no trace of old terms; whether more is left.

    Each part has a transaction of its own, so that others write in between. ``first`` is said once, then the rest is done
    step by step; a page is some 4,000 bytes of the index.
    """
    if not is_sqlite(session):
        return False
    changes = text("SELECT total_changes()")
    before = session.scalar(changes)
    merge = text("INSERT INTO search_terms (search_terms, rank) VALUES ('merge', :pages)")
    session.execute(merge, {"pages": -pages if first else pages})
    # Fewer than two changes: nothing was left to merge (the documentation of FTS5 says so).
    return int(session.scalar(changes) or 0) - int(before or 0) >= 2


def asks(query: str) -> bool:
    """Whether a query asks for anything; one without a single letter or digit does not."""
    return bool(_parts(query))


def is_rare(query: str) -> bool:
    """Whether a query holds a long number, such as that of an order: few conversations have it."""
    return any(len(term) >= _RARE_DIGITS and term.isdigit() for part in _parts(query) for term in part)


def hits(session: Session, query: str, *, rough: bool = False) -> Select[int]:
    """The ids of all conversations that hold every part of a query (parts are told by spaces), which :func:`asks`.

    ``rough``: on PostgreSQL terms need not follow each other, which the index says without a look at the rows; what
    it finds is to be looked at again with :func:`hits_among` unless :func:`is_plain`. SQLite knows places anyway.
    """
    if is_sqlite(session):
        return select(_FTS.c.rowid).where(_matches(query))
    return select(_VECTORS.c.conversation_id).where(_VECTORS.c.terms.op("@@")(_asked(query, rough=rough)))


def hits_among(session: Session, query: str, ids: Sequence[int]) -> frozenset[int]:
    """Which of some conversations hold every part of a query; quick for a thousand that arrived one after the other."""
    if not ids:
        return frozenset()
    if is_sqlite(session):
        # The index goes through a range of numbers in no time, but takes long to look up one: the plus keeps it from that.
        given = func.json_each(json.dumps(list(ids))).table_valued("value")
        ranged = hits(session, query).where(_FTS.c.rowid.between(min(ids), max(ids)))
        return frozenset(
            session.scalars(ranged.where(literal_column("+search_terms.rowid").in_(select(given.c.value))))
        )
    wanted = _VECTORS.c.conversation_id == any_(cast(list(ids), ARRAY(BigInteger)))
    with by_index(session):
        return frozenset(session.scalars(hits(session, query).where(wanted)))


def is_plain(session: Session, query: str) -> bool:
    """Whether rough hits are hits."""
    return is_sqlite(session) or all(len(_shortened(part)[0]) == 1 for part in _parts(query))


@contextmanager
def by_index(session: Session) -> Iterator[None]:
    """Keep PostgreSQL from reading the whole table of terms: it takes that for cheap, and unpacks every row."""
    if is_sqlite(session):
        yield
        return
    session.execute(text("SET LOCAL enable_seqscan = off"))
    yield
    session.execute(text("SET LOCAL enable_seqscan = DEFAULT"))


_FTS = table("search_terms", column("rowid", BigInteger))
_VECTORS = table("search_terms", column("conversation_id", BigInteger), column("terms", TSVECTOR))


def _parts(query: str) -> list[list[str]]:
    return [line.split() for line in _lines([[part] for part in query[:MOST_QUERY_CHARS].split()]) if line]


def _matches(query: str) -> ColumnElement[bool]:
    asked = " AND ".join(_sqlite_phrase(part) for part in _parts(query))
    return literal_column("search_terms").op("MATCH")(asked)


def _asked(query: str, *, rough: bool) -> ColumnElement[Any]:
    return cast(" & ".join(_postgresql_phrase(part, "&" if rough else "<->") for part in _parts(query)), TSQUERY)


def _shortened(part: list[str]) -> tuple[list[str], bool]:
    """Query terms without the lone last character, which the pair before it holds; whether the last is a beginning."""
    if len(part) > 1 and len(part[-1]) == 1 and _is_chinese(part[-1]) and part[-2].endswith(part[-1]):
        return part[:-1], False
    if _is_chinese(part[-1][0]):
        # After a Latin word or number: the first character of a pair, or one alone.
        return part, len(part) > 1 and len(part[-1]) == 1
    return part, len(part[-1]) >= (_LEAST_BEGINNING_DIGITS if part[-1].isdigit() else _LEAST_BEGINNING_CHARS)


def _sqlite_phrase(part: list[str]) -> str:
    terms, begins = _shortened(part)
    return "(" + " + ".join(f'"{term}"' for term in terms) + (" *)" if begins else ")")


def _postgresql_phrase(part: list[str], follows: str) -> str:
    terms, begins = _shortened(part)
    quoted = [f"'{term}'" for term in terms]
    return "(" + f" {follows} ".join(quoted) + (":*)" if begins else ")")


def _vector(line: str) -> str:
    """Terms with their places and characters without, as PostgreSQL reads them; it gathers the places of a term."""
    terms = line.split()
    beyond = len(terms) - _MOST_POSITIONS
    placed = map(_concat, terms, _PLACES if beyond <= 0 else [*_PLACES, *[_PLACES[-1]] * beyond])
    return f"{' '.join(placed)} {_letters(line)}"
