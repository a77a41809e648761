"""What a draw of a plan gives: the pool, the sample, whose work it becomes, and why; the same for a preview and for the draw itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit import sampling as core
from qaplatform.audit.sampling import Drawn, Method
from qaplatform.services.access import Scope, Viewer
from qaplatform.services.allotting import Hand, allot, takeable
from qaplatform.services.plan_filters import parse_plan_filter, settled
from qaplatform.services.plan_forms import Inspector, PlanDraft
from qaplatform.store import sampling as store
from qaplatform.store import sampling_pool
from qaplatform.store.sampling import Inspecting
from qaplatform.store.users import grants_of

INSPECTING_ROLES = frozenset({"inspector", "qa_lead"})
"""Who can be given work, within what these roles let them see."""
COVERAGE_DAYS = 30
_SHOWN = 20


class Placed(msgspec.Struct, frozen=True):
    """A drawn conversation and whose work it becomes; ``None`` = of whoever asks next."""

    drawn: Drawn
    user_id: int | None


class Outlook(msgspec.Struct, frozen=True):
    """What a draw gives: all of it, and counted."""

    pool_count: int
    is_cut: bool
    """There are more; only the newest were looked at."""
    placed: tuple[Placed, ...]
    unplaced_count: int
    """Drawn, but nobody may or can take them: they are left where they are."""
    by_agent: tuple[tuple[int | None, int], ...]
    by_shop: tuple[tuple[int | None, int], ...]
    by_topic: tuple[tuple[str | None, int], ...]
    by_inspector: tuple[tuple[int | None, int], ...]
    seed: int
    since: datetime | None
    until: datetime | None
    is_drawn_already: bool = False
    """The plan has drawn for this time: drawing again gives nothing."""

    @property
    def first(self) -> tuple[Placed, ...]:
        """As many as are shown."""
        return self.placed[:_SHOWN]


def hands_of(session: Session, inspectors: Sequence[Inspector]) -> list[Hand]:
    """Those of some inspectors who can still be given work, with what they may see and have written themselves."""
    if not inspectors:
        return []
    known: Mapping[int, Inspecting] = {one.user_id: one for one in store.inspecting(session, INSPECTING_ROLES)}
    wanted = [one for one in inspectors if one.user_id in known]
    grants = grants_of(session, [one.user_id for one in wanted])
    own = sampling_pool.chats_of(session, {a for one in wanted if (a := known[one.user_id].agent_id) is not None})
    return [
        Hand(
            one.user_id,
            one.quota,
            Viewer(
                one.user_id, "", grants=tuple(g for g in grants.get(one.user_id, ()) if g.role in INSPECTING_ROLES)
            ).scope("conversations.see"),
            own.get(known[one.user_id].agent_id or 0, frozenset()),
        )
        for one in wanted
    ]


def drawing(session: Session, draft: PlanDraft, scope: Scope, key: str, now: datetime, plan_id: int | None) -> Outlook:
    """What a plan draws at one of its times, of what lies in a scope; nothing is written."""
    zone = ZoneInfo(draft.timezone)
    parsed = parse_plan_filter(draft.query, zone)
    last = store.last_drawn_at(session, plan_id) if plan_id is not None and parsed.since_draw else None
    wanted, further = settled(parsed, now, zone, last_drawn_at=last)
    method, seed = draft.method, core.seed_of(draft.seed, key)
    found = sampling_pool.pool(
        session,
        wanted,
        scope,
        further,
        today=now.astimezone(zone).date(),
        but=sampling_pool.But(plan_id),
        with_times=uses_times(method),
    )
    hands = hands_of(session, draft.inspectors)
    candidates = takeable(found.candidates, hands) if hands or not draft.inspectors else []
    drawn = core.draw(candidates, method, seed, coverage=_coverage(session, candidates, method, now))
    whose = allot((one.candidate for one in drawn), hands, seed)
    placed = tuple(Placed(one, whose[one.candidate.id]) for one in drawn if one.candidate.id in whose)
    chats = [one.drawn.candidate for one in placed]
    return Outlook(
        pool_count=len(candidates),
        is_cut=found.is_cut,
        placed=placed,
        unplaced_count=len(drawn) - len(placed),
        by_agent=_counted([one.agent_id for one in chats]),
        by_shop=_counted([one.shop_id for one in chats]),
        by_topic=_counted([one.topic for one in chats]),
        by_inspector=_counted([one.user_id for one in placed]),
        seed=seed,
        since=wanted.since,
        until=wanted.until,
    )


def _coverage(
    session: Session, candidates: Sequence[core.Candidate], method: Method, now: datetime
) -> Mapping[int, float]:
    """By agent, reviews of the last days to candidates."""
    if "per_agent" not in {method.kind, *(part.kind for part in method.parts)}:
        return {}
    chats = Counter(one.agent_id for one in candidates)
    reviewed = sampling_pool.reviewed_since(session, now - timedelta(days=COVERAGE_DAYS))
    return {id: reviewed[id] / chats[id] for id in reviewed if chats[id]}


def uses_times(method: Method) -> bool:
    """Whether durations are looked at."""
    return "outliers" in {method.kind, *(part.kind for part in method.parts)}


def _counted(values: Sequence[Any]) -> tuple[tuple[Any, int], ...]:
    return tuple(sorted(Counter(values).items(), key=lambda one: (-one[1], str(one[0]))))


def item_rows(
    session: Session,
    sample_id: int,
    placed: Sequence[Placed],
    draft: PlanDraft,
    *,
    due: datetime,
    now: datetime,
    is_cut: bool,
) -> list[dict[str, Any]]:
    """Work items, pinned to the conversations as they stand now."""
    pinned = sampling_pool.pinned(session, [one.drawn.candidate.id for one in placed])
    return [
        {
            "sample_id": sample_id, "conversation_id": id, "revision": pinned[id].revision, "audit_id": pinned[id].audit_id,
            "user_id": one.user_id, "state": "open", "draw": one.drawn.draw, "is_blind": draft.is_blind,
            "why": why_of(one.drawn, draft.method, len(placed), is_cut=is_cut), "draft": {}, "version": 1, "due_at": due,
            "created_at": now,
        }
        for one in placed
        if (id := one.drawn.candidate.id) in pinned
    ]  # fmt: skip


def why_of(one: Drawn, method: Method, drawn_count: int, *, is_cut: bool) -> dict[str, Any]:
    """Why a conversation was drawn, as figures and codes: a page makes sentences of it."""
    chat = one.candidate
    said = {
        "method": method.kind, "kind": one.kind, "part": one.part, "rank": one.rank, "pool": one.pool_count, "drawn": drawn_count,
        "share": method.parts[one.part].share_percent if method.parts else None,
        "percent": method.percent if one.kind == "percentage" else None,
        "is_cut": is_cut or None, "stratum": one.stratum, "stratum_count": one.stratum_count, "stratum_drawn": one.stratum_drawn,
        "is_new_hire": one.is_new_hire or None, "hired_days": chat.hired_days, "unusual": one.unusual, "deviation": one.deviation,
        "compared_with": one.compared_with, "score": chat.score, "risk": chat.risk, "priority": chat.priority,
    }  # fmt: skip
    return {name: value for name, value in said.items() if value is not None}
