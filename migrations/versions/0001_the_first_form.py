"""The first form: everything up to people, intake, audits and the search index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ANY_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def create_search_index() -> None:
    """What ``store/search.py`` searches: rows are numbered like the conversations."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE search_terms USING fts5(terms, content='', tokenize='unicode61 remove_diacritics 0')"
        )
        return
    op.execute(
        "CREATE TABLE search_terms ("
        "conversation_id BIGINT PRIMARY KEY REFERENCES conversations (id) ON DELETE CASCADE, terms TSVECTOR NOT NULL)"
    )
    # Terms are hardly ever made smaller by packing them; trying costs a third of what keeping them does.
    op.execute("ALTER TABLE search_terms ALTER terms SET STORAGE EXTERNAL")
    op.execute("CREATE INDEX ix_search_terms_terms ON search_terms USING GIN (terms)")


def lock_activities() -> None:
    """The activity log is only ever added to: the database itself refuses everything else.

    A later migration that makes the table anew (batch mode on SQLite) must set the triggers again.
    """
    if op.get_bind().dialect.name == "sqlite":
        refuse = "BEGIN SELECT RAISE(ABORT, 'the activity log is only ever added to'); END"
        op.execute(f"CREATE TRIGGER activities_no_update BEFORE UPDATE ON activities {refuse}")
        op.execute(f"CREATE TRIGGER activities_no_delete BEFORE DELETE ON activities {refuse}")
        # INSERT OR REPLACE takes a row away without a word to the trigger on deletes.
        there = "WHEN EXISTS (SELECT 1 FROM activities WHERE id = NEW.id)"
        op.execute(f"CREATE TRIGGER activities_no_replace BEFORE INSERT ON activities {there} {refuse}")
        return
    op.execute(
        "CREATE FUNCTION activities_only_grow() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the activity log is only ever added to'; END $$"
    )
    op.execute(
        "CREATE TRIGGER activities_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON activities "
        "FOR EACH STATEMENT EXECUTE FUNCTION activities_only_grow()"
    )


