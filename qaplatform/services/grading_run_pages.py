"""What the pages of the grader's runs show beside a run itself: its conversations with their answers, what can be chosen."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec
from sqlalchemy.orm import Session

from qaplatform.services.access import Viewer
from qaplatform.services.blind import blind_for, without_figures
from qaplatform.services.grader_settings import GraderSettings, grader_settings
from qaplatform.services.grading_job import caps_of
from qaplatform.services.grading_runs import ASK, items_page
from qaplatform.services.sampling import may_see_plan
from qaplatform.store import llm_endpoints, sampling
from qaplatform.store.conversation_filters import ConversationFilter
from qaplatform.store.grading_runs import ReadRun
from qaplatform.store.listed_rows import ListedConversation, listed
from qaplatform.store.listing import Count, count_conversations
from qaplatform.store.llm_endpoints import StoredEndpoint
from qaplatform.store.run_gradings import RunGrading, gradings_of_run


class RunLine(msgspec.Struct, frozen=True):
    """A conversation of a run."""

    row: ListedConversation
    state: str
    problem: str | None
    grading: RunGrading | None
    """What this run says of it; ``None`` before, or where it says nothing."""
    is_blind: bool
    """Whether the viewer has still to review it blind; then nothing of the machine's is here."""


class Choices(msgspec.Struct, frozen=True):
    """What a run can be started with."""

    endpoints: tuple[StoredEndpoint, ...]
    """Those in use, the usual one first."""
    plans: Mapping[int, str]
    """Names of the plans that have drawn something, by id."""
    settings: GraderSettings


def run_lines(session: Session, viewer: Viewer, run_id: int, *, page: int, page_size: int) -> tuple[list[RunLine], int]:
    """A page of a run's conversations that the viewer may see, and how many those are.

    Raises:
        AccessError: the viewer may not see what models said.
        UnknownRunError: there is no run that they see.
    """
    items, total = items_page(session, viewer, run_id, page=page, page_size=page_size)
    ids = [one.conversation_id for one in items]
    blind = blind_for(session, viewer, ids)
    gradings = gradings_of_run(session, run_id, [id for id in ids if id not in blind])
    rows = {one.id: one for one in listed(session, ids)}
    lines = [
        RunLine(
            row=without_figures(rows[one.conversation_id])
            if one.conversation_id in blind
            else rows[one.conversation_id],
            state=one.state,
            problem=one.problem,
            grading=gradings.get(one.conversation_id),
            is_blind=one.conversation_id in blind,
        )
        for one in items
        if one.conversation_id in rows
    ]
    return lines, total


def choices(session: Session, viewer: Viewer) -> Choices:
    """Who can be asked, and about which plans."""
    settings = grader_settings(session)
    there = [one for one in llm_endpoints.endpoints(session) if one.retired_at is None]
    there.sort(key=lambda one: one.id != settings.endpoint_id)
    plans = [row for row in sampling.plans(session) if may_see_plan(viewer, row)] if viewer.may("samples.see") else []
    drawn = sampling.newest_samples(session, [row.id for row in plans])
    return Choices(tuple(there), {row.id: row.name for row in plans if row.id in drawn}, settings)


def count_in_list(session: Session, viewer: Viewer, wanted: ConversationFilter) -> Count:
    """How many conversations of a filter the viewer may ask about."""
    return count_conversations(session, wanted, viewer.scope(ASK))


def plan_names(session: Session, viewer: Viewer, plan_ids: Collection[int]) -> dict[int, str]:
    """The names of those plans that the viewer may see, by id."""
    if not plan_ids or not viewer.may("samples.see"):
        return {}
    return {row.id: row.name for row in sampling.plans(session) if row.id in plan_ids and may_see_plan(viewer, row)}


def is_set_up(session: Session) -> bool:
    """Whether anybody can be asked at all."""
    return any(one.retired_at is None for one in llm_endpoints.endpoints(session))


class CapsInForce(msgspec.Struct, frozen=True):
    """The most that a run may take, by its own caps and those of the settings."""

    tokens: int | None
    money_micros: int | None
    is_price_known: bool
    """Whether what it takes can be said in money."""


def caps_in_force(session: Session, run: ReadRun) -> CapsInForce:
    """What a run may take."""
    caps, stored = caps_of(run, grader_settings(session)), llm_endpoints.endpoint(session, run.endpoint_id)
    is_price_known = stored is not None and stored.input_price is not None and stored.output_price is not None
    return CapsInForce(caps.run_tokens, caps.run_money_micros, is_price_known)
