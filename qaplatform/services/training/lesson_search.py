"""Finding lessons by what is in them: Chinese by pairs of characters, other words by how they begin.

Both are folded first, so that width and script do not matter.
A word counts the more, the fewer lessons have it; in a title it counts eight times, in a tag or heading four times. What holds
the words together as they were typed comes before what holds them apart.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

import msgspec

from qaplatform.audit.normalise import Joined, fold
from qaplatform.training.lessons import Lesson
from qaplatform.training.markdown import text_of

MOST_QUERY_CHARS = 100
MOST_EXCERPTS = 2
_AROUND_CHARS = 48
_TITLE, _HEADING, _BODY = 8.0, 4.0, 1.0
_WHOLE = 3.0
"""So much more is worth what stands there as it was typed."""
_LEAST_SHARE = 0.34
"""So much of what a query asks for must be there, weighed by how rare it is, or some of it in title, tags or headings; what
no lesson has is not asked for."""
_HAN = "\u3400-\u9fff\uf900-\ufaff"
_RUNS = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")

Span = tuple[int, int]


class Excerpt(msgspec.Struct, frozen=True):
    """A piece of a lesson's text; ``spans`` are characters of it, half open, in order."""

    text: str
    spans: tuple[Span, ...]
    heading: str = ""
    """Under which it stands."""
    section: int = 0
    """Which heading that is, from 1; 0 = before the first."""


class Hit(msgspec.Struct, frozen=True):
    """A lesson that was found."""

    lesson: Lesson
    score: float
    title_spans: tuple[Span, ...]
    excerpts: tuple[Excerpt, ...]


class _Part(msgspec.Struct, frozen=True):
    text: str
    folded: str
    weight: float
    heading: str
    section: int


class _Query(msgspec.Struct, frozen=True):
    terms: tuple[str, ...]
    wholes: tuple[str, ...]


_kept: dict[str, tuple[_Part, ...]] = {}
_MOST_KEPT = 1000


def search(lessons: Iterable[Lesson], query: str) -> list[Hit]:
    """The lessons that fit a query, the best first."""
    asked = _read(query[:MOST_QUERY_CHARS])
    parts = {one.id: (one, _parts(one)) for one in lessons}
    rarity = _rarity(asked.terms, [own for _, own in parts.values()])
    asked = msgspec.structs.replace(asked, terms=tuple(rarity))
    hits = [_hit(lesson, own, asked, rarity) for lesson, own in parts.values()]
    return sorted((one for one in hits if one is not None), key=lambda one: (-one.score, one.lesson.id))


def _read(query: str) -> _Query:
    """What a query asks for: pairs of Chinese characters (a single one stands for itself) and beginnings of words."""
    terms: dict[str, None] = {}
    wholes: dict[str, None] = {}
    for run in _RUNS.findall(fold(query).lower()):
        if _is_han(run) and len(run) > 1:
            terms.update(dict.fromkeys(run[place : place + 2] for place in range(len(run) - 1)))
        else:
            terms[run] = None
        wholes[run] = None
    return _Query(tuple(terms), tuple(wholes))


def _is_han(text: str) -> bool:
    return re.match(rf"[{_HAN}]", text) is not None


@lru_cache(maxsize=512)
def _pattern(term: str) -> re.Pattern[str]:
    """A beginning of a word stands at the beginning of one."""
    return re.compile(re.escape(term) if _is_han(term) else rf"(?<![^\W_{_HAN}])" + re.escape(term))


def _parts(lesson: Lesson) -> tuple[_Part, ...]:
    """The title, the tags, the headings and the paragraphs of a lesson, folded; made once a version."""
    found = _kept.get(lesson.content_hash)
    if found is not None:
        return found
    raw: list[tuple[str, float, str, int]] = [(lesson.own_title, _TITLE, "", 0)]
    raw += [(tag, _HEADING, "", 0) for tag in lesson.tags]
    headings = [one.text for one in lesson.headings]
    section = 0
    for block in text_of(lesson.body).split("\n"):
        if section < len(headings) and block == headings[section]:
            section += 1
            raw.append((block, _HEADING, block, section))
        elif block.strip():
            raw.append((block, _BODY, headings[section - 1] if section else "", section))
    made = tuple(_Part(text, fold(text).lower(), weight, head, at) for text, weight, head, at in raw)
    if len(_kept) >= _MOST_KEPT:
        _kept.pop(next(iter(_kept)), None)
    _kept[lesson.content_hash] = made
    return made


