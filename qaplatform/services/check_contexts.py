"""The words that a check finds, how often people called them right, and contexts in which they are always wrong.

A context is the folded text around the words, letters only. It is proposed as an exemption where people called the words
wrong in two chats at least, and where it would silence nothing that they confirmed. Only a context that is shown to people
as it is written may become part of a rubric: where the mask covers anything, there is none.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

import msgspec
import re2
from sqlalchemy.orm import Session

from qaplatform.audit.context import Context
from qaplatform.audit.normalise import Joined, fold_tight, folded_tight
from qaplatform.audit.rubric import Rubric
from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.checks import STEER, Asked, one_check
from qaplatform.services.masking import shown
from qaplatform.services.matcher_cache import compiled_auditor
from qaplatform.services.rubric_drafts import open_draft
from qaplatform.services.rubric_marks import with_exemption
from qaplatform.services.statistics import Share, share
from qaplatform.store import checks as store
from qaplatform.store.checks import RuledFinding, Standing, Wanted

LEAST_CHATS = 2
MOST_CONTEXTS, MOST_WORDS, _MOST_EXAMPLES = 12, 30, 20
_LITERAL = re.compile(r"(?:[^\\.^$*+?{}()|\[\]]|\\[^0-9A-Za-z])+\Z")
"""A pattern that finds one text only, with its marks escaped or not."""
_SIDE_CHARS, _LEAST_AROUND, _MOST_WORD_CHARS = 5, 2, 24


class ContextGoneError(QAPlatformError):
    """This context is no longer proposed: it was exempted already, or somebody confirmed a finding in it."""

    code: ClassVar[str] = "checks.context"


class NoListError(QAPlatformError):
    """These words come from no word list of the rubric, so no exemption can be written; change the check's parameters."""

    code: ClassVar[str] = "checks.no_list"


class WordFigures(msgspec.Struct, frozen=True):
    """Words that a check found, in how many of the findings that people ruled on they were right."""

    words: str
    precision: Share
    group_zh: str
    group_en: str
    """The word list whose entry they are; empty: found by a pattern or the shape of the chat."""
    examples: tuple[tuple[int, int, bool], ...]
    """Conversation, message, whether the finding is right."""


class WrongContext(msgspec.Struct, frozen=True):
    """A context in which words are wrong."""

    words: str
    context: str
    """The words and what stands around them, folded."""
    chats: tuple[tuple[int, int], ...]
    """Conversation and message in which people called it wrong."""
    standing: tuple[int, ...]
    """Further conversations, which nobody reviewed, in which the same stands."""
    is_at_least: bool
    """There may be more of these."""
    silenced: int
    """Findings that people confirmed and that it would silence; 0 for whatever is proposed."""


class _Seen(msgspec.Struct, frozen=True):
    conversation_id: int
    message: int
    folded: str
    masked: str
    start: int
    end: int
    is_right: bool
    written: str

    @property
    def words(self) -> str:
        return self.folded[self.start : self.end]


def words_and_contexts(
    session: Session, rubric: Rubric, criterion: str, wanted: Wanted
) -> tuple[list[WordFigures], list[WrongContext]]:
    """What people said of a criterion's words, the most often wrong first, and contexts that may be exempted."""
    found = store.ruled_findings(session, wanted, criterion)
    seen = _seen(found)
    contexts = _contexts(seen, rubric)[:MOST_CONTEXTS]
    written = {one.written for one in seen if not one.is_right and any(one.words == it[0] for it in contexts)}
    standing = store.standing_findings(session, wanted, criterion, written)
    is_full = len(standing) >= store.MOST_STANDING
    return _words(seen, rubric), _with_standing(contexts, standing, is_full=is_full)


