"""The scorecard of an audit as the page shows it: criteria in the rubric's words, findings numbered as they are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from markupsafe import Markup

from qaplatform.audit.finding import Finding
from qaplatform.audit.masking import Masked
from qaplatform.audit.ruling import NOT_ASKED
from qaplatform.formats.writing.plain import visible
from qaplatform.formats.writing.wording import Wording
from qaplatform.store.reading_conversations import ReadFinding, ReadResult
from qaplatform.web.conversations.marked_text import Kind

_QUOTE_CHARS = 60
_SHORT_CHARS = 8


@dataclass(frozen=True, slots=True)
class Spot:
    """A finding: its number on the page, where it stands in the text that is shown, what it says."""

    number: int
    kind: Kind
    message: int
    start: int
    end: int
    is_whole: bool
    """The whole of a message, which is marked at its edge and not word for word."""
    quote: Markup
    sentence: str
    title: str
    criterion: str
    place: int
    """Its place among the findings of its criterion, as the audit has them."""
    named: str
    """By what "coach this" knows it: criterion, message, and characters of the original text."""


@dataclass(frozen=True, slots=True)
class CriterionShown:
    """A criterion with its findings."""

    id: str
    title: str
    outcome: str
    kind: Kind
    points: float
    max_points: float
    reason: str
    policy: str
    better: str
    spots: tuple[Spot, ...]

    @property
    def is_critical(self) -> bool:
        """Whether one failure decides the whole conversation."""
        return self.kind == "critical"

    @property
    def is_hint(self) -> bool:
        """Whether its findings are shown and count for nothing."""
        return self.kind == "hint"

    @property
    def is_deduction(self) -> bool:
        """Whether it earns nothing and only takes points off."""
        return self.max_points == 0


@dataclass(frozen=True, slots=True)
class SectionShown:
    """Criteria of one section of the rubric."""

    title: str
    criteria: tuple[CriterionShown, ...]


@dataclass(frozen=True, slots=True)
class ScorecardShown:
    """The criteria that apply: what failed and hints in full, the others by section; and all findings in reading order."""

    failed: tuple[CriterionShown, ...]
    hints: tuple[CriterionShown, ...]
    """Those with findings; hints that found nothing are among the unscored."""
    unscored: tuple[CriterionShown, ...]
    unasked: tuple[CriterionShown, ...]
    """Questions that nobody has answered: as if they were not in the rubric."""
    passed: tuple[SectionShown, ...]
    spots: tuple[Spot, ...]

    @property
    def passed_count(self) -> int:
        """How many passed."""
        return sum(len(one.criteria) for one in self.passed)


def scorecard_of(
    results: Iterable[ReadResult],
    places: Iterable[ReadFinding],
    masked: Sequence[Masked],
    facts: Mapping[str, str],
    wording: Wording,
) -> ScorecardShown:
    """An audit's criteria and findings in words.

    Args:
        results: Its criteria that apply.
        places: Its findings.
        masked: The messages as they are shown.
        facts: Texts among the facts of findings, and how they are shown.
        wording: The rubric's words in the reader's language.
    """
    in_order = sorted(places, key=lambda one: (one.message_number, one.start, wording.place(one.criterion), one.place))
    by_criterion: dict[str, list[Spot]] = {}
    spots = []
    for number, place in enumerate(in_order, start=1):
        spot = _spot(number, place, masked, facts, wording)
        by_criterion.setdefault(place.criterion, []).append(spot)
        spots.append(spot)
    results = list(results)
    unasked = {one.criterion for one in results if one.outcome == "unscored" and one.reason == NOT_ASKED}
    shown = [_criterion(one, by_criterion.get(one.criterion, ()), wording) for one in results]
    shown.sort(key=lambda one: wording.place(one.id))
    failed = sorted(
        (one for one in shown if one.outcome == "fail"),
        key=lambda one: (not one.is_critical, one.points - one.max_points),
    )
    return ScorecardShown(
        failed=tuple(failed),
        hints=tuple(one for one in shown if one.is_hint and one.spots),
        unscored=tuple(
            one
            for one in shown
            if one.outcome == "unscored" and one.id not in unasked and not (one.is_hint and one.spots)
        ),
        unasked=tuple(one for one in shown if one.id in unasked),
        passed=tuple(_sections([one for one in shown if one.outcome == "pass"], wording)),
        spots=tuple(spots),
    )


def kind_of(criterion: str, wording: Wording) -> Kind:
    """How heavy a finding of a criterion weighs."""
    known = wording.criteria.get(criterion)
    if known is None:
        return "major"
    if known.hint:
        return "hint"
    return "critical" if known.critical else known.severity


def _spot(
    number: int, place: ReadFinding, masked: Sequence[Masked], facts: Mapping[str, str], wording: Wording
) -> Spot:
    start = end = 0
    words, is_whole = "", False
    if 0 <= place.message_number < len(masked):
        text = masked[place.message_number]
        start, end = text.to_masked(place.start, place.end)
        words = text.text[start:end]
        is_whole = place.start == 0 and place.end >= text.original_chars > _SHORT_CHARS
    finding = Finding(
        place.message_number,
        start,
        end,
        words,
        place.code,
        {name: _fact(value, facts) for name, value in place.facts.items()},
    )
    return Spot(
        number=number,
        kind=kind_of(place.criterion, wording),
        message=place.message_number,
        start=start,
        end=end,
        is_whole=is_whole,
        quote=visible(_cut(words)),
        sentence=wording.sentence(place.criterion, finding),
        title=wording.title(place.criterion),
        criterion=place.criterion,
        place=place.place,
        named=f"{place.criterion}|{place.message_number}|{place.start}|{place.end}",
    )


def _fact(value: Any, shown: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return shown.get(value, value)
    if isinstance(value, (list, tuple)):
        return [_fact(one, shown) for one in value]
    return value


def _cut(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= _QUOTE_CHARS else words[: _QUOTE_CHARS - 1] + "…"


def _criterion(result: ReadResult, spots: Sequence[Spot], wording: Wording) -> CriterionShown:
    return CriterionShown(
        id=result.criterion,
        title=wording.title(result.criterion),
        outcome=result.outcome,
        kind=kind_of(result.criterion, wording),
        points=result.points,
        max_points=result.max_points,
        reason=wording.reason(result.reason) if result.reason else "",
        policy=wording.policy(result.criterion),
        better=wording.better(result.criterion),
        spots=tuple(spots),
    )


def _sections(criteria: Sequence[CriterionShown], wording: Wording) -> list[SectionShown]:
    section_of = {one.id: section for section in wording.rubric.sections for one in section.criteria}
    out = []
    for section, some in groupby(criteria, key=lambda one: section_of.get(one.id)):
        title = section.title.in_language(wording.language) if section else ""
        out.append(SectionShown(title, tuple(some)))
    return out
