"""The demo's plans with what they drew: six weeks of reviews, and work on the first day, some due, some overdue.

New hires are drawn by a plan of their own, week by week since they began: their chats move with their story.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.sampling import Method, Part
from qaplatform.services.access import Viewer
from qaplatform.services.demo_reviews import acknowledge_results, review_drawn
from qaplatform.services.demo_users import demo_viewer
from qaplatform.services.plan_forms import Inspector, PlanDraft
from qaplatform.services.sampling import change_plan, create_plan, draw, draw_now
from qaplatform.store.demo import newest_start
from qaplatform.store.sampling import locked_plan, plans

WEEKS = 6
"""So many weeks of the samples were reviewed."""
_WEEKS_OF_NEW_HIRES = 3
_OVERDUE = timedelta(days=5)
_LATEST = timedelta(days=14)
"""However old the samples are by now, the last of their reviews is no older: pages look back from today."""
_WEEKLY = PlanDraft(
    "每周轮流抽检", Method("per_agent", count=10, quota=1), cycle="weekly", weekday=0, seed=20, due_days=3
)
"""Ten chats a week; whose turn it is comes first: random."""
_CRITICAL = PlanDraft(
    "每周红线核实", Method("priority", count=4), query="verdict=pending", cycle="weekly", weekday=0, seed=4, due_days=3
)
"""What the machine calls critical counts once a person has confirmed it."""
_LOW = PlanDraft(
    "低分会话复核", Method("priority", count=4), query="score_to=70", cycle="weekly", weekday=0, seed=7, due_days=2
)
_NEW_HIRES = PlanDraft(
    "新人每周抽检", Method("per_agent", count=6, quota=3, new_hire_factor=1), query="hired_within=60", cycle="weekly",
    weekday=0, seed=3, due_days=3,
)  # fmt: skip


def create_demo_samples(session: Session, *, now: datetime) -> None:
    """Make the demo's plans, draw, and review what was drawn in past weeks, unless there are plans."""
    users = {login: demo_viewer(session, login) for login in ("demo-lead", "demo-inspector", "demo-agent")}
    by, inspector = users["demo-lead"], users["demo-inspector"]
    if by is None or inspector is None or plans(session):
        return
    viewers = {one.user_id: one for one in users.values() if one is not None}
    one = (Inspector(inspector.user_id),)
    both = (*one, Inspector(by.user_id, 6))
    weekly = [msgspec.structs.replace(it, inspectors=both) for it in (_WEEKLY, _CRITICAL, _LOW)]
    earlier = [create_plan(session, it, by=by, now=now) for it in weekly]
    _past_weeks(session, earlier, viewers, by=by, now=now)
    acknowledge_results(session, [it for it in viewers.values() if it.agent_id is not None], now=now)
    # As the first had drawn last week: what is left of that is overdue.
    draw(session, earlier[0], "demo", now - _OVERDUE, by=by)
    # From here on they go on from today.
    for plan_id, it in zip(earlier, weekly, strict=True):
        change_plan(session, plan_id, it, by=by, now=now)
    daily = Method("mixed", count=10, parts=(Part(60, "random"), Part(40, "priority")))
    draft = PlanDraft("每日质检：随机加重点", daily, inspectors=one, cycle="daily", seed=11, due_days=1)
    draw_now(session, create_plan(session, draft, by=by, now=now), by=by, now=now)
    draw_now(session, earlier[-1], by=by, now=now)


def review_new_hires(session: Session, logins: Sequence[str], *, now: datetime) -> None:
    """Make the plan of new hires, and review what it drew in their weeks, unless it is there."""
    by, inspector = (demo_viewer(session, one) for one in ("demo-lead", "demo-inspector"))
    if by is None or inspector is None or any(one.name == _NEW_HIRES.name for one in plans(session)):
        return
    draft = msgspec.structs.replace(_NEW_HIRES, inspectors=(Inspector(inspector.user_id),))
    plan_id, zone = create_plan(session, draft, by=by, now=now), ZoneInfo(draft.timezone)
    for week in range(_WEEKS_OF_NEW_HIRES - 1, -1, -1):
        day = _last_over(now, zone) - timedelta(weeks=week)
        at = datetime.combine(day, time(10), zone)
        drawn = _drawn(session, plan_id, day, at, by=by)
        review_drawn(session, {inspector.user_id: inspector}, [drawn], at=at)
    acknowledge_results(session, [one for login in logins if (one := demo_viewer(session, login))], now=now)
    change_plan(session, plan_id, draft, by=by, now=now)


def _last_over(now: datetime, zone: ZoneInfo) -> date:
    """The last day on which the morning's reviews are done."""
    here = now.astimezone(zone)
    return here.date() if here.time() >= time(18) else here.date() - timedelta(days=1)


def _past_weeks(
    session: Session, plan_ids: Sequence[int], viewers: Mapping[int, Viewer], *, by: Viewer, now: datetime
) -> None:
    """Each week's chats are drawn and reviewed on the morning after."""
    newest = newest_start(session)
    if newest is None:
        return
    zone = ZoneInfo(_WEEKLY.timezone)
    over = _last_over(now, zone)
    after = newest.astimezone(zone).date() + timedelta(days=1)
    last = min(over, max(after, over - _LATEST))
    for week in range(WEEKS - 1, -1, -1):
        day = last - timedelta(weeks=week)
        at = datetime.combine(day, time(10), zone)
        until = min(day, after - timedelta(weeks=week))
        drawn = [_drawn(session, id, until, at, by=by) for id in plan_ids]
        review_drawn(session, viewers, drawn, at=at)


def _drawn(session: Session, plan_id: int, until: date, at: datetime, *, by: Viewer) -> int:
    """Draw from the seven days before a day; a draw looks at all chats there are, and these came in at once."""
    row = locked_plan(session, plan_id)
    query = "" if row is None else row.query
    if row is not None:
        days = f"from={until - timedelta(days=7)}&to={until - timedelta(days=1)}"
        row.query = f"{query}&{days}".removeprefix("&")
    sample_id = draw(session, plan_id, f"demo {until}", at, by=by)
    if row is not None:
        row.query = query
    return sample_id
