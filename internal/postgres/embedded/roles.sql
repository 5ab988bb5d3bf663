{{- /* One place for Waymark's roles: run by embedded.Start in the private
cluster, and printed by "waymark roles" for other servers. Every statement may
be run again. Lines beginning with "--@" divide it for the program. */ -}}
{{if .Script -}}
-- Waymark's database roles and its database, for PostgreSQL 15 or newer.
-- Run it with psql as an administrator; it may be run again at any time:
--
--   psql -v owner_password='…' -v app_password='…' -f waymark-roles.sql postgres
--
--   {{.Owner}}    changes the schema and makes backups   (WAYMARK_MIGRATE_URL)
--   {{.App}}      serves the pages; owns nothing          (DATABASE_URL)
--   {{.Definer}}  owns a few functions; nobody logs in as it
{{if .NoBypassRLS -}}
--
-- This variant is for servers on which BYPASSRLS cannot be granted. Instead of
-- it, every protected table gets a policy that lets the owner and the definer
-- see all rows; the last statement makes those policies. Run it again after
-- every "waymark migrate" that added tables. pg_dump then needs the option
-- --enable-row-security.
{{else -}}
--
-- BYPASSRLS: the owner must see every row when it changes the schema or makes
-- a backup, as row-level security is forced on owners too. Only a superuser
-- grants it (from PostgreSQL 16 also a role that has it itself together with
-- CREATEROLE). Where yours does not, use the variant without it:
-- "waymark roles --no-bypassrls".
{{end -}}
\set ON_ERROR_STOP on
{{end -}}
--@ roles
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{{.Owner}}') THEN
    CREATE ROLE {{.Owner}} LOGIN;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{{.Definer}}') THEN
    CREATE ROLE {{.Definer}} NOLOGIN;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{{.App}}') THEN
    CREATE ROLE {{.App}} LOGIN;
  END IF;
{{- if not .NoBypassRLS}}
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{{.Owner}}' AND NOT rolbypassrls) THEN
    ALTER ROLE {{.Owner}} BYPASSRLS;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{{.Definer}}' AND NOT rolbypassrls) THEN
    ALTER ROLE {{.Definer}} BYPASSRLS;
  END IF;
{{- end}}
  -- The application must stand behind row-level security.
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{{.App}}' AND rolbypassrls) THEN
    ALTER ROLE {{.App}} NOBYPASSRLS;
  END IF;
  -- The owner hands functions to the definer: ALTER FUNCTION … OWNER TO.
  IF NOT EXISTS (SELECT FROM pg_auth_members
                 WHERE roleid = '{{.Definer}}'::regrole AND member = '{{.Owner}}'::regrole) THEN
    GRANT {{.Definer}} TO {{.Owner}};
  END IF;
  -- An administrator who is no superuser makes a database for the owner only
  -- as a member of it.
  IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
    EXECUTE format('GRANT {{.Owner}} TO %I', current_user);
  END IF;
END
$$;
{{if .Script -}}
ALTER ROLE {{.Owner}} PASSWORD :'owner_password';
ALTER ROLE {{.App}} PASSWORD :'app_password';
{{end -}}
--@ database
SELECT 'CREATE DATABASE {{.Database}} OWNER {{.Owner}} TEMPLATE template0
  {{- if .Script}} ENCODING ''UTF8'' LC_COLLATE ''C'' LC_CTYPE ''C.UTF-8''{{end}}'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{{.Database}}')
{{- if .Script}} \gexec{{end}}
--@ access
REVOKE ALL ON DATABASE {{.Database}} FROM PUBLIC;
GRANT CONNECT ON DATABASE {{.Database}} TO {{.App}};
{{if not .Script -}}
REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;
{{end -}}
--@ inside
{{if .Script -}}
\connect {{.Database}}
{{end -}}
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO {{.App}}, {{.Definer}};
DO $$
BEGIN
  -- A database from before PostgreSQL 15 leaves the schema to the superuser;
  -- the database's owner has to own it.
  IF EXISTS (SELECT FROM pg_namespace
             WHERE nspname = 'public' AND nspowner <> 'pg_database_owner'::regrole) THEN
    ALTER SCHEMA public OWNER TO pg_database_owner;
  END IF;
END
$$;
{{- if .NoBypassRLS}}
SET ROLE {{.Owner}};
DO $$
DECLARE
  t record;
BEGIN
  FOR t IN
    SELECT c.oid::regclass AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND c.relrowsecurity AND n.nspname !~ '^(pg_|information_schema$)'
      AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'maintenance')
  LOOP
    EXECUTE format('CREATE POLICY maintenance ON %s TO {{.Owner}}, {{.Definer}} USING (true) WITH CHECK (true)', t.name);
  END LOOP;
END
$$;
RESET ROLE;
{{- end}}
