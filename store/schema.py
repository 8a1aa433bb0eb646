"""The tables. Every change here goes with a step in `migrations/versions`; a test compares the two."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnClause,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)

from store import append_only
from store.columns import Id, Word, one_of, partial
from store.types import Instant, Json

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
append_only.guard(metadata)


def fixed(word: str) -> ColumnClause[str]:
    """A word written into the statement itself, since a partial index serves only what can be read there."""
    return literal_column(repr(word), String())


meta = Table("meta", metadata, Column("key", String(64), primary_key=True), Column("value", Text, nullable=False))

counter = Table(
    "counter", metadata, Column("name", Word, primary_key=True), Column("value", Integer, nullable=False)
)  # the last number given to a patient, a staff member, an alert

data_key = Table(
    "data_key",
    metadata,
    Column("id", Id, primary_key=True),
    Column("subject", Id, nullable=False, index=True),  # a patient's id, or "clinic"
    Column("wrapped", LargeBinary),  # emptied to erase everything sealed with it
    Column("wrapped_by", Word, nullable=False),  # the fingerprint of the master key
    Column("retired_at", Instant),
)

staff = Table(
    "staff",
    metadata,
    Column("id", Id, primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("name", LargeBinary, nullable=False),  # sealed
    Column("role", Word, nullable=False),
    Column("language", Word, nullable=False, server_default="en"),
    Column("user_id", BigInteger, unique=True),
    Column("chat_id", BigInteger),
    Column("page_bot_at", Instant),  # when the second link, to the page bot, was opened
    Column("tested_at", Instant),
    Column("blocked_at", Instant),
    Column("disabled_at", Instant),
    Column("created_at", Instant, nullable=False),
    one_of("role", "admin", "coordinator", "clinician", "auditor"),
)

patient = Table(
    "patient",
    metadata,
    Column("id", Id, primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("name", LargeBinary),  # sealed
    Column("contact", LargeBinary),  # sealed JSON: phone, email, address, collateral
    Column("plan", LargeBinary),  # sealed: the safety plan
    Column("timezone", String(64), nullable=False),
    Column("language", Word, nullable=False),
    Column("preferred", String(5)),  # wall time of the daily prompt, "HH:MM"
    Column("state", Word, nullable=False),
    Column("user_id", BigInteger, unique=True),
    Column("chat_id", BigInteger),
    Column("consented_at", Instant),
    Column("blocked_at", Instant),
    Column("created_at", Instant, nullable=False),
    one_of("state", "enrolled", "linked", "consented", "paused", "ended", "erased"),
)

consent = Table(
    "consent",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient_id", Id, ForeignKey("patient.id"), nullable=False, index=True),
    Column("version", Word, nullable=False),
    Column("language", Word, nullable=False),
    Column("given_at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
)

link = Table(
    "link",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code_hash", String(64), nullable=False, unique=True),
    Column("kind", Word, nullable=False),
    Column("subject_id", Id, nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("revoked_at", Instant),
    one_of("kind", "patient", "staff", "page-bot"),
)

protocol_version = Table(
    "protocol_version",
    metadata,
    Column("id", Id, primary_key=True),
    Column("protocol", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("published_at", Instant, nullable=False),  # when it was stored, by staff or with its first course
    Column("in_force_at", Instant),  # when staff last published it: new courses stand on the latest
    UniqueConstraint("protocol", "version"),
    UniqueConstraint("protocol", "hash"),
)

infusion = Table(
    "infusion",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient_id", Id, ForeignKey("patient.id"), nullable=False, index=True),
    Column("ended_at", Instant, nullable=False),  # the end of the infusion, past or planned
    Column("dose_mg_per_kg", Float, nullable=False),
    Column("cancelled_at", Instant),
    Column("created_at", Instant, nullable=False),
)

course = Table(
    "course",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient_id", Id, ForeignKey("patient.id"), nullable=False, index=True),
    Column("infusion_id", Id, ForeignKey("infusion.id"), nullable=False, index=True),
    Column("protocol_version_id", Id, ForeignKey("protocol_version.id"), nullable=False),
    Column("infusion_on", String(10), nullable=False),  # the patient's local day of the infusion, as recorded: day 0
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("state", Word, nullable=False),
    Column("extra_days", Integer, nullable=False, server_default="0"),  # how much longer than its protocol says
    Column("uncovered_reason", Text),
    Column("created_at", Instant, nullable=False),
    one_of("state", "active", "ended", "cancelled"),
    partial("ix_course_active", "ends_at", where="state = 'active'"),
)

checkin = Table(
    "checkin",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient_id", Id, ForeignKey("patient.id"), nullable=False),
    Column("course_id", Id, ForeignKey("course.id")),  # none for a baseline or a safety conversation
    Column("slot", String(64), nullable=False),
    Column("key", String(96), nullable=False),  # names it within its course, wherever its time moves
    Column("day", Integer, nullable=False),
    Column("in_mood_stream", Boolean, nullable=False),
    Column("summary", Boolean, nullable=False),  # whether the patient's own chart follows it
    Column("pinned", Boolean, nullable=False),  # staff gave it its time: it stays there
    Column("cancelled_because", Word),
    Column("asks", Json, nullable=False),  # instruments that must be answered, in order
    Column("optional", Json, nullable=False),  # instruments that may be, after them
    Column("local_at", String(16), nullable=False),  # wall time in the patient's zone, "YYYY-MM-DDTHH:MM"
    Column("due_at", Instant, nullable=False),
    Column("remind_at", Instant),
    Column("expires_at", Instant, nullable=False),
    Column("moved_because", Word),
    Column("state", Word, nullable=False),
    Column("lead_id", Id),  # the check-in whose message carries this one, when several fall due at once
    Column("queued_at", Instant),  # when its prompt went into the outbox
    Column("sent_at", Instant),
    Column("reminded_at", Instant),
    Column("answered_at", Instant),
    Column("late", Boolean, nullable=False, server_default=text("false")),
    Column("message_id", BigInteger),
    Column("asked", String(64)),  # "instrument/item" of the question asked last
    Column("asked_at", Instant),
    Column("cause", Word),  # what a safety conversation was opened for
    Column("silence_at", Instant),  # when silence in a safety conversation sets the tier
    one_of("state", "scheduled", "sent", "partial", "answered", "expired", "missed_by_us", "cancelled"),
    UniqueConstraint("course_id", "key"),
    Index("ix_checkin_patient_due", "patient_id", "due_at"),
    partial("ix_checkin_due", "due_at", "id", where="state = 'scheduled' AND queued_at IS NULL"),
    partial("ix_checkin_expiry", "expires_at", where="state IN ('scheduled', 'sent', 'partial')"),
    partial("ix_checkin_reminder", "remind_at", where="state = 'sent' AND reminded_at IS NULL"),
    partial("ix_checkin_silence", "silence_at", where="silence_at IS NOT NULL"),
    partial("ix_checkin_missed", "due_at", where="state = 'missed_by_us' AND queued_at IS NULL"),
    partial("ix_checkin_lead_id", "lead_id", where="lead_id IS NOT NULL"),
)

answer = Table(
    "answer",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient_id", Id, ForeignKey("patient.id"), nullable=False),
    Column("checkin_id", Id, ForeignKey("checkin.id"), index=True),
    Column("instrument", Word, nullable=False),
    Column("item", String(64), nullable=False),
    Column("value", Integer),
    Column("words", LargeBinary),  # sealed free text
    Column("via", Word, nullable=False),
    Column("at", Instant, nullable=False),  # when the patient said it
    Column("stored_at", Instant, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("corrects", Id),
    Column("inbox_id", Id),
    Column("message_id", BigInteger),  # of the message that was typed, so that an edit of it finds its answer
    Column("digest_id", Id),  # of words: the digest by which they reach a clinician
    Column("second_read_at", Instant),  # of words: when the second reader, if there is one, was done with them
    Index("ix_answer_patient_at", "patient_id", "at"),
    partial("ix_answer_words", "stored_at", where="words IS NOT NULL"),
    partial("ix_answer_undigested", "id", where="words IS NOT NULL AND digest_id IS NULL"),
    partial("ix_answer_digest_id", "digest_id", where="digest_id IS NOT NULL"),
)

alert = Table(
    "alert",
    metadata,
    Column("id", Id, primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("patient_id", Id, ForeignKey("patient.id"), index=True),
    Column("stranger_id", BigInteger, index=True),  # the Telegram user of an alert without a patient
    Column("tier", Word, nullable=False),
    Column("state", Word, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("at_any_hour", Boolean, nullable=False),  # an amber that does not wait for clinic hours
    Column("policy", Json, nullable=False),  # the ladder as it stood when the alert opened
    Column("progress", Json, nullable=False),  # how far the ladder has climbed: rules/ladder.py reads and writes it
    Column("due_at", Instant),  # the ladder's next look; none once closed
    Column("owner_id", Id, ForeignKey("staff.id")),
    Column("acknowledged_at", Instant),
    Column("contacted_at", Instant),
    Column("closed_at", Instant),
    Column("outcome", Word),
    Column("note", LargeBinary),  # sealed: the sentence with which it was closed
    Column("closing_by", Id),  # who has pressed an outcome; their next sentence closes it
    Column("closing_as", Word),  # that outcome
    Column("closing_at", Instant),  # when it was pressed
    one_of("tier", "red", "amber", "note"),
    one_of("state", "open", "acknowledged", "closed"),
    partial("ix_alert_due", "due_at", where="state <> 'closed'"),
    partial("ix_alert_closing_by", "closing_by", where="closing_by IS NOT NULL"),
    partial("uq_alert_one_open_per_patient", "patient_id", where="state <> 'closed'", unique=True),
    partial("uq_alert_one_open_per_stranger", "stranger_id", where="state <> 'closed'", unique=True),
)

alert_event = Table(
    "alert_event",
    metadata,
    Column("id", Id, primary_key=True),
    Column("alert_id", Id, ForeignKey("alert.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("kind", Word, nullable=False),
    Column("staff_id", Id),
    Column("detail", Json, nullable=False),
)

finding = Table(
    "finding",
    metadata,
    Column("id", Id, primary_key=True),
    Column("patient_id", Id, ForeignKey("patient.id")),
    Column("alert_id", Id, ForeignKey("alert.id"), index=True),
    Column("inbox_id", Id, index=True),
    Column("checkin_id", Id),
    Column("rule", String(96), nullable=False),
    Column("tier", Word, nullable=False),
    Column("span_start", Integer),
    Column("span_end", Integer),
    Column("detail", Json, nullable=False),
    Column("ruleset", Word),
    Column("at", Instant, nullable=False),
    Column("digest_id", Id),  # of what no alert shows: the digest by which it reaches a clinician
    Index("ix_finding_patient_at", "patient_id", "at"),
    partial("ix_finding_undigested", "id", where="alert_id IS NULL AND digest_id IS NULL"),
    partial("ix_finding_digest_id", "digest_id", where="digest_id IS NOT NULL"),
)

digest = Table(
    "digest",
    metadata,
    Column("id", Id, primary_key=True),
    Column("made_at", Instant, nullable=False),
    Column("opened_at", Instant),  # until then whatever is new is added to it
    Column("opened_by", Id),  # the staff member
    partial("ix_digest_unopened", "id", where="opened_at IS NULL"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("bot", Word, nullable=False),
    Column("update_id", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("chat_id", BigInteger),
    Column("raw", LargeBinary),  # sealed; emptied when its retention ends
    Column("received_at", Instant, nullable=False),
    Column("state", Word, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("retry_at", Instant),
    Column("handled_at", Instant),
    Column("error", Text),  # the class of what went wrong, never a patient's words
    one_of("state", "waiting", "done", "dead"),
    UniqueConstraint("bot", "update_id", "hash"),
    partial("ix_inbox_waiting", "id", where="state = 'waiting'"),
    partial("ix_inbox_chat", "chat_id", "id", where="state = 'waiting'"),
    partial("ix_inbox_retry", "retry_at", where="state = 'waiting' AND retry_at IS NOT NULL"),
    Index("ix_inbox_received_at", "received_at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("lane", Word, nullable=False),
    Column("kind", Word, nullable=False),
    Column("channel", Word, nullable=False),
    Column("chat_id", BigInteger),
    Column("language", Word, nullable=False),
    Column("body", LargeBinary, nullable=False),  # sealed JSON: what bot/texts.py makes the message of
    Column("edits", BigInteger),  # the message to edit in place, none for a new one
    Column("patient_id", Id),
    Column("staff_id", Id),
    Column("alert_id", Id, index=True),
    Column("checkin_id", Id),
    Column("once", String(128), unique=True),  # the same thing is never queued twice under one key
    Column("state", Word, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("claimed_by", Word),
    Column("leased_until", Instant),
    Column("sent_at", Instant),
    Column("message_id", BigInteger),
    Column("outcome", String(200)),
    one_of("lane", "page", "crisis", "reply", "bulk"),
    one_of("channel", "telegram", "page-bot", "second"),
    one_of("state", "waiting", "sending", "sent", "refused", "dropped"),
    partial("ix_outbox_unsettled", "lane", "due_at", "id", where="state IN ('waiting', 'sending')"),
    partial("ix_outbox_chat", "chat_id", "id", where="state IN ('waiting', 'sending')"),
    partial("ix_outbox_checkin_id", "checkin_id", where="state = 'waiting'"),
)

audit = Table(
    "audit",
    metadata,
    Column("stream", String(48), nullable=False),  # "patient:<id>" or "clinic"
    Column("seq", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", String(48), nullable=False),  # "staff:<id>", "patient:<id>", "engine" or "cli:<account>"
    Column("action", String(64), nullable=False),
    Column("subject", String(48), nullable=False),
    Column("detail", Json, nullable=False),
    Column("mac", String(64), nullable=False),
    PrimaryKeyConstraint("stream", "seq"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("stream", String(48), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("mac", String(64), nullable=False),
)

heartbeat = Table(
    "heartbeat", metadata, Column("name", Word, primary_key=True), Column("at", Instant, nullable=False)
)  # when the poll last succeeded, the tick last ran
