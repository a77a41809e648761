"""One conversation prepared for reading: messages, marks, margin notes, chips for what was observed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from qaplatform.audit.conversation import Message
from qaplatform.audit.finding import CriterionResult, Finding, Scorecard
from qaplatform.audit.hints import HINT
from qaplatform.audit.summary import agents_of
from qaplatform.audit.tallies import Case
from qaplatform.formats.writing.plain import visible
from qaplatform.formats.writing.report.marking import HUES, Mark, marked
from qaplatform.formats.writing.rows import started_at
from qaplatform.formats.writing.sightings import sightings
from qaplatform.formats.writing.wording import Wording

NOTES = 40
"""Findings shown of one conversation."""
MESSAGES = 80
"""Longer conversations are shown around their findings, at most this many messages."""
TEXT_CHARS = 20_000
"""Text shown of one conversation."""
_NEAR, _HEAD, _TAIL = 2, 6, 4
_GAP_SECONDS = 60
_EMPTY = Markup("")


@dataclass(frozen=True, slots=True)
class Note:
    """A numbered note in the margin."""

    number: int
    hue: int
    title: str
    critical: bool
    points: str
    sentence: str
    better: str
    agent: str


@dataclass(frozen=True, slots=True)
class Chip:
    """A small label under a message; ``tone`` is good, bad or plain."""

    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Row:
    """A message, or ``elided`` messages that are left out."""

    number: int = 0
    side: str = ""
    who: str = ""
    label: str = ""
    time: str = ""
    day: str = ""
    gap: str = ""
    text: Markup = _EMPTY
    notes: tuple[Note, ...] = ()
    chips: tuple[Chip, ...] = ()
    elided: int = 0


@dataclass(frozen=True, slots=True)
class CaseView:
    """A conversation as the report shows it."""

    anchor: str
    id: Markup
    verdict: str
    score: str
    priority: float
    risk: float
    facts: tuple[str, ...]
    reasons: tuple[str, ...]
    faults: tuple[str, ...]
    criteria: tuple[str, ...]
    agents: tuple[str, ...]
    rows: tuple[Row, ...]
    whole: tuple[Note, ...]
    more_notes: int


class _Notes:
    """The findings of a scorecard in reading order, numbered from 1."""

    def __init__(self, card: Scorecard, messages: int, wording: Wording) -> None:
        self.by_message: dict[int, list[tuple[Note, Finding]]] = {}
        self.whole: list[Note] = []
        found: list[tuple[int, int, CriterionResult, Finding | None]] = []
        for result in card.criteria:
            if result.outcome != "fail" and result.reason != HINT:
                continue
            for finding in result.findings:
                inside = 0 <= finding.message < messages
                found.append((finding.message if inside else messages, finding.start, result, finding))
            if not result.findings and result.outcome == "fail":
                found.append((messages, 0, result, None))
        found.sort(key=lambda item: item[:2])
        self.more = max(0, len(found) - NOTES)
        seen: set[str] = set()
        for number, (message, _, result, spot) in enumerate(found[:NOTES], start=1):
            note = _note(number, result, spot, wording, first=result.id not in seen)
            seen.add(result.id)
            if spot is None or message == messages:
                self.whole.append(note)
            else:
                self.by_message.setdefault(message, []).append((note, spot))


def _note(number: int, result: CriterionResult, finding: Finding | None, wording: Wording, *, first: bool) -> Note:
    lost = result.points - result.max_points
    agent = finding.agent if finding and isinstance(finding.agent, str) else None
    return Note(
        number=number,
        hue=wording.place(result.id) % HUES,
        title=wording.title(result.id),
        critical=wording.critical(result.id) and result.reason != HINT,
        points=wording.outcome(result) if result.reason == HINT else f"−{-lost:g}" if first and lost < 0 else "",
        sentence=wording.sentence(result.id, finding) if finding else wording.reason(result.reason or ""),
        better=wording.better(result.id) if first else "",
        agent=wording.agent(agent) if agent else "",
    )


def _chips(card: Scorecard, wording: Wording) -> dict[int, list[Chip]]:
    chips: dict[int, list[Chip]] = {}
    for one in sightings(card.observations, wording):
        chips.setdefault(one.message, []).append(Chip(one.text, one.tone))
    return chips


def _shown(count: int, of_interest: set[int]) -> list[int]:
    """The numbers of the messages that are shown."""
    if count <= MESSAGES:
        return list(range(count))
    wanted = set(range(_HEAD)) | set(range(count - _TAIL, count))
    for number in sorted(of_interest):
        if len(wanted) >= MESSAGES:
            break
        wanted.update(range(max(0, number - _NEAR), min(count, number + _NEAR + 1)))
    return sorted(wanted)[:MESSAGES]


def case_view(case: Case, wording: Wording, place: int, codes: dict[str, str]) -> CaseView:
    """Prepare a conversation; ``codes`` gives agents the short names that the page's filters use."""
    conversation, card = case
    anchor = f"case-{place}"
    notes = _Notes(card, len(conversation.messages), wording)
    return CaseView(
        anchor=anchor,
        id=visible(conversation.id[:120]),
        verdict=card.verdict,
        score="—" if card.score is None else f"{card.score:.0f}",
        priority=card.priority,
        risk=card.risk,
        facts=tuple(_facts(case, wording)),
        reasons=tuple(wording.reason(reason) for reason in card.reasons[:6]),
        faults=tuple(_faults(card, wording)),
        criteria=tuple(f"c{wording.place(result.id)}" for result in card.criteria if result.outcome == "fail"),
        agents=tuple(codes[agent] for agent in agents_of(conversation) if agent in codes),
        rows=tuple(_rows(case, wording, notes, anchor)),
        whole=tuple(notes.whole),
        more_notes=notes.more,
    )


