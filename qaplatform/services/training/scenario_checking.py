"""What a scenario's text is worth: its mistakes, and what its reference dialogues score under the rubric that judges today."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from threading import Lock

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.context import Context
from qaplatform.audit.engine import Auditor
from qaplatform.audit.problem import Problem
from qaplatform.exam.acts import recognise
from qaplatform.exam.attempt import context_of, conversation_of
from qaplatform.exam.customer import Customer, listener_for
from qaplatform.exam.references import PlayedReferences, references_played
from qaplatform.exam.scenario import Scenario
from qaplatform.exam.scenario_loading import check_scenarios, shipped_voices
from qaplatform.services.matcher_cache import compiled_auditor
from qaplatform.services.rubric_books import rubric_book
from qaplatform.services.training.settings import training_settings

_MOST_KEPT = 64
_ONE_LANGUAGE = re.compile(r"has no '(?:zh|en)' text$")
_played: dict[tuple[str, str, str], PlayedReferences | None] = {}
_lock = Lock()


class CheckedScenario(msgspec.Struct, frozen=True):
    """A text, read."""

    scenario: Scenario | None
    """``None`` where it has a mistake."""
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What keeps it from being played."""
        return tuple(one for one in self.problems if one.severity == "error")

    @property
    def obstacles(self) -> tuple[Problem, ...]:
        """What keeps it from being published: everything but words that are missing in the other language."""
        return tuple(one for one in self.problems if not _ONE_LANGUAGE.search(one.message))


@lru_cache(maxsize=_MOST_KEPT)
def checked_scenario(code: str, text: str) -> CheckedScenario:
    """Read a scenario's text, with the voices that ship."""
    path = f"{code}.yaml"
    scenarios, problems = check_scenarios({**shipped_voices(), path: text})
    return CheckedScenario(scenarios.get(code), tuple(one for one in problems if one.path == path))


def live_auditor(session: Session, scenario: Scenario, now: datetime) -> Auditor | None:
    """The rubric that would judge this scenario's dialogue today; ``None`` where none applies to such conversations."""
    zone = training_settings(session).timezone
    conversation = conversation_of(scenario, (), context_of(scenario, timezone=zone))
    chosen = rubric_book(session).chosen(conversation, now)
    return None if chosen is None else compiled_auditor(chosen.rubric, Context(timezone=zone))


def live_customer(session: Session, scenario: Scenario, seed: int, now: datetime) -> Customer | None:
    """The scenario's customer of a seed, who hears by the rubric of today; ``None`` where none applies."""
    auditor = live_auditor(session, scenario, now)
    return None if auditor is None else Customer(scenario, seed, listener_for(scenario, auditor, recognise))


def live_references(session: Session, scenario: Scenario, now: datetime) -> PlayedReferences | None:
    """Both reference dialogues under the rubric of today; kept, since the same ones always go the same way."""
    auditor = live_auditor(session, scenario, now)
    if auditor is None:
        return None
    digest = hashlib.sha256(msgspec.json.encode(scenario)).hexdigest()
    key = digest, auditor.rubric.content_hash, auditor.context.timezone
    with _lock:
        if key in _played:
            return _played[key]
    found = references_played(scenario, auditor, recognise)
    with _lock:
        if len(_played) >= _MOST_KEPT:
            _played.pop(next(iter(_played)))
        _played[key] = found
    return found


class Readiness(msgspec.Struct, frozen=True):
    """What stands between a draft and its publication."""

    problems: Sequence[Problem]
    references: PlayedReferences | None

    @property
    def is_ready(self) -> bool:
        """Whether nothing does."""
        return not self.problems and self.references is not None and self.references.fit


def readiness(session: Session, code: str, text: str, now: datetime) -> Readiness:
    """Look a text over and play its references."""
    checked = checked_scenario(code, text)
    if checked.scenario is None:
        return Readiness(checked.obstacles, None)
    return Readiness(checked.obstacles, live_references(session, checked.scenario, now))
