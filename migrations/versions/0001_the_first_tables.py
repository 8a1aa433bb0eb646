"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.types import Instant, Json

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _partial(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("stream", sa.String(length=48), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", sa.String(length=48), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=48), nullable=False),
        sa.Column("detail", Json(), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("stream", "seq", name=op.f("pk_audit")),
    )
    op.create_table(
        "audit_head",
        sa.Column("stream", sa.String(length=48), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("stream", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "data_key",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("wrapped", sa.LargeBinary()),
        sa.Column("wrapped_by", sa.String(length=32), nullable=False),
        sa.Column("retired_at", Instant()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_key")),
    )
    op.create_index(op.f("ix_data_key_subject"), "data_key", ["subject"])
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "inbox",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("bot", sa.String(length=32), nullable=False),
        sa.Column("update_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("chat_id", sa.BigInteger()),
        sa.Column("raw", sa.LargeBinary()),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("retry_at", Instant()),
        sa.Column("handled_at", Instant()),
        sa.Column("error", sa.Text()),
        sa.CheckConstraint("state IN ('waiting', 'done', 'dead')", name=op.f("ck_inbox_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("bot", "update_id", "hash", name=op.f("uq_inbox_bot_update_id_hash")),
    )
    _partial("ix_inbox_chat", "inbox", ["chat_id", "id"], "state = 'waiting'")
    op.create_index("ix_inbox_received_at", "inbox", ["received_at"])
    _partial("ix_inbox_retry", "inbox", ["retry_at"], "state = 'waiting' AND retry_at IS NOT NULL")
    _partial("ix_inbox_waiting", "inbox", ["id"], "state = 'waiting'")
    op.create_table(
        "link",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant()),
        sa.Column("revoked_at", Instant()),
        sa.CheckConstraint("kind IN ('patient', 'staff', 'page-bot')", name=op.f("ck_link_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_link_code_hash")),
    )
    op.create_index(op.f("ix_link_subject_id"), "link", ["subject_id"])
    op.create_table(
        "meta",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lane", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("chat_id", sa.BigInteger()),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("edits", sa.BigInteger()),
        sa.Column("patient_id", sa.String(length=32)),
        sa.Column("staff_id", sa.String(length=32)),
        sa.Column("alert_id", sa.String(length=32)),
        sa.Column("checkin_id", sa.String(length=32)),
        sa.Column("once", sa.String(length=128)),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant()),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("claimed_by", sa.String(length=32)),
        sa.Column("leased_until", Instant()),
        sa.Column("sent_at", Instant()),
        sa.Column("message_id", sa.BigInteger()),
        sa.Column("outcome", sa.String(length=200)),
        sa.CheckConstraint("channel IN ('telegram', 'page-bot', 'second')", name=op.f("ck_outbox_channel")),
        sa.CheckConstraint("lane IN ('page', 'crisis', 'reply', 'bulk')", name=op.f("ck_outbox_lane")),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'sent', 'refused', 'dropped')", name=op.f("ck_outbox_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("once", name=op.f("uq_outbox_once")),
    )
    op.create_index(op.f("ix_outbox_alert_id"), "outbox", ["alert_id"])
    _partial("ix_outbox_chat", "outbox", ["chat_id", "id"], "state IN ('waiting', 'sending')")
    _partial("ix_outbox_checkin_id", "outbox", ["checkin_id"], "state = 'waiting'")
    _partial("ix_outbox_unsettled", "outbox", ["lane", "due_at", "id"], "state IN ('waiting', 'sending')")
    op.create_table(
        "patient",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.LargeBinary()),
        sa.Column("contact", sa.LargeBinary()),
        sa.Column("plan", sa.LargeBinary()),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("preferred", sa.String(length=5)),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.BigInteger()),
        sa.Column("chat_id", sa.BigInteger()),
        sa.Column("consented_at", Instant()),
        sa.Column("blocked_at", Instant()),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "state IN ('enrolled', 'linked', 'consented', 'paused', 'ended', 'erased')", name=op.f("ck_patient_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient")),
        sa.UniqueConstraint("number", name=op.f("uq_patient_number")),
        sa.UniqueConstraint("user_id", name=op.f("uq_patient_user_id")),
    )
    op.create_table(
        "protocol_version",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("protocol", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("published_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protocol_version")),
        sa.UniqueConstraint("protocol", "hash", name=op.f("uq_protocol_version_protocol_hash")),
        sa.UniqueConstraint("protocol", "version", name=op.f("uq_protocol_version_protocol_version")),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=32), server_default="en", nullable=False),
        sa.Column("user_id", sa.BigInteger()),
        sa.Column("chat_id", sa.BigInteger()),
        sa.Column("page_bot_at", Instant()),
        sa.Column("tested_at", Instant()),
        sa.Column("blocked_at", Instant()),
        sa.Column("disabled_at", Instant()),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint("role IN ('admin', 'coordinator', 'clinician', 'auditor')", name=op.f("ck_staff_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("number", name=op.f("uq_staff_number")),
        sa.UniqueConstraint("user_id", name=op.f("uq_staff_user_id")),
    )
    op.create_table(
        "alert",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.String(length=32)),
        sa.Column("stranger_id", sa.BigInteger()),
        sa.Column("tier", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("at_any_hour", sa.Boolean(), nullable=False),
        sa.Column("policy", Json(), nullable=False),
        sa.Column("progress", Json(), nullable=False),
        sa.Column("due_at", Instant()),
        sa.Column("owner_id", sa.String(length=32)),
        sa.Column("acknowledged_at", Instant()),
        sa.Column("contacted_at", Instant()),
        sa.Column("closed_at", Instant()),
        sa.Column("outcome", sa.String(length=32)),
        sa.Column("note", sa.LargeBinary()),
        sa.CheckConstraint("state IN ('open', 'acknowledged', 'closed')", name=op.f("ck_alert_state")),
        sa.CheckConstraint("tier IN ('red', 'amber', 'note')", name=op.f("ck_alert_tier")),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_alert_owner_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_alert_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint("number", name=op.f("uq_alert_number")),
    )
    _partial("ix_alert_due", "alert", ["due_at"], "state <> 'closed'")
    op.create_index(op.f("ix_alert_patient_id"), "alert", ["patient_id"])
    op.create_index(op.f("ix_alert_stranger_id"), "alert", ["stranger_id"])
    _partial("uq_alert_one_open_per_patient", "alert", ["patient_id"], "state <> 'closed'", unique=True)
    _partial("uq_alert_one_open_per_stranger", "alert", ["stranger_id"], "state <> 'closed'", unique=True)
    op.create_table(
        "consent",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("patient_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=32), nullable=False),
        sa.Column("given_at", Instant(), nullable=False),
        sa.Column("withdrawn_at", Instant()),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_consent_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_patient_id"), "consent", ["patient_id"])
    op.create_table(
        "infusion",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("patient_id", sa.String(length=32), nullable=False),
        sa.Column("ended_at", Instant(), nullable=False),
        sa.Column("dose_mg_per_kg", sa.Float(), nullable=False),
        sa.Column("cancelled_at", Instant()),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_infusion_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_infusion")),
    )
    op.create_index(op.f("ix_infusion_patient_id"), "infusion", ["patient_id"])
    op.create_table(
        "shift",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("level", sa.String(length=32), nullable=False),
        sa.Column("from_at", Instant(), nullable=False),
        sa.Column("to_at", Instant(), nullable=False),
        sa.Column("override", sa.Boolean(), nullable=False),
        sa.Column("cancelled_at", Instant()),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint("level IN ('primary', 'backup')", name=op.f("ck_shift_level")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_shift_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift")),
    )
    op.create_index(op.f("ix_shift_staff_id"), "shift", ["staff_id"])
    op.create_index("ix_shift_to_at", "shift", ["to_at"])
    op.create_table(
        "alert_event",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("alert_id", sa.String(length=32), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("staff_id", sa.String(length=32)),
        sa.Column("detail", Json(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_alert_event_alert_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_event")),
    )
    op.create_index(op.f("ix_alert_event_alert_id"), "alert_event", ["alert_id"])
    op.create_table(
        "course",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("patient_id", sa.String(length=32), nullable=False),
        sa.Column("infusion_id", sa.String(length=32), nullable=False),
        sa.Column("protocol_version_id", sa.String(length=32), nullable=False),
        sa.Column("infusion_on", sa.String(length=10), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("uncovered_reason", sa.Text()),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint("state IN ('active', 'ended', 'cancelled')", name=op.f("ck_course_state")),
        sa.ForeignKeyConstraint(["infusion_id"], ["infusion.id"], name=op.f("fk_course_infusion_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_course_patient_id")),
        sa.ForeignKeyConstraint(
            ["protocol_version_id"], ["protocol_version.id"], name=op.f("fk_course_protocol_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
    )
    _partial("ix_course_active", "course", ["ends_at"], "state = 'active'")
    op.create_index(op.f("ix_course_infusion_id"), "course", ["infusion_id"])
    op.create_index(op.f("ix_course_patient_id"), "course", ["patient_id"])
    op.create_table(
        "finding",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("patient_id", sa.String(length=32)),
        sa.Column("alert_id", sa.String(length=32)),
        sa.Column("inbox_id", sa.String(length=32)),
        sa.Column("checkin_id", sa.String(length=32)),
        sa.Column("rule", sa.String(length=96), nullable=False),
        sa.Column("tier", sa.String(length=32), nullable=False),
        sa.Column("span_start", sa.Integer()),
        sa.Column("span_end", sa.Integer()),
        sa.Column("detail", Json(), nullable=False),
        sa.Column("ruleset", sa.String(length=32)),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_finding_alert_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_finding_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
    )
    op.create_index(op.f("ix_finding_alert_id"), "finding", ["alert_id"])
    op.create_index(op.f("ix_finding_inbox_id"), "finding", ["inbox_id"])
    op.create_index("ix_finding_patient_at", "finding", ["patient_id", "at"])
    op.create_table(
        "checkin",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("patient_id", sa.String(length=32), nullable=False),
        sa.Column("course_id", sa.String(length=32)),
        sa.Column("slot", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=96), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("in_mood_stream", sa.Boolean(), nullable=False),
        sa.Column("summary", sa.Boolean(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("cancelled_because", sa.String(length=32)),
        sa.Column("asks", Json(), nullable=False),
        sa.Column("optional", Json(), nullable=False),
        sa.Column("local_at", sa.String(length=16), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("remind_at", Instant()),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("moved_because", sa.String(length=32)),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("lead_id", sa.String(length=32)),
        sa.Column("queued_at", Instant()),
        sa.Column("sent_at", Instant()),
        sa.Column("reminded_at", Instant()),
        sa.Column("answered_at", Instant()),
        sa.Column("late", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("message_id", sa.BigInteger()),
        sa.Column("asked", sa.String(length=64)),
        sa.Column("asked_at", Instant()),
        sa.Column("cause", sa.String(length=32)),
        sa.Column("silence_at", Instant()),
        sa.CheckConstraint(
            "state IN ('scheduled', 'sent', 'partial', 'answered', 'expired', 'missed_by_us', 'cancelled')",
            name=op.f("ck_checkin_state"),
        ),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_checkin_course_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_checkin_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkin")),
        sa.UniqueConstraint("course_id", "key", name=op.f("uq_checkin_course_id_key")),
    )
    _partial("ix_checkin_due", "checkin", ["due_at", "id"], "state = 'scheduled' AND queued_at IS NULL")
    _partial("ix_checkin_expiry", "checkin", ["expires_at"], "state IN ('scheduled', 'sent', 'partial')")
    _partial("ix_checkin_lead_id", "checkin", ["lead_id"], "lead_id IS NOT NULL")
    _partial("ix_checkin_missed", "checkin", ["due_at"], "state = 'missed_by_us' AND queued_at IS NULL")
    op.create_index("ix_checkin_patient_due", "checkin", ["patient_id", "due_at"])
    _partial("ix_checkin_reminder", "checkin", ["remind_at"], "state = 'sent' AND reminded_at IS NULL")
    _partial("ix_checkin_silence", "checkin", ["silence_at"], "silence_at IS NOT NULL")
    op.create_table(
        "answer",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("patient_id", sa.String(length=32), nullable=False),
        sa.Column("checkin_id", sa.String(length=32)),
        sa.Column("instrument", sa.String(length=32), nullable=False),
        sa.Column("item", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Integer()),
        sa.Column("words", sa.LargeBinary()),
        sa.Column("via", sa.String(length=32), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("stored_at", Instant(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("corrects", sa.String(length=32)),
        sa.Column("inbox_id", sa.String(length=32)),
        sa.Column("message_id", sa.BigInteger()),
        sa.ForeignKeyConstraint(["checkin_id"], ["checkin.id"], name=op.f("fk_answer_checkin_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_answer_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
    )
    op.create_index(op.f("ix_answer_checkin_id"), "answer", ["checkin_id"])
    op.create_index("ix_answer_patient_at", "answer", ["patient_id", "at"])


def downgrade() -> None:
    op.drop_table("answer")
    op.drop_table("checkin")
    op.drop_table("finding")
    op.drop_table("course")
    op.drop_table("alert_event")
    op.drop_table("shift")
    op.drop_table("infusion")
    op.drop_table("consent")
    op.drop_table("alert")
    op.drop_table("staff")
    op.drop_table("protocol_version")
    op.drop_table("patient")
    op.drop_table("outbox")
    op.drop_table("meta")
    op.drop_table("link")
    op.drop_table("inbox")
    op.drop_table("heartbeat")
    op.drop_table("data_key")
    op.drop_table("counter")
    op.drop_table("audit_head")
    op.drop_table("audit")
