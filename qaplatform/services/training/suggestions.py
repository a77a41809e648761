"""The day's findings as suggestions for problem points, in the rubric's words, with their chats behind the mask."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import ClassVar, cast

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.context import Context
from qaplatform.audit.finding import Finding
from qaplatform.audit.masking import Language, Masked
from qaplatform.errors import QAPlatformError
from qaplatform.formats.writing.wording import Wording
from qaplatform.services import masking
from qaplatform.services.access import Viewer
from qaplatform.services.blind import blind_for
from qaplatform.services.rubric_books import published_rubrics
from qaplatform.services.training.learners import learner_of_agent
from qaplatform.store import conversation_words
from qaplatform.store.listed_rows import within
from qaplatform.store.training import problem_points as stored_points
from qaplatform.store.training import suggestions as stored
from qaplatform.store.training.problem_points import Cause, Severity
from qaplatform.store.training.suggestions import ChatMessage, FoundHere

COACH = "training.coach"
_MOST_QUOTE_CHARS = 80
_SEVERITY: Mapping[str, Severity] = {"critical": "critical", "severe": "major", "major": "major", "minor": "minor"}
_RANK = {"critical": 0, "major": 1, "minor": 2}


class FindingGoneError(QAPlatformError):
    """This finding is not there any more: the chat was audited again, or somebody ruled on it; load the page again."""

    code: ClassVar[str] = "training.finding_gone"


class ShownMessage(msgspec.Struct, frozen=True):
    """A message of a chat as people are shown it."""

    written: ChatMessage
    """As it is stored: only ``masked`` is shown of its words."""
    masked: Masked


class ShownChat(msgspec.Struct, frozen=True):
    """The messages of a chat behind the mask, and other texts of it masked with them."""

    messages: tuple[ShownMessage, ...] = ()
    others: Mapping[str, str] = {}

    def quote(self, message: int | None, start: int | None, end: int | None) -> str:
        """Characters of a message, masked and shortened; empty where they are gone."""
        words, here = self.words(message, start, end)
        words = " ".join(words[slice(*here)].split())
        return words if len(words) <= _MOST_QUOTE_CHARS else words[: _MOST_QUOTE_CHARS - 1] + "…"

    def words(self, message: int | None, start: int | None, end: int | None) -> tuple[str, tuple[int, int]]:
        """A message as it is shown, and where in it the characters stand."""
        found = next((one for one in self.messages if one.written.number == message), None)
        if found is None:
            return "", (0, 0)
        text = found.masked
        begin, stop = (0, text.original_chars) if start is None or end is None else (start, end)
        return text.text, text.to_masked(min(begin, text.original_chars), min(stop, text.original_chars))


class Suggestion(msgspec.Struct, frozen=True):
    """A finding that may become a problem point."""

    conversation_id: int
    key: str
    criterion: str
    title: str
    sentence: str
    """What is wrong, in the rubric's words, or the inspector's."""
    message: int
    start: int
    end: int
    """Of the original text."""
    quote: str
    """Masked."""
    severity: Severity

    @property
    def what(self) -> str:
        """What a point made of it begins with."""
        return f"{self.title}：{self.sentence}" if self.sentence else self.title


class Suggestions(msgspec.Struct, frozen=True):
    """Some of the day's findings, those of accompanied chats first, then the gravest; and how many more there are."""

    some: tuple[Suggestion, ...] = ()
    more: int = 0


class Criteria:
    """What the published rubrics say of their criteria, in one language."""

    def __init__(self, session: Session, language: Language) -> None:
        """Reads the rubrics; ``rubrics`` are theirs, the one that holds last first."""
        self.rubrics = published_rubrics(session)
        self._by_id: dict[str, Wording] = {}
        for rubric in self.rubrics:
            wording = Wording(rubric, Context(), language)
            for criterion in rubric.criteria:
                self._by_id.setdefault(criterion.id, wording)

    def title(self, criterion: str) -> str:
        """Its title; its id where no published rubric knows it."""
        known = self._by_id.get(criterion)
        return known.title(criterion) if known else criterion

    def sentence(self, criterion: str, finding: Finding) -> str:
        """What is wrong; empty where no rubric has words for it."""
        known = self._by_id.get(criterion)
        return known.sentence(criterion, finding) if known else ""

    def severity(self, criterion: str) -> Severity:
        """How grave a point about it is to begin with."""
        known = self._by_id.get(criterion)
        if known is None:
            return "minor"
        one = known.criteria[criterion]
        return "critical" if one.critical else _SEVERITY[one.severity]

    def is_hint(self, criterion: str) -> bool:
        """Whether its findings count for nothing: they are wrong too often to be suggested."""
        known = self._by_id.get(criterion)
        return known is not None and known.criteria[criterion].hint

    def cause(self, session: Session, criterion: str | None) -> Cause:
        """Why it happens: as mentors here mostly said of this criterion; else manners are attitude, all else is process."""
        if criterion is None:
            return "process"
        usual = stored_points.usual_causes(session, [criterion]).get(criterion)
        if usual is not None:
            return cast("Cause", usual)
        known = self._by_id.get(criterion)
        sections = known.rubric.sections if known else ()
        is_manners = any(one.id == "attitude" and criterion in {it.id for it in one.criteria} for one in sections)
        return "attitude" if is_manners else "process"


def finding_key(conversation_id: int, criterion: str, message: int | None, start: int | None, end: int | None) -> str:
    """By what a finding is recognised, however often its chat is audited: 64 hex digits."""
    named = "|".join(map(str, (conversation_id, criterion, message, start, end)))
    return hashlib.sha256(named.encode()).hexdigest()


