-- What the engine's role `fortnight` may do in a database whose tables belong to another role.
-- Run it as that owner after each `fortnight migrate`; it can be run again and again.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM fortnight;
REVOKE CREATE ON SCHEMA public FROM PUBLIC, fortnight;
GRANT USAGE ON SCHEMA public TO fortnight;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO fortnight;
-- What only grows: of an answer and a finding it may note that somebody has read it.
REVOKE UPDATE ON audit, alert_event, answer, finding FROM fortnight;
GRANT UPDATE (digest_id, second_read_at) ON answer TO fortnight;
GRANT UPDATE (digest_id) ON finding TO fortnight;
-- What is never written after a migration.
REVOKE INSERT, UPDATE ON alembic_version FROM fortnight;
-- What is let go of.
GRANT DELETE ON inbox, link, form TO fortnight;
