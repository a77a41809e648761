"""Codes and facts of findings as sentences, in the rubric's wording and the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from qaplatform.audit.context import Context
from qaplatform.audit.finding import CriterionResult, Finding
from qaplatform.audit.hints import HINT
from qaplatform.audit.rubric import Criterion, Rubric
from qaplatform.formats.writing.words import Chrome

Language = Literal["zh", "en"]
_PLACE = re.compile(r"\{(\w+)(?:[!:][^{}]*)?\}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_UNKNOWN = "—"


class Wording:
    """What the rubric, the context and this program's own word table say in one language."""

    def __init__(self, rubric: Rubric, context: Context, language: Language = "zh") -> None:
        self.rubric = rubric
        self.context = context
        self.language = language
        self.chrome = Chrome(language)
        self.criteria: dict[str, Criterion] = {criterion.id: criterion for criterion in rubric.criteria}
        self._order = {name: place for place, name in enumerate(self.criteria)}

    def title(self, criterion: str) -> str:
        """The criterion's title; its id where this rubric does not know it."""
        known = self.criteria.get(criterion)
        return known.title.in_language(self.language) if known else criterion

    def place(self, criterion: str) -> int:
        """The criterion's place in the rubric; ones it does not know come behind, in the order they are asked for."""
        return self._order.setdefault(criterion, len(self._order))

    def critical(self, criterion: str) -> bool:
        """Does one failure decide the whole conversation?"""
        known = self.criteria.get(criterion)
        return known is not None and known.critical

    def better(self, criterion: str) -> str:
        """The better phrase, or ``""``."""
        known = self.criteria.get(criterion)
        return known.better.in_language(self.language) if known and known.better else ""

    def policy(self, criterion: str) -> str:
        """The policy text, or ``""``."""
        known = self.criteria.get(criterion)
        return known.policy.in_language(self.language) if known and known.policy else ""

    def sentence(self, criterion: str, finding: Finding) -> str:
        """What is wrong, with the finding's facts filled in; code and facts where the rubric has no wording."""
        known = self.criteria.get(criterion)
        words = known.wording.get(finding.code) if known else None
        if words is not None:
            return self.filled(words.in_language(self.language), {"quote": finding.quote, **finding.facts})
        facts = "; ".join(f"{name} {self.fact(value)}" for name, value in finding.facts.items())
        return f"{finding.code}: {facts}" if facts else finding.code

    def filled(self, template: str, facts: Mapping[str, object]) -> str:
        """``{name}`` replaced by the fact of that name, a dash where it is missing."""
        return _PLACE.sub(lambda place: self.fact(facts.get(place[1])), template)

    def fact(self, value: object) -> str:
        """One fact as people write it; moments in the context's local time."""
        if value is None or value == "":
            return _UNKNOWN
        if isinstance(value, bool):
            return self.chrome["fact_yes" if value else "fact_no"]
        if isinstance(value, float):
            return f"{value:.1f}".removesuffix(".0")
        if isinstance(value, (list, tuple)):
            return self.chrome["list_comma"].join(self.fact(item) for item in value)
        if isinstance(value, str) and _MOMENT.match(value):
            return self.moment(value)
        return str(value)

    def local(self, moment: str) -> datetime | None:
        """An ISO time in the context's zone; ``None`` where it cannot be read. No zone means that zone."""
        try:
            parsed = datetime.fromisoformat(moment)
        except ValueError:
            return None
        zone = self.context.zone
        try:
            return parsed.replace(tzinfo=zone) if parsed.tzinfo is None else parsed.astimezone(zone)
        except (OverflowError, ValueError):
            return None

    def moment(self, value: str) -> str:
        """An ISO time as local ``2026-11-11 20:03``; the text itself where it is none."""
        local = self.local(value)
        return local.strftime("%Y-%m-%d %H:%M") if local else value

    def agent(self, name: str | None) -> str:
        """The agent's name, else the id, else the words for a nameless agent."""
        known = self.context.agent_of(name)
        return (known.name if known else None) or name or self.chrome["unnamed_agent"]

    def team(self, name: str | None) -> str:
        """The agent's team, or ``""``."""
        known = self.context.agent_of(name)
        return (known.team if known else None) or ""

    def outcome(self, result: CriterionResult) -> str:
        """The result's outcome in words."""
        return self.chrome["outcome_" + (HINT if result.reason == HINT else result.outcome)]

    def reason(self, code: str) -> str:
        """Why it comes first or is unscored: a word of ours, a criterion's title, else the code."""
        kind, _, rest = code.partition(":")
        known = self.chrome.get("reason_" + kind, "")
        if known:
            return known.replace("{what}", self.title(rest))
        return self.title(code)

    def topic(self, path: tuple[str, ...]) -> str:
        """The name of the last level of a topic: the tag tree's title, else a word of ours, else its id."""
        group = self.rubric.phrases.get("/".join(("topic", *path)))
        if group is not None and group.title is not None:
            return group.title.in_language(self.language)
        return self.chrome.get("topic_" + path[-1], path[-1]) if len(path) == 1 else path[-1]

    def topic_path(self, path: tuple[str, ...]) -> str:
        """All levels of a topic, from the widest."""
        return " › ".join(self.topic(path[: depth + 1]) for depth in range(len(path)))
