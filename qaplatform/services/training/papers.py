"""Theory tests for those who write them: which there are, what they could draw from, and writing one as YAML."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.problem import Problem
from qaplatform.resources import shipped_folder
from qaplatform.services.access import Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.training.catalogue import known_ids, papers_now, questions_now
from qaplatform.services.training.draft_dropping import drop_text_draft
from qaplatform.services.training.rubric_keys import criterion_titles
from qaplatform.services.training.text_editing import EditedText, edited_text, keep_text, withdraw_text
from qaplatform.services.training.texts import Writing
from qaplatform.store.training.texts import newest_texts, standing_texts
from qaplatform.training.drawing import TooFewQuestionsError, Wanted, draw
from qaplatform.training.paper_loading import check_papers, shipped_papers
from qaplatform.training.papers import PaperRules
from qaplatform.training.questions import Bank

EDIT, PUBLISH = "training.edit", "training.publish"
PaperOrigin = Literal["shipped", "changed", "own", "path"]

_TEMPLATE = """id: {code}
title: {{zh: 新试卷, en: New test}}
description: {{zh: 考什么，什么时候考。, en: What it asks and when.}}
time_limit_minutes: 20
attempts: 3
wait_hours: 1
pass_ratio: 0.8
shows_answers: true
sections:
  - {{count: 8, topics: [empathy, wording], difficulties: [1, 2]}}
  - {{count: 2, kinds: [judge_chat]}}