def day_findings(
    session: Session, viewer: Viewer, agent_id: int, chats: Collection[int], picked: Collection[int], criteria: Criteria
) -> list[FoundHere]:
    """What may be suggested of some chats of somebody: theirs, standing, not settled and not under blind review."""
    ids = set(chats) - blind_for(session, viewer, chats)
    if not ids:
        return []
    failed = conversation_words.failed_criteria(session, sorted(ids))
    done = stored.settled(session, agent_id, ids)
    found: dict[tuple[int, str], FoundHere] = {}
    for one in stored.findings_of(session, ids):
        key = (one.conversation_id, _key(one))
        stands = one.criterion in failed.get(one.conversation_id, ()) and not criteria.is_hint(one.criterion)
        if one.agent_id == agent_id and stands and key not in done:
            found.setdefault(key, one)
    return sorted(
        found.values(),
        key=lambda one: (one.conversation_id not in picked, _RANK[criteria.severity(one.criterion)]),
    )


def suggested(
    found: Sequence[FoundHere], criteria: Criteria, chats: Mapping[int, ShownChat], *, limit: int
) -> Suggestions:
    """The first findings in words."""
    some = tuple(_suggestion(one, criteria, chats.get(one.conversation_id, ShownChat())) for one in found[:limit])
    return Suggestions(some, max(len(found) - limit, 0))


def shown_chats(
    session: Session, ids: Collection[int], language: Language, found: Sequence[FoundHere] = ()
) -> dict[int, ShownChat]:
    """Chats with all their messages behind the mask, and the texts among the facts of findings with them."""
    if not ids:
        return {}
    messages = stored.messages_of(session, ids)
    others: dict[int, list[str]] = {id: [] for id in messages}
    for one in found:
        if one.conversation_id in others:
            others[one.conversation_id] += [*_texts(one), one.comment]
    names = [[it.customer_key for it in some[:1] if it.customer_key] for some in messages.values()]
    texts = [[*(it.text for it in some), *others[id]] for id, some in messages.items()]
    masked = masking.shown_many(texts, unmasked=False, language=language, known_names=names)
    out = {}
    for (id, some), shown in zip(messages.items(), masked, strict=True):
        lines = tuple(ShownMessage(*pair) for pair in zip(some, shown, strict=False))
        rest = zip(others[id], shown[len(some) :], strict=True)
        out[id] = ShownChat(lines, {text: one.text for text, one in rest})
    return out


def dismiss(session: Session, viewer: Viewer, agent_id: int, conversation_id: int, key: str, *, now: datetime) -> None:
    """Put a finding aside, so that it is suggested no more.

    Raises:
        NotThereError: there is no such agent, or the viewer may not coach them.
        FindingGoneError: there is no such finding.
    """
    learner_of_agent(session, viewer, agent_id, COACH)
    found = finding_of(session, viewer, conversation_id, key)
    stored.dismiss(session, conversation_id, _key(found), user_id=viewer.user_id, now=now)


def finding_of(session: Session, viewer: Viewer, conversation_id: int, key: str) -> FoundHere:
    """The finding of a key, in a chat somebody may coach about.

    Raises:
        FindingGoneError: there is none, or it is not theirs to know.
    """
    is_theirs = within(session, [conversation_id], viewer.scope(COACH))
    if is_theirs and not blind_for(session, viewer, [conversation_id]):
        for one in stored.findings_of(session, [conversation_id]):
            if _key(one) == key:
                return one
    raise FindingGoneError


def failed_in(session: Session, viewer: Viewer, conversation_id: int) -> frozenset[str]:
    """The criteria that failed in a chat; none while the viewer has still to review it blind."""
    if blind_for(session, viewer, [conversation_id]):
        return frozenset()
    return frozenset(conversation_words.failed_criteria(session, [conversation_id]).get(conversation_id, ()))


def language_of(viewer: Viewer) -> Language:
    """The language that words of ours are written in for somebody."""
    return "en" if viewer.language == "en" else "zh"


def in_words(session: Session, found: FoundHere, criteria: Criteria, language: Language) -> Suggestion:
    """One finding in words."""
    chats = shown_chats(session, [found.conversation_id], language, [found])
    return _suggestion(found, criteria, chats[found.conversation_id])


def _suggestion(found: FoundHere, criteria: Criteria, chat: ShownChat) -> Suggestion:
    quote = chat.quote(found.message, found.start, found.end)
    facts = {name: _shown(value, chat.others) for name, value in found.facts.items()}
    sentence = chat.others.get(found.comment, "")
    if found.code:
        finding = Finding(found.message, found.start, found.end, quote, found.code, facts)
        sentence = criteria.sentence(found.criterion, finding)
    return Suggestion(
        conversation_id=found.conversation_id,
        key=_key(found),
        criterion=found.criterion,
        title=criteria.title(found.criterion),
        sentence=sentence,
        message=found.message,
        start=found.start,
        end=found.end,
        quote=quote,
        severity=criteria.severity(found.criterion),
    )


def _key(one: FoundHere) -> str:
    return finding_key(one.conversation_id, one.criterion, one.message, one.start, one.end)


def _texts(one: FoundHere) -> list[str]:
    found = []
    for value in one.facts.values():
        found += [it for it in (value if isinstance(value, list) else [value]) if isinstance(it, str) and it]
    return found


def _shown(value: object, shown: Mapping[str, str]) -> object:
    if isinstance(value, str):
        return shown.get(value, value)
    return [_shown(one, shown) for one in value] if isinstance(value, list) else value
