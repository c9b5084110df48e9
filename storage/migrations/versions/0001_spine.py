"""The spine: drafts, Invitations, Meetings and their claims, the outbox, connections, the playground's calendars."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_invitations()
    _create_meetings()
    _create_claims()
    _create_outbox()
    _create_calendars()
    _create_visits()
    _create_pools()
    _create_setup()


def downgrade() -> None:
    for table in (
        "preferences",
        "template_marks",
        "templates",
        "rooms",
        "assignments",
        "turns",
        "pools",
        "builtin_events",
        "homes",
        "one_time",
        "nonces",
        "busy_cache",
        "pushes",
        "connections",
        "outbox",
        "footprints",
        "claims",
        "event_copies",
        "meeting_members",
        "meetings",
        "invitation_pools",
        "invitation_members",
        "invitations",
        "drafts",
    ):
        op.drop_table(table)


def _create_invitations() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("card", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_drafts"),
    )
    op.create_index("ix_drafts_updated_at", "drafts", ["updated_at"])
    op.create_index("ix_drafts_workspace_id_owner_id_updated_at", "drafts", ["workspace_id", "owner_id", "updated_at"])
    op.create_table(
        "invitations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("tracking_id", sa.Text(), nullable=False),
        sa.Column("inviter_id", sa.Text(), nullable=False),
        sa.Column("participant", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("letter", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bounced_reason", sa.Text(), nullable=False),
        sa.Column("card", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.UniqueConstraint("token_hash", name="uq_invitations_token_hash"),
        sa.UniqueConstraint("workspace_id", "tracking_id", name="uq_invitations_workspace_id_tracking_id"),
    )
    op.create_index("ix_invitations_status_expires_at", "invitations", ["status", "expires_at"])
    op.create_index("ix_invitations_workspace_id_email", "invitations", ["workspace_id", "email"])
    op.create_index("ix_invitations_workspace_id_inviter_id", "invitations", ["workspace_id", "inviter_id"])
    op.create_index(
        "ix_invitations_workspace_id_status_created_at", "invitations", ["workspace_id", "status", "created_at"]
    )
    op.create_table(
        "invitation_members",
        sa.Column("invitation_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["invitations.id"],
            name="fk_invitation_members_invitation_id",
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("invitation_id", "user_id", name="pk_invitation_members"),
    )
    op.create_index("ix_invitation_members_user_id", "invitation_members", ["user_id"])
    op.create_table(
        "invitation_pools",
        sa.Column("invitation_id", sa.Text(), nullable=False),
        sa.Column("pool_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["invitations.id"],
            name="fk_invitation_pools_invitation_id",
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("invitation_id", "pool_id", name="pk_invitation_pools"),
    )
    op.create_index("ix_invitation_pools_pool_id", "invitation_pools", ["pool_id"])


def _create_meetings() -> None:
    live = sa.text("status IN ('scheduled', 'rescheduled')")
    op.create_table(
        "meetings",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("invitation_id", sa.Text(), nullable=False),
        sa.Column("tracking_id", sa.Text(), nullable=False),
        sa.Column("start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duration", sa.Integer(), nullable=False),
        sa.Column("assigned", sa.Text(), nullable=False),
        sa.Column("vacant", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("customer_zone", sa.Text(), nullable=True),
        sa.Column("canceled_by", sa.Text(), nullable=True),
        sa.Column("canceled_by_id", sa.Text(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=False),
        sa.Column("card", sa.Text(), nullable=True),
        sa.Column("join_url", sa.Text(), nullable=False),
        sa.Column("conference_id", sa.Text(), nullable=False),
        sa.Column("conference_problem", sa.Text(), nullable=False),
        sa.Column("receipts", sa.Text(), nullable=False),
        sa.Column("told_link", sa.Text(), nullable=True),
        sa.Column("told_start", sa.DateTime(timezone=True), nullable=True),
        sa.Column("no_show_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_move", sa.Text(), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["invitations.id"],
            name="fk_meetings_invitation_id",
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name="pk_meetings"),
    )
    op.create_index("ix_meetings_invitation_id_created_at", "meetings", ["invitation_id", "created_at"])
    op.create_index("ix_meetings_status_ends_at", "meetings", ["status", "ends_at"])
    op.create_index("ix_meetings_workspace_id_status_start", "meetings", ["workspace_id", "status", "start"])
    op.create_index(
        "uq_meetings_live_invitation_id",
        "meetings",
        ["invitation_id"],
        unique=True,
        sqlite_where=live,
        postgresql_where=live,
    )
    op.create_table(
        "meeting_members",
        sa.Column("meeting_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("attendance", sa.Text(), nullable=False),
        sa.Column("is_assigned", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["meetings.id"],
            name="fk_meeting_members_meeting_id",
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("meeting_id", "user_id", name="pk_meeting_members"),
    )
    op.create_index("ix_meeting_members_user_id", "meeting_members", ["user_id"])
    op.create_table(
        "event_copies",
        sa.Column("meeting_id", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=True),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("written", sa.Integer(), nullable=True),
        sa.Column("check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspicion", sa.Text(), nullable=True),
        sa.Column("suspected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.Column("is_accepted", sa.Boolean(), nullable=False),
        sa.Column("is_withdrawn", sa.Boolean(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["meetings.id"],
            name="fk_event_copies_meeting_id",
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("meeting_id", "holder", name="pk_event_copies"),
        sa.UniqueConstraint("token_hash", name="uq_event_copies_token_hash"),
    )
    op.create_index("ix_event_copies_check_at", "event_copies", ["check_at"])


def _create_claims() -> None:
    op.create_table(
        "claims",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("resource_id", sa.Text(), nullable=False),
        sa.Column("cell", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("meeting_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["meetings.id"],
            name="fk_claims_meeting_id",
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("workspace_id", "resource_id", "cell", name="pk_claims"),
    )
    op.create_index("ix_claims_meeting_id", "claims", ["meeting_id"])
    op.create_table(
        "footprints",
        sa.Column("meeting_id", sa.Text(), nullable=False),
        sa.Column("resource_id", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["meetings.id"],
            name="fk_footprints_meeting_id",
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("meeting_id", "resource_id", name="pk_footprints"),
    )
    op.create_index(
        "ix_footprints_workspace_id_resource_id_ends_at", "footprints", ["workspace_id", "resource_id", "ends_at"]
    )


def _create_outbox() -> None:
    pending = sa.text("done_at IS NULL AND failed_at IS NULL")
    op.create_table(
        "outbox",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_outbox"),
        sa.UniqueConstraint("id", name="uq_outbox_id"),
    )
    op.create_index("ix_outbox_done_at", "outbox", ["done_at"])
    op.create_index("ix_outbox_failed_at", "outbox", ["failed_at"])
    op.create_index("ix_outbox_pending", "outbox", ["due_at", "number"], sqlite_where=pending, postgresql_where=pending)
    op.create_index("ix_outbox_subject_id", "outbox", ["subject_id"])


def _create_calendars() -> None:
    op.create_table(
        "connections",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("credentials", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("busy_calendars", sa.Text(), nullable=False),
        sa.Column("write_calendar", sa.Text(), nullable=False),
        sa.Column("connected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("renewing_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("renewing_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_connections"),
    )
    op.create_index("ix_connections_remind_at", "connections", ["remind_at"])
    op.create_index("ix_connections_workspace_id_user_id", "connections", ["workspace_id", "user_id"])
    op.create_table(
        "pushes",
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subscription", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "calendar", name="pk_pushes"),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name="fk_pushes_connection_id",
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.UniqueConstraint("secret_hash", name="uq_pushes_secret_hash"),
    )
    op.create_table(
        "busy_cache",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("resource_id", sa.Text(), nullable=False),
        sa.Column("window_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("busy", sa.LargeBinary(), nullable=False),
        sa.Column("unreadable", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "resource_id", name="pk_busy_cache"),
    )
    op.create_index("ix_busy_cache_read_at", "busy_cache", ["read_at"])
    op.create_table(
        "builtin_events",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_busy", sa.Boolean(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "account", "uid", name="pk_builtin_events"),
    )
    op.create_index(
        "ix_builtin_events_workspace_id_account_ends_at", "builtin_events", ["workspace_id", "account", "ends_at"]
    )


def _create_visits() -> None:
    op.create_table(
        "nonces",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_nonces"),
    )
    op.create_index("ix_nonces_used_at", "nonces", ["used_at"])
    op.create_table(
        "one_time",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_one_time"),
    )
    op.create_index("ix_one_time_expires_at", "one_time", ["expires_at"])
    op.create_table(
        "homes",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("tab", sa.Text(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("since", sa.Text(), nullable=True),
        sa.Column("until", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "user_id", name="pk_homes"),
    )


def _create_pools() -> None:
    op.create_table(
        "pools",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("cycle", sa.Text(), nullable=False),
        sa.Column("members", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("compensates", sa.Boolean(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=True),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pools"),
        sa.UniqueConstraint("workspace_id", "name_key", name="uq_pools_workspace_id_name_key"),
    )
    op.create_table(
        "turns",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pool_id", sa.Text(), nullable=False),
        sa.Column("resource_id", sa.Text(), nullable=False),
        sa.Column("invitation_id", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["pool_id"],
            ["pools.id"],
            name="fk_turns_pool_id",
            ondelete="CASCADE",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("number", name="pk_turns"),
    )
    op.create_index("ix_turns_invitation_id", "turns", ["invitation_id"])
    op.create_index(
        "ix_turns_pool_id_resource_id_received_at_removed_at",
        "turns",
        ["pool_id", "resource_id", "received_at", "removed_at"],
    )
    op.create_table(
        "assignments",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("resource_id", sa.Text(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "resource_id", name="pk_assignments"),
    )


def _create_setup() -> None:
    op.create_table(
        "rooms",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("equipment", sa.Text(), nullable=False),
        sa.Column("is_removed", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rooms"),
        sa.UniqueConstraint("workspace_id", "address", name="uq_rooms_workspace_id_address"),
    )
    op.create_table(
        "templates",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("starts_in_days", sa.Integer(), nullable=False),
        sa.Column("span_days", sa.Integer(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_templates"),
        sa.UniqueConstraint("workspace_id", "owner_id", "name_key", name="uq_templates_workspace_id_owner_id_name_key"),
    )
    op.create_table(
        "template_marks",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("favourites", sa.Text(), nullable=False),
        sa.Column("default_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "user_id", name="pk_template_marks"),
    )
    op.create_table(
        "preferences",
        sa.Column("workspace_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("working_hours", sa.Text(), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "user_id", name="pk_preferences"),
    )