def _faults(card: Scorecard, wording: Wording) -> Iterator[str]:
    """Titles of the failed criteria: critical ones first, then those that cost most."""
    failed = [result for result in card.criteria if result.outcome == "fail"]
    failed.sort(key=lambda r: (not wording.critical(r.id), r.points - r.max_points, wording.place(r.id)))
    for result in failed[:8]:
        yield wording.title(result.id)


def _facts(case: Case, wording: Wording) -> Iterator[str]:
    conversation, card = case
    words, customer = wording.chrome, conversation.customer
    yield started_at(conversation, wording)
    yield (conversation.shop or "")[:60]
    yield words["list_comma"].join(wording.agent(agent)[:40] for agent in agents_of(conversation)[:6])
    yield wording.topic_path(card.observations.topic[:3])
    yield words["closed_" + card.observations.closed]
    if customer and customer.tier:
        yield customer.tier[:40]
    if customer and customer.order_value is not None:
        yield words.say("case_order_value", value=f"{customer.order_value:,.2f}".removesuffix(".00"))
    if conversation.csat is not None:
        yield words.say("case_csat", csat=f"{conversation.csat:g}")
    if card.scored_share < 1:
        yield words.say("case_share", share=f"{100 * card.scored_share:.0f}")


def _rows(case: Case, wording: Wording, notes: _Notes, anchor: str) -> Iterator[Row]:
    conversation, card = case
    messages, chips = conversation.messages, _chips(card, wording)
    promises: dict[int, list[Mark]] = {}
    tip = wording.chrome["chip_promise"]
    for promise in card.observations.promises:
        promises.setdefault(promise.message, []).append(Mark(promise.start, promise.end, 0, 0, tip))
    before: datetime | None = None
    last, budget = -1, TEXT_CHARS
    for number in _shown(len(messages), set(notes.by_message) | set(chips)):
        if budget <= 0:
            break
        if number > last + 1:
            yield Row(elided=number - last - 1)
        message = messages[number]
        budget -= min(len(message.text), 900)
        here = notes.by_message.get(number, [])
        marks = [Mark(f.start, f.end, n.number, n.hue, f"{n.number}. {n.title}: {n.sentence}"[:300]) for n, f in here]
        at = wording.local(message.sent_at) if message.sent_at else None
        yield Row(
            number=number,
            side=_side(message),
            who=_who(message, wording),
            label=_label(message, wording),
            time=at.strftime("%H:%M:%S") if at else "",
            day=at.strftime("%Y-%m-%d") if at and (before is None or before.date() != at.date()) else "",
            gap=_gap(before, at, wording),
            text=marked(message.text, marks + promises.get(number, []), f"{anchor}-n", wording.chrome["case_cut"]),
            notes=tuple(note for note, _ in here),
            chips=tuple(chips.get(number, [])[:6]),
        )
        before, last = at or before, number
    if last + 1 < len(messages):
        yield Row(elided=len(messages) - last - 1)


def _side(message: Message) -> str:
    if message.kind == "note":
        return "note"
    return "auto" if message.role == "agent" and message.auto else message.role


def _who(message: Message, wording: Wording) -> str:
    if message.role == "agent" and message.agent:
        return wording.agent(message.agent)[:40]
    return wording.chrome["role_" + message.role]


def _label(message: Message, wording: Wording) -> str:
    words = wording.chrome
    parts = [words["mark_auto"]] if message.auto else []
    if message.kind == "note":
        parts.append(words["mark_note"])
    elif message.kind in ("image", "card", "transfer"):
        parts.append(words["kind_" + message.kind])
    return " ".join(parts)


def _gap(before: datetime | None, at: datetime | None, wording: Wording) -> str:
    if before is None or at is None or (at - before).total_seconds() < _GAP_SECONDS:
        return ""
    return wording.chrome.say("case_gap", gap=wording.chrome.duration((at - before).total_seconds()))
