DROP TRIGGER sample_people_leave ON organization;
DROP TRIGGER person_renamed ON person;
DROP FUNCTION sample_people_leave(), person_renamed(), trail_append_installation(uuid, text, text, timestamptz, jsonb),
    trail_append(uuid, uuid, uuid, text, text, timestamptz, jsonb),
    trail_hash(bytea, bigint, uuid, uuid, uuid, text, text, timestamptz, jsonb),
    organization_ids(), my_places(), invitation_open(bytea, timestamptz), password_reset_open(bytea, timestamptz),
    person_by_email(text), session_open(bytea, uuid, uuid, timestamptz, interval);
DO $$
DECLARE
    p record;
BEGIN
    FOR p IN SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'public'
    LOOP
        EXECUTE format('DROP POLICY %I ON %I', p.policyname, p.tablename);
        EXECUTE format('ALTER TABLE %I NO FORCE ROW LEVEL SECURITY', p.tablename);
        EXECUTE format('ALTER TABLE %I DISABLE ROW LEVEL SECURITY', p.tablename);
        EXECUTE format('REVOKE ALL ON %I FROM waymark_app, waymark_definer', p.tablename);
    END LOOP;
END $$;
