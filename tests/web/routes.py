"""Every route with an example of what it is asked about: the rows of the matrix in ``test_access.py``.

A new route needs a row here, or the matrix fails. It says once more which permission the view asks for; its examples give the
values of the address and say where the thing lies: who reaches it follows from the table of permissions and this place. Things that are in
some shop, team or agent's hands need two examples, one here and one elsewhere; what lies nowhere needs one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from qaplatform.services.access import ROLES, Grant
from qaplatform.store.tables import (
    User,
    UserRole,
)
from tests.people import QUICK
from tests.web.route_rows import OWN_AGENT, SPARE, Example, Row, plain
from tests.web.training_routes import TRAINING_ROUTES

PUBLIC = {"static", "health.show", "language.choose", "signing_in.enter", "signing_in.leave", "signing_in.show"}
"""Open to everybody; a new one is added here only with a reason that stands up in review."""

BY_TOKEN = {"api.push", "api.show_import", "api.nowhere"}
"""For programs, which bring a shop's token; ``tests/api`` looks after them."""


def _bands(*names: str, **values: int) -> dict[str, Row]:
    return plain("shops.manage", *(f"clock_bands.{name}" for name in names), **values)


def _days(*names: str, **values: int) -> dict[str, Row]:
    return plain("shops.manage", *(f"calendar_days.{name}" for name in names), **values)


def _conversations(permission: str, *names: str) -> dict[str, Row]:
    """Routes about one conversation: that of shop 1, team 1 and the viewer who is an agent, and one of none of these."""
    here = Example({"id": SPARE}, shop_id=1, team_id=1, agent_id=OWN_AGENT)
    elsewhere = Example({"id": SPARE + 1}, shop_id=2, team_id=2, agent_id=5)
    return {f"conversations.{name}": Row(permission, (here, elsewhere)) for name in names}


def _imports(permission: str, *names: str) -> dict[str, Row]:
    """Routes about one import: that of shop 1, and one of shop 2."""
    examples = [Example({"import_id": SPARE + n}, shop_id=1 + n) for n in range(2)]
    return {f"imports.{name}": Row(permission, examples) for name in names}


def _plans(permission: str, *names: str) -> dict[str, Row]:
    """Routes about one plan or draw: that of shop 1 and team 1, and one of neither."""
    here = Example({"id": SPARE}, shop_id=1, team_id=1)
    return {
        f"samples.{name}": Row(permission, (here, Example({"id": SPARE + 1}, shop_id=2, team_id=2))) for name in names
    }


def _items(permission: str, *names: str) -> dict[str, Row]:
    """Routes about one drawn item, which lies where its conversation does."""
    here = Example({"id": SPARE}, shop_id=1, team_id=1, agent_id=OWN_AGENT)
    elsewhere = Example({"id": SPARE + 1}, shop_id=2, team_id=2, agent_id=5)
    return {f"samples.{name}": Row(permission, (here, elsewhere)) for name in names}


def _rubrics(permission: str, *names: str, **values: int | str) -> dict[str, Row]:
    return {f"rubrics.{name}": Row(permission, (Example(values),)) for name in names}


_CUSTOMERS = Row("customers.erase", [Example({"customer_id": SPARE + n}, shop_id=1 + n) for n in range(2)])
"""Routes about one customer: of shop 1, and of shop 2."""