def upgrade() -> None:
    op.create_table(
        "context_versions",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("body", ANY_JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_context_versions")),
        sa.UniqueConstraint("content_hash", name=op.f("uq_context_versions_content_hash")),
    )
    op.create_table(
        "departments",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("contact_name", sa.String(length=200), nullable=True),
        sa.Column("contact_way", sa.String(length=300), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_departments")),
        sa.UniqueConstraint("code", name=op.f("uq_departments_code")),
    )
    op.create_table(
        "login_failures",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("login_hash", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=60), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_failures")),
    )
    op.create_index(op.f("ix_login_failures_address_at"), "login_failures", ["address", "at"])
    op.create_index(op.f("ix_login_failures_at"), "login_failures", ["at"])
    op.create_index(op.f("ix_login_failures_login_hash_at"), "login_failures", ["login_hash", "at"])

    op.create_table(
        "rubric_versions",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("files", ANY_JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rubric_versions")),
        sa.UniqueConstraint("content_hash", name=op.f("uq_rubric_versions_content_hash")),
    )
    op.create_table(
        "settings",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("value", ANY_JSON, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_settings")),
    )
    op.create_table(
        "shops",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("shop_class", sa.String(length=10), server_default="B", nullable=False),
        sa.Column("timezone", sa.String(length=60), server_default="Asia/Shanghai", nullable=False),
        sa.Column("text_retention_days", sa.Integer(), nullable=True),
        sa.Column("watched_folder", sa.String(length=1000), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shops")),
        sa.UniqueConstraint("code", name=op.f("uq_shops_code")),
    )
    op.create_table(
        "teams",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        sa.UniqueConstraint("name", name=op.f("uq_teams_name")),
    )
    op.create_table(
        "accounts",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_accounts_shop_id_shops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("shop_id", "name", name=op.f("uq_accounts_shop_id_name")),
    )
    op.create_index(op.f("ix_accounts_shop_id"), "accounts", ["shop_id"])

    op.create_table(
        "agents",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("team_id", BIG, nullable=True),
        sa.Column("line", sa.String(length=20), nullable=True),
        sa.Column("level", sa.String(length=20), nullable=True),
        sa.Column("hired_on", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_agents_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agents")),
        sa.UniqueConstraint("code", name=op.f("uq_agents_code")),
    )
    op.create_index(op.f("ix_agents_team_id"), "agents", ["team_id"])

    op.create_table(
        "calendar_days",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("shop_id", BIG, nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=200), server_default="", nullable=False),
        sa.CheckConstraint("kind IN ('promotion', 'holiday')", name=op.f("ck_calendar_days_kind")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_calendar_days_shop_id_shops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_days")),
        sa.UniqueConstraint("shop_id", "day", "kind", name=op.f("uq_calendar_days_shop_id_day_kind")),
    )
    op.create_index(op.f("ix_calendar_days_day"), "calendar_days", ["day"])
    op.create_index(op.f("ix_calendar_days_shop_id"), "calendar_days", ["shop_id"])

    op.create_table(
        "cases",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_cases_shop_id_shops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("shop_id", "key", name=op.f("uq_cases_shop_id_key")),
    )
    op.create_table(
        "clock_bands",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("shop_id", BIG, nullable=True),
        sa.Column("start_minute", sa.Integer(), nullable=False),
        sa.Column("end_minute", sa.Integer(), nullable=False),
        sa.Column("on_duty", sa.Boolean(), nullable=False),
        sa.Column("limit_seconds", sa.Double(), nullable=False),
        sa.Column("promotion_limit_seconds", sa.Double(), nullable=True),
        sa.CheckConstraint(
            "start_minute >= 0 AND start_minute < end_minute AND end_minute <= 1440",
            name=op.f("ck_clock_bands_minutes"),
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_clock_bands_shop_id_shops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_bands")),
        sa.UniqueConstraint("shop_id", "start_minute", name=op.f("uq_clock_bands_shop_id_start_minute")),
    )
    op.create_index(op.f("ix_clock_bands_shop_id"), "clock_bands", ["shop_id"])

    op.create_table(
        "customers",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column("source_key", sa.String(length=300), nullable=True),
        sa.Column("pseudonym", sa.String(length=20), nullable=False),
        sa.Column("tier", sa.String(length=60), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("erased_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_customers_shop_id_shops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
        sa.UniqueConstraint("pseudonym", name=op.f("uq_customers_pseudonym")),
        sa.UniqueConstraint("shop_id", "source_key", name=op.f("uq_customers_shop_id_source_key")),
    )
    op.create_table(
        "push_tokens",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("hint", sa.String(length=8), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_push_tokens_shop_id_shops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_push_tokens_token_hash")),
    )
    op.create_index(op.f("ix_push_tokens_shop_id"), "push_tokens", ["shop_id"])
    op.create_index(
        "uq_push_tokens_shop_id_name",
        "push_tokens",
        ["shop_id", "name"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )

    op.create_table(
        "return_addresses",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_return_addresses_shop_id_shops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_addresses")),
    )
    op.create_index(op.f("ix_return_addresses_shop_id"), "return_addresses", ["shop_id"])

    op.create_table(
        "account_holders",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("agent_id", BIG, nullable=False),
        sa.Column("from_day", sa.Date(), nullable=True),
        sa.Column("until_day", sa.Date(), nullable=True),
        sa.Column("start_minute", sa.Integer(), server_default="0", nullable=False),
        sa.Column("end_minute", sa.Integer(), server_default="1440", nullable=False),
        sa.CheckConstraint(
            "from_day IS NULL OR until_day IS NULL OR from_day < until_day", name=op.f("ck_account_holders_days")
        ),
        sa.CheckConstraint(
            "start_minute < end_minute AND start_minute >= 0 AND end_minute <= 2880",
            name=op.f("ck_account_holders_minutes"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_account_holders_account_id_accounts")),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_account_holders_agent_id_agents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_holders")),
    )
    op.create_index(op.f("ix_account_holders_account_id_from_day"), "account_holders", ["account_id", "from_day"])
    op.create_index(op.f("ix_account_holders_agent_id"), "account_holders", ["agent_id"])

    op.create_table(
        "roster_entries",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("shop_id", BIG, nullable=True),
        sa.Column("agent_id", BIG, nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("start_minute", sa.Integer(), nullable=False),
        sa.Column("end_minute", sa.Integer(), nullable=False),
        sa.Column("shift", sa.String(length=60), nullable=True),
        sa.CheckConstraint(
            "start_minute >= 0 AND start_minute < end_minute AND end_minute <= 2880",
            name=op.f("ck_roster_entries_minutes"),
        ),
        sa.CheckConstraint(
            "(day IS NULL) <> (weekday IS NULL) AND (weekday IS NULL OR weekday BETWEEN 0 AND 6)",
            name=op.f("ck_roster_entries_day"),
        ),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_roster_entries_agent_id_agents")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_roster_entries_shop_id_shops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_entries")),
    )
    op.create_index(op.f("ix_roster_entries_agent_id"), "roster_entries", ["agent_id"])
    op.create_index(op.f("ix_roster_entries_shop_id_day"), "roster_entries", ["shop_id", "day"])

    op.create_table(
        "users",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("login", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.String(length=300), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=10), server_default="zh", nullable=False),
        sa.Column("agent_id", BIG, nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_users_agent_id_agents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("agent_id", name=op.f("uq_users_agent_id")),
        sa.UniqueConstraint("login", name=op.f("uq_users_login")),
    )
    op.create_table(
        "activities",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("user_id", BIG, nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", BIG, nullable=True),
        sa.Column("shop_id", BIG, nullable=True),
        sa.Column("details", ANY_JSON, nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_activities_shop_id_shops")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_activities_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activities")),
    )
    op.create_index(op.f("ix_activities_action_at"), "activities", ["action", "at"])
    op.create_index(op.f("ix_activities_at"), "activities", ["at"])
    op.create_index(op.f("ix_activities_shop_id_at"), "activities", ["shop_id", "at"])
    op.create_index(
        op.f("ix_activities_subject_kind_subject_id_at"), "activities", ["subject_kind", "subject_id", "at"]
    )
    op.create_index(op.f("ix_activities_user_id_at"), "activities", ["user_id", "at"])

    op.create_table(
        "imports",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("shop_id", BIG, nullable=True),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("file_name", sa.String(length=500), nullable=False),
        sa.Column("file_path", sa.String(length=1000), nullable=True),
        sa.Column("file_bytes", sa.Integer(), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("options", ANY_JSON, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("new_count", sa.Integer(), nullable=False),
        sa.Column("updated_count", sa.Integer(), nullable=False),
        sa.Column("same_count", sa.Integer(), nullable=False),
        sa.Column("older_count", sa.Integer(), nullable=False),
        sa.Column("rejected_count", sa.Integer(), nullable=False),
        sa.Column("message_count", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("user_id", BIG, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "origin IN ('upload', 'command', 'folder', 'push', 'samples')", name=op.f("ck_imports_origin")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'waiting', 'running', 'done', 'failed', 'cancelled')", name=op.f("ck_imports_state")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_imports_shop_id_shops")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_imports_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index(op.f("ix_imports_shop_id"), "imports", ["shop_id"])
    op.create_index(op.f("ix_imports_state"), "imports", ["state"])
    op.create_index(op.f("ix_imports_user_id"), "imports", ["user_id"])

    op.create_table(
        "jobs",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("payload", ANY_JSON, nullable=False),
        sa.Column("unique_key", sa.String(length=200), nullable=True),
        sa.Column("ended_key", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("max_tries", sa.Integer(), nullable=False),
        sa.Column("run_after", MOMENT, nullable=False),
        sa.Column("owner", sa.String(length=40), nullable=True),
        sa.Column("leased_until", MOMENT, nullable=True),
        sa.Column("cancel_asked", sa.Boolean(), nullable=False),
        sa.Column("started_count", sa.Integer(), nullable=False),
        sa.Column("done_count", sa.Integer(), nullable=False),
        sa.Column("total_count", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=300), server_default="", nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("user_id", BIG, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed', 'cancelled')", name=op.f("ck_jobs_state")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_jobs_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("unique_key", name=op.f("uq_jobs_unique_key")),
    )
    op.create_index(op.f("ix_jobs_kind_state"), "jobs", ["kind", "state"])
    op.create_index(op.f("ix_jobs_state_run_after_id"), "jobs", ["state", "run_after", "id"])
    op.create_index(op.f("ix_jobs_user_id"), "jobs", ["user_id"])

    op.create_table(
        "samples",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("plan", ANY_JSON, nullable=False),
        sa.Column("seed", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_samples_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_samples")),
    )
    op.create_index(op.f("ix_samples_user_id"), "samples", ["user_id"])

    op.create_table(
        "saved_searches",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_saved_searches_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_searches")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_saved_searches_user_id_name")),
    )
    op.create_table(
        "user_roles",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("shop_id", BIG, nullable=True),
        sa.Column("team_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_user_roles_shop_id_shops")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_user_roles_team_id_teams")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_roles_user_id_users"), ondelete="CASCADE"
        ),
        sa.CheckConstraint("shop_id IS NULL OR team_id IS NULL", name=op.f("ck_user_roles_one_binding")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_roles")),
        sa.UniqueConstraint(
            "user_id", "role", "shop_id", "team_id", name=op.f("uq_user_roles_user_id_role_shop_id_team_id")
        ),
    )
    op.create_index(op.f("ix_user_roles_shop_id"), "user_roles", ["shop_id"])
    op.create_index(op.f("ix_user_roles_team_id"), "user_roles", ["team_id"])
    op.create_index(op.f("ix_user_roles_user_id"), "user_roles", ["user_id"])

    op.create_table(
        "user_sessions",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("address", sa.String(length=60), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_sessions_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_user_sessions_token_hash")),
    )
    op.create_index(op.f("ix_user_sessions_user_id"), "user_sessions", ["user_id"])

    op.create_table(
        "conversations",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("source_id", sa.String(length=300), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("import_id", BIG, nullable=True),
        sa.Column("customer_id", BIG, nullable=True),
        sa.Column("case_id", BIG, nullable=True),
        sa.Column("agent_id", BIG, nullable=True),
        sa.Column("team_id", BIG, nullable=True),
        sa.Column("account", sa.String(length=200), nullable=True),
        sa.Column("channel", sa.String(length=60), nullable=False),
        sa.Column("queue", sa.String(length=60), nullable=True),
        sa.Column("language", sa.String(length=20), nullable=True),
        sa.Column("order_id", sa.String(length=300), nullable=True),
        sa.Column("order_value", sa.Double(), nullable=True),
        sa.Column("tier", sa.String(length=60), nullable=True),
        sa.Column("csat", sa.Double(), nullable=True),
        sa.Column("tags", ANY_JSON, nullable=False),
        sa.Column("meta", ANY_JSON, nullable=False),
        sa.Column("indexed_names", ANY_JSON, nullable=False),
        sa.Column("message_count", sa.Integer(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=False),
        sa.Column("is_timed", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("text_purged_at", MOMENT, nullable=True),
        sa.Column("audit_id", BIG, nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("scored_share", sa.Double(), nullable=True),
        sa.Column("verdict", sa.String(length=20), nullable=True),
        sa.Column("risk", sa.Double(), nullable=True),
        sa.Column("priority", sa.Double(), nullable=True),
        sa.Column("topic", sa.String(length=60), nullable=True),
        sa.Column("failed_count", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_conversations_agent_id_agents")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_conversations_case_id_cases")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_conversations_customer_id_customers")),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_conversations_import_id_imports")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_conversations_shop_id_shops")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_conversations_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
        sa.UniqueConstraint("shop_id", "source", "source_id", name=op.f("uq_conversations_shop_id_source_source_id")),
    )
    for column in ("agent_id", "case_id", "customer_id", "shop_id", "team_id"):
        name = op.f(f"ix_conversations_{column}_started_at_id")
        op.create_index(name, "conversations", [column, "started_at", "id"])
    op.create_index(op.f("ix_conversations_ended_at"), "conversations", ["ended_at"])
    op.create_index(op.f("ix_conversations_import_id"), "conversations", ["import_id"])
    op.create_index(op.f("ix_conversations_order_id"), "conversations", ["order_id"])
    looked_at = ["shop_id", "team_id", "verdict", "topic", "queue", "channel", "language", "csat"]
    for first, others in (
        ("started_at", ["score", "priority"]),
        ("priority", ["score", "started_at"]),
        ("score", ["priority", "started_at"]),
    ):
        name = op.f(f"ix_conversations_by_{first}")
        op.create_index(name, "conversations", [first, "id", *looked_at, *others])

    op.create_table(
        "conversation_agents",
        sa.Column("conversation_id", BIG, autoincrement=False, nullable=False),
        sa.Column("agent_id", BIG, autoincrement=False, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("priority", sa.Double(), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_conversation_agents_agent_id_agents")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_conversation_agents_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation_id", "agent_id", name=op.f("pk_conversation_agents")),
        sqlite_with_rowid=False,
    )
    for order in ("started_at", "priority", "score"):
        name = op.f(f"ix_conversation_agents_by_{order}")
        op.create_index(name, "conversation_agents", ["agent_id", order, "conversation_id"])

    op.create_table(
        "conversation_marks",
        sa.Column("conversation_id", BIG, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("mark", sa.String(length=200), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("priority", sa.Double(), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.CheckConstraint("kind IN ('failed', 'tag')", name=op.f("ck_conversation_marks_kind")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_conversation_marks_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation_id", "kind", "mark", name=op.f("pk_conversation_marks")),
        sqlite_with_rowid=False,
    )
    for order in ("started_at", "priority", "score"):
        name = op.f(f"ix_conversation_marks_by_{order}")
        op.create_index(name, "conversation_marks", ["kind", "mark", order, "conversation_id"])

    op.create_table(
        "import_problems",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("import_id", BIG, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Boolean(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=200), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_import_problems_import_id_imports"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_problems")),
        sa.UniqueConstraint("import_id", "place", name=op.f("uq_import_problems_import_id_place")),
    )
    op.create_table(
        "push_batches",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column("idempotency_key", sa.String(length=200), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("import_id", BIG, nullable=False),
        sa.Column("answer", ANY_JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_push_batches_import_id_imports"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_push_batches_shop_id_shops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_batches")),
        sa.UniqueConstraint("shop_id", "idempotency_key", name=op.f("uq_push_batches_shop_id_idempotency_key")),
    )
    op.create_index(op.f("ix_push_batches_import_id"), "push_batches", ["import_id"])

    op.create_table(
        "watched_files",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("import_id", BIG, nullable=True),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_watched_files_import_id_imports")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_watched_files_shop_id_shops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watched_files")),
        sa.UniqueConstraint("shop_id", "name", "file_hash", name=op.f("uq_watched_files_shop_id_name_file_hash")),
    )
    op.create_index(op.f("ix_watched_files_import_id"), "watched_files", ["import_id"])

    op.create_table(
        "audits",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("conversation_id", BIG, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("rubric_version_id", BIG, nullable=False),
        sa.Column("context_version_id", BIG, nullable=False),
        sa.Column("engine_version", sa.String(length=40), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("scored_share", sa.Double(), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("risk", sa.Double(), nullable=False),
        sa.Column("priority", sa.Double(), nullable=False),
        sa.Column("reasons", ANY_JSON, nullable=False),
        sa.Column("observations", ANY_JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["context_version_id"], ["context_versions.id"], name=op.f("fk_audits_context_version_id_context_versions")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_audits_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["rubric_version_id"], ["rubric_versions.id"], name=op.f("fk_audits_rubric_version_id_rubric_versions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audits")),
        sa.UniqueConstraint(
            "conversation_id",
            "revision",
            "rubric_version_id",
            "context_version_id",
            "engine_version",
            name=op.f("uq_audits_conversation_id_revision_rubric_version_id_context_version_id_engine_version"),
        ),
    )
    op.create_index(op.f("ix_audits_context_version_id"), "audits", ["context_version_id"])
    op.create_index(op.f("ix_audits_rubric_version_id"), "audits", ["rubric_version_id"])

    op.create_table(
        "messages",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("conversation_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("first_revision", sa.Integer(), nullable=False),
        sa.Column("last_revision", sa.Integer(), nullable=True),
        sa.Column("source_id", sa.String(length=300), nullable=True),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("auto", sa.Boolean(), nullable=False),
        sa.Column("account", sa.String(length=200), nullable=True),
        sa.Column("agent_id", BIG, nullable=True),
        sa.Column("sent_at", sa.String(length=40), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_messages_agent_id_agents")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_messages_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint(
            "conversation_id",
            "number",
            "first_revision",
            name=op.f("uq_messages_conversation_id_number_first_revision"),
        ),
    )
    op.create_index(op.f("ix_messages_agent_id"), "messages", ["agent_id"])

    op.create_table(
        "notes",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("conversation_id", BIG, nullable=False),
        sa.Column("message_number", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_notes_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_notes_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
    )
    op.create_index(op.f("ix_notes_conversation_id_message_number"), "notes", ["conversation_id", "message_number"])
    op.create_index(op.f("ix_notes_user_id"), "notes", ["user_id"])

    op.create_table(
        "criterion_results",
        sa.Column("audit_id", BIG, nullable=False),
        sa.Column("criterion", sa.String(length=100), nullable=False),
        sa.Column("conversation_id", BIG, nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=100), nullable=True),
        sa.Column("points", sa.Double(), nullable=False),
        sa.Column("max_points", sa.Double(), nullable=False),
        sa.Column("agent_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_criterion_results_agent_id_agents")),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["audits.id"], name=op.f("fk_criterion_results_audit_id_audits"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("audit_id", "criterion", name=op.f("pk_criterion_results")),
    )
    op.create_index(op.f("ix_criterion_results_agent_id"), "criterion_results", ["agent_id"])
    op.create_index(
        op.f("ix_criterion_results_criterion_outcome_conversation_id"),
        "criterion_results",
        ["criterion", "outcome", "conversation_id"],
    )

    op.create_table(
        "findings",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("audit_id", BIG, nullable=False),
        sa.Column("criterion", sa.String(length=100), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("message_number", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("facts", ANY_JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["audit_id"], ["audits.id"], name=op.f("fk_findings_audit_id_audits"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
        sa.UniqueConstraint("audit_id", "criterion", "place", name=op.f("uq_findings_audit_id_criterion_place")),
    )
    op.create_table(
        "work_items",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("sample_id", BIG, nullable=True),
        sa.Column("conversation_id", BIG, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("audit_id", BIG, nullable=True),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("why", ANY_JSON, nullable=False),
        sa.Column("draft", ANY_JSON, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.CheckConstraint("state IN ('open', 'draft', 'done', 'taken_back')", name=op.f("ck_work_items_state")),
        sa.ForeignKeyConstraint(["audit_id"], ["audits.id"], name=op.f("fk_work_items_audit_id_audits")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_work_items_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["sample_id"], ["samples.id"], name=op.f("fk_work_items_sample_id_samples")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_work_items_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_items")),
    )
    op.create_index(op.f("ix_work_items_audit_id"), "work_items", ["audit_id"])
    op.create_index(op.f("ix_work_items_conversation_id_state"), "work_items", ["conversation_id", "state"])
    op.create_index(op.f("ix_work_items_state_conversation_id"), "work_items", ["state", "conversation_id"])
    op.create_index(op.f("ix_work_items_sample_id"), "work_items", ["sample_id"])
    op.create_index(op.f("ix_work_items_user_id_state_due_at"), "work_items", ["user_id", "state", "due_at"])

    op.create_table(
        "rulings",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("conversation_id", BIG, nullable=False),
        sa.Column("audit_id", BIG, nullable=False),
        sa.Column("work_item_id", BIG, nullable=True),
        sa.Column("criterion", sa.String(length=100), nullable=False),
        sa.Column("from_outcome", sa.String(length=20), nullable=False),
        sa.Column("to_outcome", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("decided_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["audit_id"], ["audits.id"], name=op.f("fk_rulings_audit_id_audits")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_rulings_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_rulings_user_id_users")),
        sa.ForeignKeyConstraint(["work_item_id"], ["work_items.id"], name=op.f("fk_rulings_work_item_id_work_items")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rulings")),
    )
    op.create_index(op.f("ix_rulings_audit_id"), "rulings", ["audit_id"])
    op.create_index(op.f("ix_rulings_conversation_id_criterion"), "rulings", ["conversation_id", "criterion"])
    op.create_index(op.f("ix_rulings_user_id"), "rulings", ["user_id"])
    op.create_index(op.f("ix_rulings_work_item_id"), "rulings", ["work_item_id"])
    create_search_index()
    lock_activities()


def downgrade() -> None:
    op.execute("DROP TABLE IF EXISTS search_terms")
    op.drop_index(op.f("ix_rulings_work_item_id"), table_name="rulings")
    op.drop_index(op.f("ix_rulings_user_id"), table_name="rulings")
    op.drop_index(op.f("ix_rulings_conversation_id_criterion"), table_name="rulings")
    op.drop_index(op.f("ix_rulings_audit_id"), table_name="rulings")

    op.drop_table("rulings")
    op.drop_index(op.f("ix_work_items_state_conversation_id"), table_name="work_items")
    op.drop_index(op.f("ix_work_items_user_id_state_due_at"), table_name="work_items")
    op.drop_index(op.f("ix_work_items_sample_id"), table_name="work_items")
    op.drop_index(op.f("ix_work_items_conversation_id_state"), table_name="work_items")
    op.drop_index(op.f("ix_work_items_audit_id"), table_name="work_items")

    op.drop_table("work_items")
    op.drop_table("findings")
    op.drop_index(op.f("ix_criterion_results_criterion_outcome_conversation_id"), table_name="criterion_results")
    op.drop_index(op.f("ix_criterion_results_agent_id"), table_name="criterion_results")

    op.drop_table("criterion_results")
    op.drop_index(op.f("ix_notes_user_id"), table_name="notes")
    op.drop_index(op.f("ix_notes_conversation_id_message_number"), table_name="notes")

    op.drop_table("notes")
    op.drop_index(op.f("ix_messages_agent_id"), table_name="messages")

    op.drop_table("messages")
    op.drop_index(op.f("ix_audits_rubric_version_id"), table_name="audits")
    op.drop_index(op.f("ix_audits_context_version_id"), table_name="audits")

    op.drop_table("audits")
    op.drop_index(op.f("ix_watched_files_import_id"), table_name="watched_files")

    op.drop_table("watched_files")
    op.drop_index(op.f("ix_push_batches_import_id"), table_name="push_batches")

    op.drop_table("push_batches")
    op.drop_table("import_problems")
    orders = ("started_at", "priority", "score")
    for name in ("conversation_marks", "conversation_agents"):
        for order in orders:
            op.drop_index(op.f(f"ix_{name}_by_{order}"), table_name=name)

        op.drop_table(name)
    for order in orders:
        op.drop_index(op.f(f"ix_conversations_by_{order}"), table_name="conversations")
    for name in ("order_id", "import_id", "ended_at"):
        op.drop_index(op.f(f"ix_conversations_{name}"), table_name="conversations")
    for column in ("team_id", "shop_id", "customer_id", "case_id", "agent_id"):
        op.drop_index(op.f(f"ix_conversations_{column}_started_at_id"), table_name="conversations")

    op.drop_table("conversations")
    op.drop_index(op.f("ix_user_sessions_user_id"), table_name="user_sessions")

    op.drop_table("user_sessions")
    op.drop_index(op.f("ix_user_roles_user_id"), table_name="user_roles")
    op.drop_index(op.f("ix_user_roles_team_id"), table_name="user_roles")
    op.drop_index(op.f("ix_user_roles_shop_id"), table_name="user_roles")

    op.drop_table("user_roles")
    op.drop_table("saved_searches")
    op.drop_index(op.f("ix_samples_user_id"), table_name="samples")

    op.drop_table("samples")
    op.drop_index(op.f("ix_jobs_user_id"), table_name="jobs")
    op.drop_index(op.f("ix_jobs_state_run_after_id"), table_name="jobs")
    op.drop_index(op.f("ix_jobs_kind_state"), table_name="jobs")

    op.drop_table("jobs")
    op.drop_index(op.f("ix_imports_user_id"), table_name="imports")
    op.drop_index(op.f("ix_imports_state"), table_name="imports")
    op.drop_index(op.f("ix_imports_shop_id"), table_name="imports")

    op.drop_table("imports")
    op.drop_index(op.f("ix_activities_user_id_at"), table_name="activities")
    op.drop_index(op.f("ix_activities_subject_kind_subject_id_at"), table_name="activities")
    op.drop_index(op.f("ix_activities_shop_id_at"), table_name="activities")
    op.drop_index(op.f("ix_activities_at"), table_name="activities")
    op.drop_index(op.f("ix_activities_action_at"), table_name="activities")

    op.drop_table("activities")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION activities_only_grow()")
    op.drop_table("users")
    op.drop_index(op.f("ix_roster_entries_shop_id_day"), table_name="roster_entries")
    op.drop_index(op.f("ix_roster_entries_agent_id"), table_name="roster_entries")

    op.drop_table("roster_entries")
    op.drop_index(op.f("ix_account_holders_agent_id"), table_name="account_holders")
    op.drop_index(op.f("ix_account_holders_account_id_from_day"), table_name="account_holders")

    op.drop_table("account_holders")
    op.drop_index(op.f("ix_return_addresses_shop_id"), table_name="return_addresses")

    op.drop_table("return_addresses")
    op.drop_index("uq_push_tokens_shop_id_name", table_name="push_tokens")
    op.drop_index(op.f("ix_push_tokens_shop_id"), table_name="push_tokens")

    op.drop_table("push_tokens")
    op.drop_table("customers")
    op.drop_index(op.f("ix_clock_bands_shop_id"), table_name="clock_bands")

    op.drop_table("clock_bands")
    op.drop_table("cases")
    op.drop_index(op.f("ix_calendar_days_shop_id"), table_name="calendar_days")
    op.drop_index(op.f("ix_calendar_days_day"), table_name="calendar_days")

    op.drop_table("calendar_days")
    op.drop_index(op.f("ix_agents_team_id"), table_name="agents")

    op.drop_table("agents")
    op.drop_index(op.f("ix_accounts_shop_id"), table_name="accounts")

    op.drop_table("accounts")
    op.drop_table("teams")
    op.drop_table("shops")
    op.drop_table("settings")
    op.drop_table("rubric_versions")
    op.drop_index(op.f("ix_login_failures_login_hash_at"), table_name="login_failures")
    op.drop_index(op.f("ix_login_failures_at"), table_name="login_failures")
    op.drop_index(op.f("ix_login_failures_address_at"), table_name="login_failures")

    op.drop_table("login_failures")
    op.drop_table("departments")
    op.drop_table("context_versions")
