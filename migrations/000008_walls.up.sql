-- The second wall. Every table has row-level security, enabled and forced:
-- rows of an organization show only when app.org names it, rows of a person
-- only when app.person does. The application sets both through session_open,
-- which checks the session and the membership first. The functions below that
-- run with the rights of waymark_definer are the only doors through the wall;
-- a test holds their list.

SET lock_timeout = '5s';

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY[
        'membership', 'project', 'target_change', 'project_role', 'invitation', 'event', 'trail_head',
        'step_act', 'waiver', 'approval', 'confirmation',
        'awareness', 'audience', 'communication', 'scope', 'scope_item', 'appointment', 'meeting',
        'engagement', 'candidate', 'selection', 'internal_audit', 'management_review', 'audit_stage',
        'nonconformity', 'certification_decision', 'certificate', 'surveillance',
        'assessment', 'rating', 'finding', 'file', 'file_chunk', 'evidence', 'baseline', 'baseline_rating',
        'task', 'task_comment', 'task_dependency', 'plan_baseline', 'plan_baseline_task']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY tenant ON %I USING (organization_id = (SELECT nullif(current_setting(''app.org'', true), '''')::uuid))', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO waymark_app', t);
    END LOOP;

    FOREACH t IN ARRAY ARRAY['session', 'password_reset', 'form_key']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY own ON %I USING (person_id = (SELECT nullif(current_setting(''app.person'', true), '''')::uuid))', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO waymark_app', t);
    END LOOP;
END $$;

ALTER TABLE organization ENABLE ROW LEVEL SECURITY;
ALTER TABLE organization FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON organization USING (id = (SELECT nullif(current_setting('app.org', true), '')::uuid));
GRANT SELECT, INSERT, UPDATE, DELETE ON organization TO waymark_app;

ALTER TABLE person ENABLE ROW LEVEL SECURITY;
ALTER TABLE person FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON person USING (id = (SELECT nullif(current_setting('app.person', true), '')::uuid));
GRANT SELECT, INSERT, UPDATE ON person TO waymark_app;

-- Anybody's act may put a mail into the outbox; only the sender and the
-- administrator's page read it.
ALTER TABLE mail ENABLE ROW LEVEL SECURITY;
ALTER TABLE mail FORCE ROW LEVEL SECURITY;
CREATE POLICY put ON mail FOR INSERT WITH CHECK (true);
CREATE POLICY read ON mail FOR SELECT USING ((SELECT current_setting('app.scope', true)) IN ('administrator', 'worker'));
CREATE POLICY send ON mail FOR UPDATE USING ((SELECT current_setting('app.scope', true)) = 'worker');
GRANT SELECT, INSERT, UPDATE ON mail TO waymark_app;

-- Keys of forms are forgotten after a while, whoever's they are.
CREATE POLICY see_old ON form_key FOR SELECT USING ((SELECT current_setting('app.scope', true)) = 'worker');
CREATE POLICY forget ON form_key FOR DELETE USING ((SELECT current_setting('app.scope', true)) = 'worker');

ALTER TABLE installation ENABLE ROW LEVEL SECURITY;
ALTER TABLE installation FORCE ROW LEVEL SECURITY;
CREATE POLICY anybody ON installation USING (true);
GRANT SELECT, UPDATE ON installation TO waymark_app;

-- Hashes of addresses and counts, read and written before anybody is known.
ALTER TABLE sign_in_failure ENABLE ROW LEVEL SECURITY;
ALTER TABLE sign_in_failure FORCE ROW LEVEL SECURITY;
CREATE POLICY anybody ON sign_in_failure USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_failure TO waymark_app;

ALTER TABLE step_order ENABLE ROW LEVEL SECURITY;
ALTER TABLE step_order FORCE ROW LEVEL SECURITY;
CREATE POLICY anybody ON step_order FOR SELECT USING (true);
GRANT SELECT ON step_order TO waymark_app;

-- What is written once stays: acts, approvals, baselines and the trail.
REVOKE UPDATE, DELETE ON step_act, approval, target_change, baseline, baseline_rating,
    plan_baseline, plan_baseline_task FROM waymark_app;
REVOKE INSERT, UPDATE, DELETE ON event, trail_head FROM waymark_app;

-- ---------------------------------------------------------------------------
-- Doors

-- session_open answers who holds the session, and sets app.person, and app.org
-- if the person belongs to the organization asked for, for the rest of the
-- transaction. No row: no valid session. An empty organization_role: not a
-- member, so nothing of that organization shows. The time of the last visit is
-- stamped at most once a minute.
CREATE FUNCTION session_open(token bytea, asked_org uuid, asked_project uuid, at_time timestamptz, idle interval)
RETURNS TABLE (
    session_id uuid, person_id uuid, person_name text, email text, language text, time_zone text, theme text,
    administrator boolean, demo boolean,
    organization_id uuid, organization_name text, organization_zone text, organization_language text,
    organization_archived boolean, sample boolean, organization_role text,
    project_id uuid, project_name text, project_archived boolean, cycle integer, target_on date,
    project_roles text[], appointments text[], clauses text[]
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    s record;
BEGIN
    PERFORM set_config('app.person', '', true), set_config('app.org', '', true), set_config('app.scope', '', true),
            set_config('app.now', at_time::text, true);
    SELECT x.id, x.person_id AS pid, x.last_seen_at INTO s
      FROM session x
     WHERE x.token_hash = token AND x.revoked_at IS NULL
       AND x.expires_at > at_time AND x.last_seen_at > at_time - idle;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF s.last_seen_at < at_time - interval '1 minute' THEN
        UPDATE session SET last_seen_at = at_time WHERE id = s.id AND last_seen_at < at_time;
    END IF;
    RETURN QUERY
    SELECT s.id, p.id, p.name, p.email, p.language, p.time_zone, p.theme,
           i.administrator_id IS NOT DISTINCT FROM p.id, i.demo,
           o.id, o.name,
           -- on pages of no organization, that of the one joined first
           coalesce(o.time_zone, (SELECT f.time_zone FROM membership n JOIN organization f ON f.id = n.organization_id
                                   WHERE n.person_id = p.id AND n.removed_at IS NULL ORDER BY n.created_at LIMIT 1)),
           o.language, o.archived_at IS NOT NULL, o.sample, m.role,
           j.id, j.name, j.archived_at IS NOT NULL, j.cycle, j.target_on,
           coalesce((SELECT array_agg(r.role ORDER BY r.role) FROM project_role r
                      WHERE r.organization_id = j.organization_id AND r.project_id = j.id AND r.person_id = p.id
                        AND (r.until_on IS NULL OR r.until_on >= (at_time AT TIME ZONE o.time_zone)::date)), '{}'),
           coalesce((SELECT array_agg(DISTINCT a.role) FROM appointment a
                      WHERE a.organization_id = j.organization_id AND a.project_id = j.id AND a.person_id = p.id
                        AND a.accepted_at IS NOT NULL AND a.ended_at IS NULL), '{}'),
           coalesce((SELECT array_agg(a.clause) FROM appointment a
                      WHERE a.organization_id = j.organization_id AND a.project_id = j.id AND a.person_id = p.id
                        AND a.role = 'process_owner' AND a.accepted_at IS NOT NULL AND a.ended_at IS NULL), '{}')
      FROM person p
     CROSS JOIN installation i
      LEFT JOIN membership m ON m.organization_id = asked_org AND m.person_id = p.id AND m.removed_at IS NULL
      LEFT JOIN organization o ON o.id = m.organization_id
      LEFT JOIN project j ON j.organization_id = m.organization_id AND j.id = asked_project
     WHERE p.id = s.pid AND p.disabled_at IS NULL;
    IF FOUND THEN
        PERFORM set_config('app.person', s.pid::text, true);
        IF EXISTS (SELECT 1 FROM membership m
                    WHERE m.organization_id = asked_org AND m.person_id = s.pid AND m.removed_at IS NULL) THEN
            PERFORM set_config('app.org', asked_org::text, true);
        END IF;
        IF EXISTS (SELECT 1 FROM installation i WHERE i.administrator_id = s.pid) THEN
            PERFORM set_config('app.scope', 'administrator', true);
        END IF;
    END IF;
END $$;

-- Who signs in with this address.
CREATE FUNCTION person_by_email(address text)
RETURNS TABLE (id uuid, name text, email text, password text, language text, time_zone text, disabled boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.id, p.name, p.email, p.password, p.language,
           coalesce(p.time_zone, (SELECT o.time_zone FROM membership m JOIN organization o ON o.id = m.organization_id
                                   WHERE m.person_id = p.id AND m.removed_at IS NULL ORDER BY m.created_at LIMIT 1)),
           p.disabled_at IS NOT NULL
      FROM person p WHERE lower(p.email) = lower(address)
$$;

-- Whose password a reset link may change.
CREATE FUNCTION password_reset_open(token bytea, at_time timestamptz)
RETURNS TABLE (id uuid, name text, email text, language text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.id, p.name, p.email, p.language
      FROM password_reset r JOIN person p ON p.id = r.person_id
     WHERE r.token_hash = token AND r.used_at IS NULL AND r.expires_at > at_time AND p.disabled_at IS NULL
$$;

-- What an invitation link invites to. Sets app.org, so that accepting can
-- write the membership.
CREATE FUNCTION invitation_open(token bytea, at_time timestamptz)
RETURNS TABLE (id uuid, organization_id uuid, organization_name text, organization_language text, email text, name text,
    organization_role text, project_id uuid, project_name text, project_role text, until_on date, invited_by_name text,
    has_account boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    org uuid;
BEGIN
    PERFORM set_config('app.org', '', true);
    SELECT i.organization_id INTO org FROM invitation i
     WHERE i.token_hash = token AND i.accepted_at IS NULL AND i.withdrawn_at IS NULL AND i.expires_at > at_time;
    IF org IS NULL THEN
        RETURN;
    END IF;
    PERFORM set_config('app.org', org::text, true);
    RETURN QUERY
    SELECT i.id, i.organization_id, o.name, o.language, i.email, i.name, i.organization_role,
           i.project_id, j.name, i.project_role, i.until_on, m.name,
           EXISTS (SELECT 1 FROM person p WHERE lower(p.email) = lower(i.email))
      FROM invitation i
      JOIN organization o ON o.id = i.organization_id
      JOIN membership m ON m.organization_id = i.organization_id AND m.person_id = i.invited_by
      LEFT JOIN project j ON j.organization_id = i.organization_id AND j.id = i.project_id
     WHERE i.organization_id = org AND i.token_hash = token;
END $$;

-- The organizations and projects of the person of this transaction: for the
-- switcher and for a person's own start page.
CREATE FUNCTION my_places()
RETURNS TABLE (organization_id uuid, organization_name text, organization_archived boolean, sample boolean,
    organization_role text, project_id uuid, project_name text, project_archived boolean, target_on date,
    project_roles text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT o.id, o.name, o.archived_at IS NOT NULL, o.sample, m.role, j.id, j.name, j.archived_at IS NOT NULL, j.target_on,
           coalesce((SELECT array_agg(r.role ORDER BY r.role) FROM project_role r
                      WHERE r.organization_id = j.organization_id AND r.project_id = j.id AND r.person_id = m.person_id
                        AND (r.until_on IS NULL OR r.until_on >= (coalesce(nullif(current_setting('app.now', true), '')::timestamptz, now()) AT TIME ZONE o.time_zone)::date)), '{}')
      FROM membership m
      JOIN organization o ON o.id = m.organization_id
      LEFT JOIN project j ON j.organization_id = o.id
           AND (m.role = 'owner' OR EXISTS (SELECT 1 FROM project_role r
                 WHERE r.organization_id = j.organization_id AND r.project_id = j.id AND r.person_id = m.person_id
                   AND (r.until_on IS NULL OR r.until_on >= (coalesce(nullif(current_setting('app.now', true), '')::timestamptz, now()) AT TIME ZONE o.time_zone)::date)))
     WHERE m.person_id = (SELECT nullif(current_setting('app.person', true), '')::uuid) AND m.removed_at IS NULL
     ORDER BY o.name, o.id, j.created_at DESC, j.id
$$;

-- All organizations, for the sender's morning round and for diagnosis; only
-- ids leave.
CREATE FUNCTION organization_ids() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT o.id FROM organization o WHERE o.archived_at IS NULL
     AND (SELECT current_setting('app.scope', true)) IN ('administrator', 'worker') ORDER BY o.id
$$;

-- One event onto the trail of the organization of this transaction. The hash
-- is taken over length-prefixed fields; package trail computes the same.
CREATE FUNCTION trail_append(org uuid, project uuid, person uuid, what text, about text, at_time timestamptz, details jsonb)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    head trail_head%ROWTYPE;
    next_hash bytea;
BEGIN
    IF org IS DISTINCT FROM nullif(current_setting('app.org', true), '')::uuid THEN
        RAISE EXCEPTION 'an event belongs to the organization of its transaction' USING ERRCODE = 'WM004';
    END IF;
    INSERT INTO trail_head (organization_id, seq, hash) VALUES (org, 0, decode(repeat('00', 32), 'hex'))
        ON CONFLICT (organization_id) DO NOTHING;
    SELECT * INTO head FROM trail_head WHERE organization_id = org FOR UPDATE;
    next_hash := trail_hash(head.hash, head.seq + 1, org, project, person, what, about, at_time, details);
    INSERT INTO event (organization_id, seq, project_id, person_id, kind, subject, at, data, hash)
        VALUES (org, head.seq + 1, project, person, what, about, at_time, details, next_hash);
    UPDATE trail_head SET seq = head.seq + 1, hash = next_hash WHERE organization_id = org;
    RETURN head.seq + 1;
END $$;

-- The same for what belongs to no organization: signing in, people, the
-- installation. Its trail is kept under the all-zero organization.
CREATE FUNCTION trail_append_installation(person uuid, what text, about text, at_time timestamptz, details jsonb)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    zero uuid := '00000000-0000-0000-0000-000000000000';
    head trail_head%ROWTYPE;
    next_hash bytea;
BEGIN
    INSERT INTO trail_head (organization_id, seq, hash) VALUES (zero, 0, decode(repeat('00', 32), 'hex'))
        ON CONFLICT (organization_id) DO NOTHING;
    SELECT * INTO head FROM trail_head WHERE organization_id = zero FOR UPDATE;
    next_hash := trail_hash(head.hash, head.seq + 1, zero, NULL, person, what, about, at_time, details);
    INSERT INTO event (organization_id, seq, project_id, person_id, kind, subject, at, data, hash)
        VALUES (zero, head.seq + 1, NULL, person, what, about, at_time, details, next_hash);
    UPDATE trail_head SET seq = head.seq + 1, hash = next_hash WHERE organization_id = zero;
    RETURN head.seq + 1;
END $$;

CREATE FUNCTION trail_hash(prev bytea, seq bigint, org uuid, project uuid, person uuid, what text, about text,
    at_time timestamptz, details jsonb) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT sha256(prev
        || int8send(15) || convert_to('waymark trail 1', 'UTF8')
        || int8send(8) || int8send(seq)
        || int8send(16) || uuid_send(org)
        || int8send(16) || coalesce(uuid_send(project), decode(repeat('00', 16), 'hex'))
        || int8send(16) || coalesce(uuid_send(person), decode(repeat('00', 16), 'hex'))
        || int8send(octet_length(convert_to(what, 'UTF8'))) || convert_to(what, 'UTF8')
        || int8send(octet_length(convert_to(about, 'UTF8'))) || convert_to(about, 'UTF8')
        || int8send(8) || int8send((extract(epoch FROM at_time) * 1000000)::bigint)
        || int8send(octet_length(convert_to(details::text, 'UTF8'))) || convert_to(details::text, 'UTF8'))
$$;

-- A person's new name or address reaches the memberships that repeat it.
CREATE FUNCTION person_renamed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE membership SET name = NEW.name, email = NEW.email, language = NEW.language WHERE person_id = NEW.id;
    RETURN NEW;
END $$;
CREATE TRIGGER person_renamed AFTER UPDATE OF name, email, language ON person
    FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name OR OLD.email IS DISTINCT FROM NEW.email
        OR OLD.language IS DISTINCT FROM NEW.language)
    EXECUTE FUNCTION person_renamed();

-- The invented people of a sample go with its organization.
CREATE FUNCTION sample_people_leave() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM person p WHERE p.email LIKE '%@sample.example'
       AND NOT EXISTS (SELECT 1 FROM membership m WHERE m.person_id = p.id)
       AND NOT EXISTS (SELECT 1 FROM installation i WHERE i.administrator_id = p.id);
    RETURN NULL;
END $$;
CREATE TRIGGER sample_people_leave AFTER DELETE ON organization
    FOR EACH ROW WHEN (OLD.sample) EXECUTE FUNCTION sample_people_leave();

GRANT SELECT ON session, person, installation, membership, organization, project, project_role, appointment,
    invitation, password_reset TO waymark_definer;
GRANT UPDATE (last_seen_at) ON session TO waymark_definer;
GRANT UPDATE (name, email, language) ON membership TO waymark_definer;
GRANT DELETE ON person TO waymark_definer;
GRANT SELECT, INSERT ON event TO waymark_definer;
GRANT SELECT, INSERT, UPDATE ON trail_head TO waymark_definer;

GRANT CREATE ON SCHEMA public TO waymark_definer;
DO $$
DECLARE
    f text;
BEGIN
    FOREACH f IN ARRAY ARRAY[
        'session_open(bytea, uuid, uuid, timestamptz, interval)', 'person_by_email(text)',
        'password_reset_open(bytea, timestamptz)', 'invitation_open(bytea, timestamptz)', 'my_places()',
        'organization_ids()', 'trail_append(uuid, uuid, uuid, text, text, timestamptz, jsonb)',
        'trail_append_installation(uuid, text, text, timestamptz, jsonb)', 'person_renamed()', 'sample_people_leave()']
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO waymark_app', f);
        EXECUTE format('ALTER FUNCTION %s OWNER TO waymark_definer', f);
    END LOOP;
END $$;
REVOKE CREATE ON SCHEMA public FROM waymark_definer;
