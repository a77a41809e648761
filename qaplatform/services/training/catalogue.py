"""What is taught right now: the shipped lessons, questions, paths and scenarios, and what was written here in their place.

A text that was published here was found good then; where this release cannot read it any more, the shipped one stands again
and the log says so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, TypeVar, cast

from sqlalchemy.orm import Session

from qaplatform.audit.phrases import Words
from qaplatform.exam.scenario import Scenario
from qaplatform.exam.scenario_loading import check_scenarios, shipped_scenarios, shipped_voices
from qaplatform.store.training.texts import StoredText, TextKind, newest_standing_id, standing_texts
from qaplatform.training.drill_loading import check_drills, shipped_drills
from qaplatform.training.drills import Drill, Drills, Trained
from qaplatform.training.lesson_loading import check_lessons, shipped_lessons
from qaplatform.training.lessons import Language, Lesson, Lessons
from qaplatform.training.paper_loading import check_papers, paper_of_step, shipped_papers
from qaplatform.training.papers import PaperRules
from qaplatform.training.path_loading import KnownIds, check_paths, shipped_paths
from qaplatform.training.paths import Path
from qaplatform.training.question_loading import check_questions, shipped_questions
from qaplatform.training.questions import AnyQuestion, Bank

_log = logging.getLogger(__name__)
_Made = TypeVar("_Made")
_Key = tuple[TextKind, tuple[tuple[int, str, str], ...]]
_kept: dict[_Key, Any] = {}
_MOST_KEPT = 16
_lock = Lock()


def scenarios_now(session: Session) -> Mapping[str, Scenario]:
    """All scenarios that may be drawn, by id."""

    def made(texts: list[StoredText]) -> Mapping[str, Scenario]:
        files = {f"{one.code}.yaml": one.text for one in texts if one.state == "published"}
        own, _ = check_scenarios({**shipped_voices(), **files})
        return _instead(shipped_scenarios(), own, texts)

    return _known(session, "scenario", made)


def questions_now(session: Session) -> Bank:
    """The question bank; a published text of a question is a file with that one question in it."""

    def made(texts: list[StoredText]) -> Bank:
        own: dict[str, AnyQuestion] = {}
        shipped = shipped_questions()
        titles: dict[str, Words] = {}
        for one in texts:
            bank, _ = check_questions({f"{one.code}.yaml": one.text}) if one.state == "published" else (None, ())
            if bank is not None:
                own |= bank.questions
                titles |= bank.titles
        return Bank.of(_instead(shipped.questions, own, texts).values(), {**titles, **shipped.titles})

    return _known(session, "question", made)


def lessons_now(session: Session) -> Lessons:
    """All lessons, each language by itself."""

    def made(texts: list[StoredText]) -> Lessons:
        shipped = shipped_lessons().by_id
        found: dict[str, dict[Language, Lesson]] = {id: dict(languages) for id, languages in shipped.items()}
        others = {*shipped, *(one.code for one in texts)}
        for one in texts:
            language = cast("Language", one.language)
            path, published = f"{language}/{one.code}.md", one.state == "published"
            lessons, _ = check_lessons({path: one.text}, others=others) if published else (None, ())
            if lessons is not None:
                found.setdefault(one.code, {})[language] = lessons.lesson(one.code, language)
            elif not published:
                found.get(one.code, {}).pop(language, None)
        return Lessons({id: languages for id, languages in sorted(found.items()) if languages})

    return _known(session, "lesson", made)


def drills_now(session: Session) -> Drills:
    """All drills; a published text of a drill is a file with that one drill in it."""

    def made(texts: list[StoredText]) -> Drills:
        shipped = shipped_drills()
        own: dict[str, Drill] = {}
        trained = dict(shipped.trained)
        for one in texts:
            found, _ = check_drills({f"{one.code}.yaml": one.text}) if one.state == "published" else (None, ())
            if found is not None:
                own |= found.by_id
                trained = {**{id: one for id, one in found.trained.items() if one != Trained()}, **trained}
        return Drills(_instead(shipped.by_id, own, texts), trained)

    return _known(session, "drill", made)


def paths_now(session: Session) -> Mapping[str, Path]:
    """All learning paths, by id."""

    def made(texts: list[StoredText]) -> Mapping[str, Path]:
        titles = {one.id: one.title for one in lessons_now(session).all()}
        own: dict[str, Path] = {}
        for one in texts:
            found, _ = check_paths({f"{one.code}.yaml": one.text}, KnownIds(lessons=titles))
            own |= found or {}
        return _instead(shipped_paths(), own, texts)

    return _known(session, "path", made)


def papers_now(session: Session) -> Mapping[str, PaperRules]:
    """All theory tests, by id: those that stand by themselves, and one of every step of a path that is one (``path/step``)."""

    def made(texts: list[StoredText]) -> Mapping[str, PaperRules]:
        own: dict[str, PaperRules] = {}
        for one in texts:
            found, _ = check_papers({f"{one.code}.yaml": one.text}) if one.state == "published" else (None, ())
            own |= found or {}
        return _instead(shipped_papers(), own, texts)

    steps = [paper_of_step(path, step) for path in paths_now(session).values() for step in path.steps]
    return {**_known(session, "paper", made), **{one.id: one for one in steps if one is not None}}


def known_ids(session: Session, criteria: frozenset[str]) -> KnownIds:
    """What a path may name; ``criteria`` are those of the live rubric."""
    bank = questions_now(session)
    return KnownIds(
        lessons={one.id: one.title for one in lessons_now(session).all()},
        questions=frozenset(bank.questions),
        topics=frozenset(bank.topics()),
        scenarios=frozenset(scenarios_now(session)),
        criteria=criteria,
    )


def _instead(shipped: Mapping[str, _Made], own: Mapping[str, _Made], texts: list[StoredText]) -> dict[str, _Made]:
    """The shipped things with the own ones in their place and without those that were withdrawn, by id."""
    gone = {one.code for one in texts if one.state == "withdrawn"}
    for one in texts:
        if one.state == "published" and one.code not in own:
            _log.warning("the %s %s, version %d, cannot be read by this release", one.kind, one.code, one.id)
    together = {**shipped, **own}
    return {id: together[id] for id in sorted(together) if id not in gone}


def _known(session: Session, kind: TextKind, made: Callable[[list[StoredText]], _Made]) -> _Made:
    """What is made of the standing texts; made once for the same texts."""
    if not newest_standing_id(session, kind):
        key: _Key = (kind, ())
        texts: list[StoredText] = []
    else:
        texts = standing_texts(session, kind)
        key = (kind, tuple((one.id, one.content_hash, one.state) for one in texts))
    with _lock:
        if key in _kept:
            return cast("_Made", _kept[key])
    found = made(texts)
    with _lock:
        if len(_kept) >= _MOST_KEPT:
            _kept.pop(next(iter(_kept)))
        _kept[key] = found
    return found
