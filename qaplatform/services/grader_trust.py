"""Whether a model's answers to a question count: measured by people's rulings, settled again and again.

What is measured concerns the whole workplace: a score means the same in every shop, so a model is trusted everywhere or
nowhere, and its figures are made of all rulings. Whoever may see what models say sees these figures; the chats behind them
are listed only as far as they may see chats.

A question, its wording (all words of it, hashed) and a model are settled together. A new prompt, another policy text or
another model has no row yet, and nothing of it counts: trust begins anew by itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.agreement import Figure
from qaplatform.audit.rubric import Rubric
from qaplatform.audit.trust import Bar, Comparison, Shortfall, Trust, trust_of, week_of
from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.blind import blind_for
from qaplatform.services.graded_scores import official_by_grading
from qaplatform.services.grader_settings import grader_settings
from qaplatform.services.jobs import JobRun
from qaplatform.services.noting import note
from qaplatform.services.rubric_versions import rubric_of
from qaplatform.services.trust_asking import ask_settling
from qaplatform.services.trust_pairs import PairOf, as_pairs, doubles_of, pairs_of, verdicts_of
from qaplatform.store import conversation_words as words
from qaplatform.store import llm_trust
from qaplatform.store import trust as store
from qaplatform.store.llm_trust import Asked, TrustRow
from qaplatform.store.trust import RuledOn

SEE, MANAGE = "grader.see", "grader.manage"
WEEKS_IN_LISTS = 8
_PIECE = 100
"""So many conversations follow a change of trust in one transaction."""


class UnknownTrustError(QAPlatformError):
    """No model was asked this question in these words; choose one from the list."""

    code: ClassVar[str] = "grader_trust.unknown"


class Settled(msgspec.Struct, frozen=True):
    """The part of the figures that is kept with a row, for lists."""

    every: Comparison
    blind_n: int
    weeks: tuple[Figure, ...]
    """The last ones."""


class Measured(msgspec.Struct, frozen=True):
    """The comparison of one question, wording and model with people, as it is now."""

    asked: Asked
    criterion: str
    rubric_version: tuple[str, str, int] | None
    """Code, hash and id of the rubric under which people ruled last."""
    pairs: tuple[PairOf, ...]
    trust: Trust
    is_cut: bool
    """Whether there are more rulings than were looked at."""


class TrustLine(msgspec.Struct, frozen=True):
    """One question, wording and model, as lists show it."""

    row: TrustRow
    settled: Settled
    missing: tuple[Shortfall, ...]
    """By the bar as it is now."""


class TrustPage(msgspec.Struct, frozen=True):
    """A page of the list, and what it can be narrowed to."""

    lines: tuple[TrustLine, ...]
    total: int
    prompts: tuple[str, ...]
    models: tuple[str, ...]
    bar: Bar


class TrustFigures(msgspec.Struct, frozen=True):
    """All that the page of one shows."""

    measured: Measured
    row: TrustRow | None
    """``None``: it was never settled, and nothing counts."""
    bar: Bar
    missing: tuple[Shortfall, ...]


# --- whether answers count ---------------------------------------------------------------------------


def trusted(session: Session, asked: Sequence[tuple[str, str]], model: str) -> set[tuple[str, str]]:
    """Of some questions, as (prompt, question's hash), those whose answers by a model count now.

    ``model`` is named as the endpoint names it, as in ``grades``. What nobody has measured yet is not trusted.
    """
    return llm_trust.trusted(session, asked, model)


# --- measuring ---------------------------------------------------------------------------------------


def measured(session: Session, asked: Asked) -> Measured:
    """Compare a model with people, over all that the database holds of both.

    Raises:
        UnknownTrustError: nothing was asked so.
    """
    criterion = store.criterion_of(session, asked)
    if criterion is None:
        raise UnknownTrustError
    rulings = store.rulings_on(session, criterion)

    def rubric(one: RuledOn) -> Rubric | None:
        return rubric_of(
            one.rubric_hash, one.rubric, lambda: words.rubric_files(session, one.rubric_version_id)
        )  # fmt: skip

    said = verdicts_of(rulings, criterion, asked.prompt, rubric)
    ids = {one.conversation_id for one in said}
    grades = store.grades_of(session, asked, criterion, ids) if ids else []
    pairs = pairs_of(grades, said, store.first_graded(session, criterion, ids) if grades else {})
    zone = ZoneInfo(grader_settings(session).timezone)
    trust = trust_of(as_pairs(pairs, lambda moment: week_of(moment.astimezone(zone).date())), doubles_of(said))
    newest = rulings[0] if rulings else None
    return Measured(
        asked=asked,
        criterion=criterion,
        rubric_version=(newest.rubric, newest.rubric_hash, newest.rubric_version_id) if newest else None,
        pairs=tuple(pairs),
        trust=trust,
        is_cut=len(rulings) >= store.MOST_RULINGS,
    )


def figures(session: Session, viewer: Viewer, prompt: str, question_hash: str, model: str) -> TrustFigures:
    """One question, wording and model, measured now.

    Raises:
        AccessError: the viewer may not see what models say.
        UnknownTrustError: nothing was asked so.
    """
    viewer.demand(SEE)
    asked = Asked(prompt, question_hash, model)
    found, bar = measured(session, asked), grader_settings(session).bar
    return TrustFigures(found, llm_trust.trust_row(session, asked), bar, found.trust.missing(bar))


def trust_page(
    session: Session, viewer: Viewer, *, prompt: str | None, model: str | None, page: int, page_size: int
) -> TrustPage:
    """What was settled last, of every question, wording and model.

    Raises:
        AccessError: the viewer may not see what models say.
    """
    viewer.demand(SEE)
    bar = grader_settings(session).bar
    rows = llm_trust.trust_rows(session)
    wanted = [one for one in rows if prompt in (None, one.prompt) and model in (None, one.model)]
    start = (page - 1) * page_size
    return TrustPage(
        lines=tuple(_line(one, bar) for one in wanted[start : start + page_size]),
        total=len(wanted),
        prompts=tuple(sorted({one.prompt for one in rows})),
        models=tuple(sorted({one.model for one in rows})),
        bar=bar,
    )


def _line(row: TrustRow, bar: Bar) -> TrustLine:
    settled = msgspec.convert(row.figures, Settled) if row.figures else _kept(trust_of(()))
    return TrustLine(row, settled, settled.every.missing(bar))


def _kept(trust: Trust) -> Settled:
    return Settled(trust.every, trust.blind.n, trust.weeks[-WEEKS_IN_LISTS:])


class CellChat(msgspec.Struct, frozen=True):
    """A conversation behind a count."""

    conversation_id: int
    started_at: datetime | None
    is_blind: bool
    answered_at: datetime
    ruled_at: datetime


def cell_chats(
    session: Session, viewer: Viewer, found: Measured, *, said: str, ruled: str, page: int, page_size: int
) -> tuple[list[CellChat], int]:
    """The conversations of which the model said one thing and people another, those ruled on last first; and how many.

    Only those are listed that the viewer may see, and has not still to review blind.
    """
    behind = [one for one in found.pairs if (one.grade.verdict, one.ruled.verdict) == (said, ruled)]
    seen = store.seen_of(session, viewer.scope(SEE), [one.grade.conversation_id for one in behind])
    blind = blind_for(session, viewer, seen)
    behind = [one for one in behind if one.grade.conversation_id in seen and one.grade.conversation_id not in blind]
    behind.sort(key=lambda one: (one.ruled.decided_at, one.grade.id, one.is_blind), reverse=True)
    start = (page - 1) * page_size
    return [
        CellChat(
            one.grade.conversation_id, seen[one.grade.conversation_id], one.is_blind, one.grade.created_at,
            one.ruled.decided_at,
        )
        for one in behind[start : start + page_size]
    ], len(behind)  # fmt: skip


# --- settling ----------------------------------------------------------------------------------------


def settle_trust(session: Session, *, now: datetime, prompt: str | None = None) -> list[Asked]:
    """Measure everything anew and write down what counts by the bar; those of which that changed."""
    bar = grader_settings(session).bar
    every = list(store.asked_keys(session, prompt=prompt))
    return [asked for asked in every if _settle(session, measured(session, asked), bar, now)]


def _settle(session: Session, found: Measured, bar: Bar, now: datetime) -> bool:
    """Write down what was measured; whether trust was earned or lost by it."""
    trust, asked = found.trust, found.asked
    is_earned = trust.is_trusted(bar)
    changed = llm_trust.keep_figures(
        session,
        asked,
        is_earned=is_earned,
        pair_count=trust.every.n,
        agreement=trust.every.agreement.value,
        kappa=trust.every.kappa.value,
        figures=_as_kept(trust),
        now=now,
    )
    if changed:
        action = "grader.trust_earned" if is_earned else "grader.trust_lost"
        note(session, None, now, action, ("grader", None), pairs=trust.every.n, **_codes(asked))
    return changed


def _as_kept(trust: Trust) -> dict[str, Any]:
    # By way of JSON, so that it equals what is read back.
    kept: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(_kept(trust)))
    return kept


def _is_news(row: TrustRow | None, found: Measured, bar: Bar) -> bool:
    return row is None or row.is_earned != found.trust.is_trusted(bar) or row.figures != _as_kept(found.trust)


def hold_back(session: Session, viewer: Viewer, asked: Asked, *, is_held_back: bool, now: datetime) -> None:
    """Keep a model's answers to a question from counting whatever it has earned, or let them count again.

    Scores follow in the job that is announced.

    Raises:
        AccessError: the viewer may not decide that.
        UnknownTrustError: nothing was asked so.
    """
    viewer.demand(MANAGE)
    if store.criterion_of(session, asked) is None:
        raise UnknownTrustError
    if llm_trust.keep_decision(session, asked, is_held_back=is_held_back, user_id=viewer.user_id, now=now):
        action = "grader.trust_held_back" if is_held_back else "grader.trust_released"
        note(session, viewer, now, action, ("grader", None), **_codes(asked))
        ask_settling(session, asked.prompt, now=now, at_once=True)


def _codes(asked: Asked) -> dict[str, Any]:
    """What a line of the log is about, in the short codes it may hold."""
    return {
        "prompt": asked.prompt,
        "wording": f"h:{asked.question_hash}",
        "model": f"m:{re.sub(r'[^a-z0-9_.:-]', '-', asked.model.lower())}"[:80],
    }


# --- in the background -------------------------------------------------------------------------------


def run_trust(run: JobRun) -> None:
    """Settle trust, then have the scores follow: grades are marked anew, piece by piece.

    Marked is whatever is not as it should be, so that a job that was killed goes on where it was.
    """
    prompt = run.payload.get("prompt")
    with run.store.reading() as session:
        every = list(store.asked_keys(session, prompt=prompt))
    for place, asked in enumerate(every, start=1):
        with run.store.reading() as session:
            bar, found = grader_settings(session).bar, measured(session, asked)
            row = llm_trust.trust_row(session, asked)
        if _is_news(row, found, bar):
            with run.writing() as session:
                _settle(session, found, bar, run.now())
                run.progress(session, place, len(every))
        _follow(run, asked)


def _follow(run: JobRun, asked: Asked) -> None:
    after_id = 0
    while True:
        with run.store.reading() as session:
            if not _next_piece(session, asked, after_id)[1]:
                return
        with run.writing() as session:
            # What counts is read in the transaction that marks: a lead may have decided meanwhile.
            counts, piece = _next_piece(session, asked, after_id)
            store.mark(session, [grade_id for grade_id, _ in piece], counts=counts)
            for grade_id, conversation_id in piece:
                after_id = grade_id
                official_by_grading(session, conversation_id)


def _next_piece(session: Session, asked: Asked, after_id: int) -> tuple[bool, list[tuple[int, int]]]:
    row = llm_trust.trust_row(session, asked)
    counts = row is not None and row.counts
    return counts, store.marked_otherwise(session, asked, counts=counts, after_id=after_id, limit=_PIECE)