def exempt(session: Session, viewer: Viewer, criterion_id: str, asked: Asked, context: str, *, now: datetime) -> int:
    """Open a draft in which a context is exempt from the lists that find the words in it; the draft's id.

    Raises:
        AccessError: the viewer may not edit rubrics.
        UnknownRubricError, UnknownCheckError: there is none.
        ContextGoneError: it is not proposed.
        NoListError: no word list finds the words there.
    """
    viewer.demand(STEER)
    one, criterion, wanted = one_check(session, viewer, criterion_id, asked, now=now)
    seen = _seen(store.ruled_findings(session, wanted, criterion.id))
    chosen = next((it for it in _contexts(seen, one.rubric) if it[1] == context), None)
    if chosen is None:
        raise ContextGoneError
    words = chosen[0]
    groups = _groups(one.rubric, context, words, [it for it in seen if not it.is_right and context in it.folded])
    files: dict[str, str] = dict(one.files)
    changes: dict[str, str] = {}
    for group in groups:
        changed = with_exemption(files, group, pattern_of(context), context)
        files |= changed
        changes |= changed
    if not changes:
        raise NoListError
    said = f"{criterion.title.zh}：“{context}”不再算"
    return open_draft(session, viewer, one.rubric.id, now=now, changes=changes, note=said).id


def pattern_of(context: str) -> str:
    """A context as a pattern among a list's exceptions."""
    return str(re2.escape(context)) if not context.isalnum() else context


def context_in(pattern: str) -> str:
    """The context that a pattern among a list's exceptions is of; empty where it finds more than one text."""
    return re.sub(r"\\(.)", r"\1", pattern) if _LITERAL.match(pattern) else ""


def _seen(found: Sequence[RuledFinding]) -> list[_Seen]:
    """Findings in folded text, in order of their ids; the whole of a message is none of words."""
    masked = [one.text for one in shown([it.text for it in found], unmasked=False)]
    out = []
    for one, safe in zip(found, masked, strict=True):
        words = one.text[one.start : one.end]
        if not words or len(words) > _MOST_WORD_CHARS:
            continue
        folded, start, end = _folded(one.text, one.start, one.end)
        out.append(
            _Seen(
                one.conversation_id, one.message_number, folded, _folded(safe, 0, 0)[0], start, end, one.is_right, words
            )
        )
    return out


def _folded(text: str, start: int, end: int) -> tuple[str, int, int]:
    plain = Joined.of([text]).plain
    folded, place = plain.text_of(0), plain.place.tolist()
    return folded, bisect_left(place, start), min(bisect_left(place, end), len(folded))


def _contexts(seen: Sequence[_Seen], rubric: Rubric) -> list[tuple[str, str, list[_Seen]]]:
    """Words, context and the wrong findings in it: those of the most chats first, none that people confirmed."""
    # What an exemption silences already needs no other.
    exempted = (context_in(one) for group in rubric.phrases.values() for one in group.unless)
    known = {one for one in exempted if one}
    right = [one for one in seen if one.is_right]
    by_words: dict[str, list[_Seen]] = defaultdict(list)
    for one in seen:
        if not one.is_right and not any(covers(it, one.folded, one.start, one.end) for it in known):
            by_words[one.words].append(one)
    out: list[tuple[str, str, list[_Seen]]] = []
    for words, wrong in by_words.items():
        left = wrong
        while len({one.conversation_id for one in left}) >= LEAST_CHATS:
            best = _best(left, right)
            if best is None:
                break
            out.append((words, best, [one for one in left if covers(best, one.folded, one.start, one.end)]))
            left = [one for one in left if not covers(best, one.folded, one.start, one.end)]
    out.sort(key=lambda it: (-len({one.conversation_id for one in it[2]}), it[1]))
    return out


def _best(wrong: Sequence[_Seen], right: Sequence[_Seen]) -> str | None:
    chats: dict[str, set[int]] = defaultdict(set)
    for one in wrong:
        for context in _around(one):
            chats[context].add(one.conversation_id)
    # The most chats; of as many, the narrowest, so that an exemption says no more than was seen.
    for context in sorted(chats, key=lambda it: (-len(chats[it]), -len(it), it)):
        if len(chats[context]) < LEAST_CHATS:
            return None
        if not silenced(context, right):
            return context
    return None