ROUTES: Mapping[str, Row] = {
    **plain("home.see", "home.show"),
    **plain("dashboard.see", "dashboard.show"),
    **plain("users.manage", "home.put_steps_aside"),
    **{f"starting.{name}": Row("home.see", (Example(is_absent=True),)) for name in ("show", "make", "open_own")},
    **plain("self.manage", "me.show", "me.change_password"),
    **plain("self.manage", "styleguide.show", "styleguide.confirm", "styleguide.progress"),
    **plain("conversations.see", "conversations.index", "conversations.keep"),
    **plain("conversations.see", "conversations.drop", id=SPARE),
    "conversations.export": Row("conversations.export", (Example({"form": "csv"}),)),
    **_conversations("conversations.see", "show"),
    **_conversations("conversations.unmask", "unmask"),
    **_conversations("notes.write", "note"),
    **_conversations("reaudit.ask", "audit_anew"),
    **_conversations("reviews.give", "review"),
    **_conversations("grader.ask", "ask"),
    **_conversations("grader.see", "asked"),
    "conversations.sent": Row(
        "grader.see",
        (
            Example({"id": SPARE, "text_hash": "0"}, shop_id=1, team_id=1, agent_id=OWN_AGENT, is_absent=True),
            Example({"id": SPARE + 1, "text_hash": "0"}, shop_id=2, team_id=2, agent_id=5, is_absent=True),
        ),
    ),
    **plain("results.see", "results.index"),
    **{
        f"results.{name}": Row("results.see", (Example({"review_id": SPARE}, is_absent=True),))
        for name in ("acknowledge", "reply")
    },
    **{
        f"{name}.export": Row(permission, (Example({"form": "csv"}),))
        for name, permission in (("results", "results.see"), ("desk", "reviews.give"))
    },
    **plain("reviews.give", "desk.index", "desk.take_next"),
    **{
        f"desk.{name}": Row("reviews.give", (Example({"id": SPARE}, is_absent=True),))
        for name in ("show", "keep", "act", "asked")
    },
    **plain("reaudit.ask", "conversations.audit_list_anew"),
    **plain("samples.see", "samples.index", "samples.covered"),
    **plain("samples.plan", "samples.new", "samples.create", "samples.preview"),
    **_plans("samples.see", "plan", "sample"),
    "samples.export": Row(
        "samples.see",
        tuple(Example({"id": SPARE + n, "form": "csv"}, shop_id=1 + n, team_id=1 + n) for n in range(2)),
    ),
    **_plans("samples.plan", "edit", "change", "draw", "set_state", "ask_end", "end"),
    **_items("samples.see", "item"),
    **_items("samples.assign", "replace", "reassign", "take_back"),
    **plain("imports.see", "imports.index"),
    **plain("imports.make", "imports.create", "imports.upload"),
    **_imports("imports.see", "show", "problems"),
    **_imports("imports.make", "mapping", "map_columns", "cancel", "retry", "discard"),
    **plain("rubrics.see", "rubrics.index"),
    **_rubrics("rubrics.see", "show", "compare", code="ecommerce-service"),
    **_rubrics("rubrics.edit", "open_draft", code="ecommerce-service"),
    **_rubrics("rubrics.publish", "ask_roll_back", "roll_back", code="ecommerce-service"),
    **_rubrics("rubrics.see", "draft", "edit", "try_out", "examples", "replays", draft_id=SPARE),
    **_rubrics("rubrics.edit", "save", "save_form", "change_criteria", "try_pasted", "run", "ask_drop", draft_id=SPARE),
    **_rubrics("rubrics.edit", "drop", draft_id=SPARE + 1),
    **_rubrics("rubrics.edit", "add_questions", "ask_remove_questions", "remove_questions", draft_id=SPARE),
    **_rubrics("rubrics.edit", "ask_replay", draft_id=SPARE),
    **_rubrics("rubrics.publish", "ask_publish", "publish", draft_id=SPARE),
    **_rubrics("rubrics.see", "show_replay", replay_id=SPARE),
    "results.acknowledge_release": Row("results.see", (Example({"release_id": SPARE}),)),
    **plain("jobs.see", "jobs.index"),
    **plain("jobs.see", "jobs.show", job_id=SPARE),
    **plain("jobs.steer", "jobs.cancel", "jobs.retry", job_id=SPARE),
    **plain("checks.see", "checks.index"),
    **plain("checks.see", "checks.show", id="banned_phrase"),
    **plain("checks.steer", "checks.set_floor"),
    **plain(
        "checks.steer", "checks.propose", "checks.propose_scoring", "checks.keep", "checks.exempt", id="banned_phrase"
    ),
    **plain("grader.see", "grader_trust.index"),
    **plain("grader.see", "grader_trust.show", prompt="tone", question_hash="0", model="spare"),
    **plain("grader.manage", "grader_trust.hold_back", prompt="tone", question_hash="0", model="spare"),
    **plain("risk.see", "risk.index"),
    "risk.show": Row("risk.see", [Example({"team_id": 1 + n}, team_id=1 + n) for n in range(2)]),
    **plain("risk.steer", "risk.train", "risk.switch_off", team_id=1),
    **plain("grader.see", "grader_runs.index"),
    "grader_runs.at_going_on": Row("grader.see", (Example({"id": SPARE + 1}, is_absent=True),)),
    "grader_runs.show": Row("grader.see", (Example({"id": SPARE + 1}, is_absent=True),)),
    **plain("grader.ask", "grader_runs.new", "grader_runs.start"),
    **{
        f"grader_runs.{name}": Row("grader.ask", (Example({"id": SPARE + 1}, is_absent=True),))
        for name in ("stop", "go_on")
    },
    **plain("grader.open", "grader.index"),
    **plain("grader.costs", "llm_spending.show"),
    **plain("grader.manage", "grader_settings.show", "grader_settings.change"),
    **plain("grader.manage", "llm_endpoints.index", "llm_endpoints.new", "llm_endpoints.create"),
    **plain("grader.manage", "llm_endpoints.show", "llm_endpoints.change", "llm_endpoints.use", id=SPARE),
    **plain("grader.manage", "llm_endpoints.try_out", "llm_endpoints.tried", "llm_endpoints.ask_retire", id=SPARE),
    **plain("grader.manage", "llm_endpoints.retire", id=SPARE + 1),
    **plain("customers.erase", "erasing.index"),
    "erasing.show": _CUSTOMERS,
    "erasing.erase": _CUSTOMERS,
    **plain("activity.see", "admin.index", "activity.index"),
    **plain("users.manage", "users.index", "users.new", "users.create"),
    **plain("users.manage", "users.show", "users.change", "users.change_roles", id=SPARE),
    **plain("users.manage", "users.ask_deactivate", "users.deactivate", "users.reactivate", id=SPARE),
    **plain("users.manage", "users.ask_reset_password", "users.reset_password", id=SPARE),
    **plain("shops.manage", "shops.index", "shops.new", "shops.create"),
    **plain("shops.manage", "shops.show", "shops.change", "shops.ask_audit_anew", "shops.audit_anew", id=1),
    **plain("shops.manage", "shops.ask_audit_all_anew", "shops.audit_all_anew"),
    **_bands("show", "change", "ask_drop", "drop", shop_id=1),
    **_bands("show_shared", "change_shared", "ask_drop_shared", "drop_shared"),
    **_days("show", "add", "remove", shop_id=1),
    **_days("show_shared", "add_shared", "remove_shared"),
    **plain("shops.manage", "return_addresses.show", "return_addresses.change", shop_id=1),
    **plain("tokens.manage", "push_tokens.index", "push_tokens.create", shop_id=1),
    **plain("tokens.manage", "push_tokens.ask_revoke", "push_tokens.revoke", shop_id=1, id=SPARE),
    **plain("shops.manage", "departments.index", "departments.new", "departments.create"),
    **plain("shops.manage", "departments.show", "departments.change", id=SPARE),
    **plain("shops.manage", "departments.ask_remove", "departments.remove", id=SPARE + 1),
    **plain("people.manage", "teams.index", "teams.create"),
    **plain("people.manage", "teams.show", "teams.rename", id=SPARE),
    **plain("people.manage", "teams.ask_remove", "teams.remove", id=SPARE + 1),
    **plain("people.manage", "agents.index", "agents.new", "agents.create"),
    **plain("people.manage", "agents.show", "agents.change", id=SPARE),
    **plain("people.manage", "accounts.index", "accounts.new", "accounts.create", "accounts.free", "accounts.assign"),
    **plain("people.manage", "accounts.show", "accounts.add_holder", id=SPARE),
    **plain("people.manage", "accounts.edit_holder", "accounts.change_holder", id=SPARE, holder_id=SPARE),
    **plain("people.manage", "accounts.ask_remove_holder", "accounts.remove_holder", id=SPARE, holder_id=SPARE + 1),
    **plain("people.manage", "accounts.ask_remove", "accounts.remove", id=SPARE + 1),
    **TRAINING_ROUTES,
}


def viewers() -> dict[str, Grant]:
    """Everybody the matrix asks as: each role everywhere, and where it can be bound, in shop 1 and in team 1."""
    found: dict[str, Grant] = {}
    for role, row in ROLES.items():
        found[role] = Grant(role)
        if row.binding == "free":
            found[f"{role} of a shop"] = Grant(role, shop_id=1)
            found[f"{role} of a team"] = Grant(role, team_id=1)
    return found


def hire_viewer(session: Session, grant: Grant, now: datetime) -> int:
    """A user with this role and no other; login and password are ``viewer``."""
    is_agent = ROLES[grant.role].binding == "oneself"
    user = User(
        id=SPARE + 1,
        login="viewer",
        name="观者",
        password_hash=QUICK.hashed("viewer"),
        agent_id=OWN_AGENT if is_agent else None,
        created_at=now,
    )
    session.add(user)
    session.flush()
    session.add(UserRole(user_id=user.id, role=grant.role, shop_id=grant.shop_id, team_id=grant.team_id))
    session.flush()
    return user.id
