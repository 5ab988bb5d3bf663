-- The audit trail: one event for every change, written in the change's own
-- transaction, chained by hash within an organization. The head row holds the
-- last number and hash and is locked last, so that numbers have no gaps. Only
-- the two functions append; nobody updates, deletes or truncates, not even the
-- owner. Organization ids are not foreign keys: the trail outlives what it
-- tells of. Events hold ids of people, never names.

SET lock_timeout = '5s';

CREATE TABLE trail_head (
    organization_id uuid PRIMARY KEY,
    seq             bigint NOT NULL,
    hash            bytea NOT NULL CHECK (length(hash) = 32)
);

CREATE TABLE event (
    organization_id uuid NOT NULL,
    seq             bigint NOT NULL CHECK (seq > 0),
    project_id      uuid,
    person_id       uuid,
    kind            text NOT NULL CHECK (kind ~ '^[a-z_]+(\.[a-z_]+)+$'),
    subject         text NOT NULL,
    at              timestamptz NOT NULL,
    data            jsonb NOT NULL,
    hash            bytea NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (organization_id, seq)
);
CREATE INDEX event_project ON event (organization_id, project_id, seq DESC);
CREATE INDEX event_subject ON event (organization_id, project_id, subject, seq DESC);

CREATE FUNCTION event_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is never changed' USING ERRCODE = 'WM003';
END $$;
CREATE TRIGGER event_row_is_final BEFORE UPDATE OR DELETE ON event
    FOR EACH ROW EXECUTE FUNCTION event_is_final();
CREATE TRIGGER event_table_is_final BEFORE TRUNCATE ON event
    FOR EACH STATEMENT EXECUTE FUNCTION event_is_final();