def _rarity(terms: Sequence[str], lessons: Sequence[Sequence[_Part]]) -> dict[str, float]:
    """How much a term tells: more where few lessons have it; terms that none has are left out."""
    found = {}
    for term in terms:
        having = sum(any(_pattern(term).search(part.folded) for part in parts) for parts in lessons)
        if having:
            found[term] = math.log(1 + len(lessons) / having)
    return found


def _hit(lesson: Lesson, parts: Sequence[_Part], asked: _Query, rarity: dict[str, float]) -> Hit | None:
    best: dict[str, float] = {}
    scores: list[tuple[float, int, _Part]] = []
    for place, part in enumerate(parts):
        score = 0.0
        for term in asked.terms:
            times = len(_pattern(term).findall(part.folded))
            if times:
                worth = part.weight * rarity[term] * (1 + math.log(times))
                best[term] = best.get(term, 0.0) + worth
                score += worth
        whole = sum(len(one) for one in asked.wholes if len(one) > 2 and _pattern(one).search(part.folded))
        if whole:
            score += _WHOLE * part.weight
            best[""] = best.get("", 0.0) + _WHOLE * part.weight
        if score:
            scores.append((score, place, part))
    if not best:
        return None
    share = sum(rarity[term] for term in asked.terms if term in best) / sum(rarity.values())
    if share < _LEAST_SHARE and not any(part.weight > _BODY for _, _, part in scores):
        return None
    body = sorted(
        {one[2].text: one for one in reversed(scores) if one[2].weight == _BODY}.values(),
        key=lambda one: (-one[0], one[1]),
    )
    chosen = sorted(body[:MOST_EXCERPTS], key=lambda one: one[1])
    excerpts = tuple(_excerpt(part, asked) for _, _, part in chosen)
    return Hit(lesson, sum(best.values()) * share, _spans(lesson.own_title, asked), excerpts)


def _spans(text: str, asked: _Query) -> tuple[Span, ...]:
    """Where the terms stand in a text as it was written; what touches is one."""
    joined = Joined.of([text])
    folded = joined.plain.text_of(0).lower()
    found = sorted({match.span() for term in asked.terms for match in _pattern(term).finditer(folded)})
    merged: list[Span] = []
    for start, end in (joined.original(0, *one) for one in found):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _excerpt(part: _Part, asked: _Query) -> Excerpt:
    """The words around the longest place, with every place in them."""
    spans = _spans(part.text, asked)
    start, end = max(spans, key=lambda one: (one[1] - one[0], -one[0]))
    first, last = max(0, start - _AROUND_CHARS), min(len(part.text), end + _AROUND_CHARS)
    first, last = _word_start(part.text, first, start), _word_end(part.text, last, end)
    before, after = ("…" if first else ""), ("…" if last < len(part.text) else "")
    moved = len(before) - first
    inside = tuple((max(a, first) + moved, min(b, last) + moved) for a, b in spans if a < last and b > first)
    return Excerpt(before + part.text[first:last] + after, inside, part.heading, part.section)


def _word_start(text: str, first: int, most: int) -> int:
    """Not in the middle of a word that is written in letters."""
    if first == 0 or not (text[first - 1].isascii() and text[first - 1].isalnum()):
        return first
    return next((place for place in range(first, most) if not (text[place].isascii() and text[place].isalnum())), most)


def _word_end(text: str, last: int, least: int) -> int:
    if last == len(text) or not (text[last].isascii() and text[last].isalnum()):
        return last
    return next(
        (place for place in range(last, least, -1) if not (text[place - 1].isascii() and text[place - 1].isalnum())),
        least,
    )
