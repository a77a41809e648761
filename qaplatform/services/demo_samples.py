"""The demo's plans with what they drew, so that there is work on the first day: some due, some overdue, some nobody's yet."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from qaplatform.audit.sampling import Method, Part
from qaplatform.services.access import Viewer
from qaplatform.services.plan_forms import Inspector, PlanDraft
from qaplatform.services.sampling import change_plan, create_plan, draw, draw_now
from qaplatform.store.sampling import plans
from qaplatform.store.users import grants_of, user_of

_OVERDUE = timedelta(days=5)


def create_demo_samples(session: Session, *, now: datetime) -> None:
    """Make the demo's plans and draw, unless there are some."""
    lead, inspector = user_of(session, "demo-lead"), user_of(session, "demo-inspector")
    if lead is None or inspector is None or plans(session):
        return
    by = Viewer(lead.id, lead.name, grants=grants_of(session, [lead.id]).get(lead.id, ()))
    both = (Inspector(inspector.id), Inspector(lead.id, 6))
    one = (Inspector(inspector.id),)
    everybody = Method("per_agent", count=30, quota=1)
    weekly = PlanDraft("每周人人抽检", everybody, inspectors=both, cycle="weekly", weekday=0, seed=20, due_days=3)
    earlier = create_plan(session, weekly, by=by, now=now)
    # As it had drawn last week: what is left of that is overdue.
    draw(session, earlier, "demo", now - _OVERDUE, by=by)
    # From here on it goes on from today.
    change_plan(session, earlier, weekly, by=by, now=now)
    daily = Method("mixed", count=10, parts=(Part(60, "random"), Part(40, "priority")))
    draft = PlanDraft("每日质检：随机加重点", daily, inspectors=one, cycle="daily", seed=11, due_days=1)
    draw_now(session, create_plan(session, draft, by=by, now=now), by=by, now=now)
    low = PlanDraft("低分会话复核", Method("priority", count=8), query="score_to=70", cycle="once", seed=7, due_days=2)
    draw_now(session, create_plan(session, low, by=by, now=now), by=by, now=now)