"""


class SectionStock(msgspec.Struct, frozen=True):
    """A section, and how many questions of the bank fit it."""

    wanted: Wanted
    zh_count: int
    en_count: int


class AuthoredPaper(msgspec.Struct, frozen=True):
    """A test as its author sees it in the list."""

    rules: PaperRules
    origin: PaperOrigin
    has_draft: bool
    sections: tuple[SectionStock, ...]
    can_be_drawn: bool

    @property
    def question_count(self) -> int:
        """How many it asks."""
        return sum(one.wanted.count for one in self.sections)


class PaperSeen(msgspec.Struct, frozen=True):
    """A test with its text."""

    code: str
    paper: AuthoredPaper | None
    """As the text reads; ``None``: it cannot be read."""
    is_standing: bool
    text: EditedText
    problems: tuple[Problem, ...]

    @property
    def is_unborn(self) -> bool:
        """Whether there are only drafts of it."""
        return self.code not in shipped_papers() and all(one.state == "draft" for one in self.text.versions)


def authored_papers(session: Session, viewer: Viewer) -> tuple[list[AuthoredPaper], list[str]]:
    """All tests, those of paths last, and the codes of drafts that were never published.

    Raises:
        AccessError: they write none.
    """
    viewer.demand(EDIT)
    bank, papers = questions_now(session), papers_now(session)
    own = {one.code for one in standing_texts(session, "paper") if one.state == "published"}
    drafts = {one.code for one in newest_texts(session, "paper") if one.state == "draft"}
    found = [
        _authored(bank, one, _origin(one.id, is_own=one.id in own), has_draft=one.id in drafts)
        for one in papers.values()
    ]
    return sorted(found, key=lambda one: one.origin == "path"), sorted(drafts - papers.keys())


def paper_seen(
    session: Session, viewer: Viewer, code: str, *, version_id: int | None = None, now: datetime
) -> PaperSeen:
    """A test with its text, what is wrong with it, and what it could draw from.

    Raises:
        AccessError: they write none.
        NotThereError: there is none, or a path makes it.
    """
    viewer.demand(EDIT)
    stands = code in papers_now(session)
    otherwise = _TEMPLATE.format(code=code)
    if code in shipped_papers():
        otherwise = (shipped_folder("packs") / "papers" / f"{code}.yaml").read_text(encoding="utf-8")
    text = edited_text(session, "paper", code, otherwise, version_id=version_id)
    if "/" in code or (code not in shipped_papers() and not text.versions):
        raise NotThereError
    return _seen(session, text, stands=stands, now=now)


def new_paper(session: Session, viewer: Viewer, *, now: datetime) -> PaperSeen:
    """What a new test begins with."""
    viewer.demand(EDIT)
    taken = {*papers_now(session), *(one.code for one in newest_texts(session, "paper"))}
    code = next(f"own-{n}" for n in range(1, 100_000) if f"own-{n}" not in taken)
    return _seen(
        session, EditedText(code, _TEMPLATE.format(code=code), 0, is_draft=False, versions=()), stands=False, now=now
    )


def editable(session: Session, viewer: Viewer, code: str, *, now: datetime) -> PaperSeen:
    """A test that is there, or one that somebody is about to write under a new code."""
    viewer.demand(EDIT)
    try:
        return paper_seen(session, viewer, code, now=now)
    except NotThereError:
        return _seen(session, EditedText(code, "", 0, is_draft=False, versions=()), stands=False, now=now)


def written_paper(session: Session, viewer: Viewer, seen: PaperSeen, text: str, *, now: datetime) -> PaperSeen:
    """The same with another text, to be looked at before it is kept."""
    viewer.demand(EDIT)
    return _seen(session, msgspec.structs.replace(seen.text, text=text), stands=seen.is_standing, now=now)


def _seen(session: Session, text: EditedText, *, stands: bool, now: datetime) -> PaperSeen:
    papers, problems = _check(session, text.code, text.text, now)
    rules = papers.get(text.code) if papers else None
    authored = None
    if rules is not None:
        own = any(one.state == "published" for one in text.versions)
        authored = _authored(questions_now(session), rules, _origin(text.code, is_own=own), has_draft=text.is_draft)
    return PaperSeen(text.code, authored, stands, text, problems)


def _check(
    session: Session, code: str, text: str, now: datetime
) -> tuple[dict[str, PaperRules] | None, tuple[Problem, ...]]:
    criteria = frozenset(criterion_titles(session, now=now))
    papers, problems = check_papers({f"{code}.yaml": text}, known_ids(session, criteria))
    return (None if papers is None else dict(papers)), problems


def save_paper(
    session: Session, viewer: Viewer, code: str, text: str, *, base_id: int, publish: bool, now: datetime
) -> int:
    """Keep a test as a draft, or publish it; the version's id.

    Raises:
        AccessError: they may not.
        TextMovedOnError, FaultyTextError, TextCodeError, TextTooLongError: it cannot be kept so.
        TooFewQuestionsError: the bank cannot fill what was to be published.
    """
    problems: Sequence[Problem] = ()
    if publish:
        papers, problems = _check(session, code, text, now)
        if papers:
            draw(questions_now(session), papers[code].sections, "try")
    writing = Writing(kind="paper", code=code, text=text)
    return keep_text(session, viewer, writing, problems, base_id=base_id, publish=publish, now=now)


def drop_draft(session: Session, viewer: Viewer, code: str, *, seen_id: int, now: datetime) -> bool:
    """Put the draft aside for good; whether anything of the test is left.

    Raises:
        AccessError: they may not.
        NotThereError: there is no draft.
        DraftMovedOnError: somebody has saved since.
        TextInUseError: it was never published, and others refer to it.
    """
    is_shipped = code in shipped_papers()
    return drop_text_draft(session, viewer, "paper", code, seen_id=seen_id, is_elsewhere=is_shipped, now=now)


def withdraw_paper(session: Session, viewer: Viewer, code: str, *, now: datetime) -> None:
    """Take a test back; attempts that run go on, those that have ended stay.

    Raises:
        AccessError: they may not.
        NotThereError: it does not stand, or a path makes it.
    """
    viewer.demand(PUBLISH)
    if "/" in code or code not in papers_now(session):
        raise NotThereError
    withdraw_text(session, viewer, "paper", code, now=now)


def _origin(code: str, *, is_own: bool) -> PaperOrigin:
    if "/" in code:
        return "path"
    if not is_own:
        return "shipped"
    return "changed" if code in shipped_papers() else "own"


def _authored(bank: Bank, rules: PaperRules, origin: PaperOrigin, *, has_draft: bool) -> AuthoredPaper:
    sections = []
    for wanted in rules.sections:
        fitting = [one for one in bank.questions.values() if wanted.takes(one)]
        sections.append(SectionStock(wanted, len(fitting), sum(one.has_english for one in fitting)))
    try:
        draw(bank, rules.sections, "try")
        can = True
    except TooFewQuestionsError:
        can = False
    return AuthoredPaper(rules, origin, has_draft, tuple(sections), can)