def _around(one: _Seen) -> Iterable[str]:
    for before in range(_SIDE_CHARS + 1):
        for after in range(_SIDE_CHARS + 1):
            begin, end = one.start - before, one.end + after
            if before + after < _LEAST_AROUND or begin < 0 or end > len(one.folded):
                continue
            context = one.folded[begin:end]
            around = context[:before] + context[len(context) - after :] if after else context[:before]
            if around.isalpha() and context in one.masked and "\n" not in context and "<" not in context:
                yield context


def covers(context: str, folded: str, start: int, end: int) -> bool:
    """Whether words lie inside a place where the context stands."""
    at = folded.find(context)
    while at >= 0:
        if at <= start and end <= at + len(context):
            return True
        at = folded.find(context, at + 1)
    return False


def silenced(context: str, right: Iterable[_Seen]) -> int:
    """How many confirmed findings an exemption of the context would silence."""
    return sum(covers(context, one.folded, one.start, one.end) for one in right)


def _with_standing(
    contexts: Sequence[tuple[str, str, list[_Seen]]], standing: Sequence[Standing], *, is_full: bool
) -> list[WrongContext]:
    folded = [(one.conversation_id, *_folded(one.text, one.start, one.end)) for one in standing]
    return [
        WrongContext(
            words=words,
            context=context,
            chats=tuple({one.conversation_id: one.message for one in wrong}.items()),
            standing=tuple(dict.fromkeys(id for id, text, start, end in folded if covers(context, text, start, end))),
            is_at_least=is_full,
            silenced=0,
        )
        for words, context, wrong in contexts
    ]


def _words(seen: Sequence[_Seen], rubric: Rubric) -> list[WordFigures]:
    by_words: dict[str, list[_Seen]] = defaultdict(list)
    for one in seen:
        # What the mask covers is nobody's word list entry.
        if one.words in one.masked:
            by_words[one.words].append(one)
    titles = _titles(rubric, by_words)
    out = [
        WordFigures(
            words,
            share(sum(one.is_right for one in some), len(some)),
            *titles.get(words, ("", "")),
            tuple((one.conversation_id, one.message, one.is_right) for one in _one_a_chat(some)),
        )
        for words, some in by_words.items()
    ]
    out.sort(key=lambda one: (one.precision.count - one.precision.of, -one.precision.of, one.words))
    return out[:MOST_WORDS]


def _one_a_chat(some: Iterable[_Seen]) -> list[_Seen]:
    chats: dict[int, _Seen] = {}
    for one in some:
        chats.setdefault(one.conversation_id, one)
    return list(chats.values())[:_MOST_EXAMPLES]


def _titles(rubric: Rubric, wanted: Iterable[str]) -> Mapping[str, tuple[str, str]]:
    """Titles of the lists that have these very words as an entry."""
    tight = {fold_tight(words): words for words in wanted}
    out: dict[str, tuple[str, str]] = {}
    for group in rubric.phrases.values():
        if group.title is None or group.who == "customer" or group.id.startswith("cue/"):
            continue
        for folded in folded_tight(group.phrases):
            words = tight.get(folded)
            if words is not None:
                out.setdefault(words, (group.title.zh, group.title.en))
    return out


def _groups(rubric: Rubric, context: str, words: str, wrong: Sequence[_Seen]) -> list[str]:
    """The lists that find these words in the context; lists that only cue a closer look are left as they are."""
    text = wrong[0].folded if wrong else context
    matcher = compiled_auditor(rubric, Context()).matcher
    names = tuple(name for name in matcher.names if not name.startswith("cue/"))
    found = matcher.look("shop", [text], names)
    return [
        name
        for name in names
        if rubric.phrases[name].who != "customer"
        and any(text[hit.start : hit.end] == words for hit in found.spans(name, 0))
    ]
