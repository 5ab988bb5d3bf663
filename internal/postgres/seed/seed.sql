-- Fills a database for measurements, as its owner and in one transaction. The
-- program has made the temporary tables seed_wish (how much) and seed_check (the
-- checks of the catalogue). What is numbered n counts from 1.

-- Ids as the program makes them (UUID version 7), so that indexes grow alike.
CREATE OR REPLACE FUNCTION pg_temp.new_id(at timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
        PLACING substring(int8send((extract(epoch FROM at) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid
$$;
CREATE OR REPLACE FUNCTION pg_temp.pick(words text[], n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT words[1 + (n % array_length(words, 1))::int]
$$;

-- Organizations and a dozen people in each.
CREATE TEMP TABLE seed_org ON COMMIT DROP AS
SELECT n, pg_temp.new_id(w.at - interval '400 days') AS id, w.before + n AS number,
       n % 4 = 0 AS chinese,
       CASE WHEN n % 4 = 0
            THEN pg_temp.pick('{云帆,恒信,华联,蓝海,远景,众智,天枢}', n) || pg_temp.pick('{数据服务,信息技术,网络科技,运维管理}', n / 3) || ' ' || w.before + n
            ELSE pg_temp.pick('{Nordlys,Halden,Brightwater,Castell,Meridian,Tamarack,Ostrava,Kestrel,Lindholm}', n) || ' '
                 || pg_temp.pick('{Hosting,Managed Services,Networks,Cloud,Service Desk,Data Centres}', n / 2) || ' ' || w.before + n
       END AS name
  FROM seed_wish w, generate_series(1, w.organizations) n;

ANALYZE seed_org;

INSERT INTO organization (id, name, time_zone, language, created_at)
SELECT o.id, o.name, CASE WHEN o.chinese THEN 'Asia/Shanghai' ELSE 'Europe/Oslo' END,
       CASE WHEN o.chinese THEN 'zh' ELSE 'en' END, w.at - interval '400 days'
  FROM seed_org o, seed_wish w;

CREATE TEMP TABLE seed_person ON COMMIT DROP AS
SELECT o.n AS org, o.id AS organization_id, k, pg_temp.new_id(w.at - interval '399 days') AS id,
       'person-' || o.number || '-' || k || '@seed.example.org' AS email,
       CASE WHEN o.chinese
            THEN pg_temp.pick('{王,李,张,刘,陈,杨,赵,黄,周,吴,徐,孙}', o.n * 5 + k) || pg_temp.pick('{伟,芳,敏,静,磊,洋,艳,勇,娜,秀英,志强,晓明,丽华}', o.n + k * 3)
            ELSE pg_temp.pick('{Ada,Ben,Clara,David,Elin,Frank,Greta,Henrik,Ines,Jonas,Karin,Lars,Maja}', o.n * 5 + k) || ' '
                 || pg_temp.pick('{Berg,Dahl,Eriksen,Foss,Holm,Iversen,Jansen,Kaur,Lund,Moreau,Novak}', o.n + k * 3)
       END AS name
  FROM seed_org o, seed_wish w, generate_series(1, 12) k;

INSERT INTO person (id, email, name, password, language, created_at)
SELECT p.id, p.email, p.name, w.password, CASE WHEN o.chinese THEN 'zh' ELSE 'en' END, w.at - interval '399 days'
  FROM seed_person p JOIN seed_org o ON o.n = p.org, seed_wish w;

INSERT INTO membership (organization_id, person_id, role, name, email, language, created_at)
SELECT p.organization_id, p.id, CASE k WHEN 1 THEN 'owner' ELSE 'member' END, p.name, p.email,
       CASE WHEN o.chinese THEN 'zh' ELSE 'en' END, w.at - interval '399 days'
  FROM seed_person p JOIN seed_org o ON o.n = p.org, seed_wish w;

UPDATE installation i SET set_up_at = coalesce(i.set_up_at, w.at), set_up_code = NULL,
       administrator_id = coalesce(i.administrator_id, (SELECT id FROM seed_person WHERE org = 1 AND k = 1))
  FROM seed_wish w;

-- The people of an organization in the order of what they do there.
CREATE TEMP TABLE seed_team ON COMMIT DROP AS
SELECT org, array_agg(id ORDER BY k) AS people FROM seed_person GROUP BY org;

-- Projects: a tenth of them hold half of the tasks.
CREATE TEMP TABLE seed_project ON COMMIT DROP AS
WITH weighed AS (
    SELECT n, 1 + (n - 1) % w.organizations AS org, CASE WHEN n <= ceil(w.projects / 10.0) THEN 9.0 ELSE 1.0 END AS weight
      FROM seed_wish w, generate_series(1, w.projects) n
), shared AS (
    SELECT *, floor(w.tasks * weight / sum(weight) OVER ())::int AS part FROM weighed, seed_wish w
)
SELECT s.n, s.org, o.id AS organization_id, pg_temp.new_id(s.at - interval '390 days') AS id, o.chinese, t.people,
       s.part + CASE WHEN s.n = 1 THEN s.tasks - (sum(s.part) OVER ())::int ELSE 0 END AS tasks,
       s.at - interval '390 days' AS began
  FROM shared s JOIN seed_org o ON o.n = s.org JOIN seed_team t ON t.org = s.org;

ANALYZE seed_person, seed_team, seed_project;

INSERT INTO project (organization_id, id, name, edition, target_on, created_by, created_at)
SELECT p.organization_id, p.id, CASE WHEN p.chinese THEN 'ISO/IEC 20000-1 认证 ' ELSE 'ISO/IEC 20000-1 certification ' END || p.n,
       w.edition, (w.at + interval '150 days')::date, p.people[1], p.began
  FROM seed_project p, seed_wish w;

INSERT INTO project_role (organization_id, project_id, person_id, role, until_on, created_at)
SELECT p.organization_id, p.id, p.people[r.k], r.role, CASE r.role WHEN 'guest_auditor' THEN (w.at + interval '60 days')::date END, p.began
  FROM seed_project p, seed_wish w,
       (VALUES (1, 'sponsor'), (2, 'project_manager'), (3, 'consultant'), (4, 'committee_member'), (5, 'committee_member'),
               (6, 'committee_member'), (7, 'committee_member'), (8, 'committee_member'), (9, 'committee_member'),
               (10, 'internal_auditor'), (11, 'guest_auditor')) r (k, role);

INSERT INTO target_change (organization_id, project_id, id, from_on, to_on, reason, person_id, at)
SELECT p.organization_id, p.id, pg_temp.new_id(p.began), (w.at + interval '120 days')::date, (w.at + interval '150 days')::date,
       'The auditor has no earlier day.', p.people[1], w.at - interval '100 days'
  FROM seed_project p, seed_wish w WHERE p.n % 3 = 0;

INSERT INTO invitation (organization_id, id, token_hash, email, organization_role, invited_by, created_at, expires_at)
SELECT o.id, pg_temp.new_id(w.at), sha256(uuid_send(gen_random_uuid())), 'invited-' || o.number || '@seed.example.org', 'member',
       t.people[1], w.at - interval '1 day', w.at + interval '13 days'
  FROM seed_org o JOIN seed_team t ON t.org = o.n, seed_wish w;

ANALYZE organization, person, membership, project;

-- Steps 1 to 4 are finished, 5 and 6 under way. One statement an act, so that
-- each sees those before it.
DO $$
DECLARE
    act record;
BEGIN
    FOR act IN SELECT * FROM (VALUES (1, 1, 'started', 0), (2, 1, 'finished', 20), (3, 2, 'started', 21), (4, 2, 'finished', 50),
                   (5, 3, 'started', 51), (6, 3, 'finished', 140), (7, 4, 'started', 141), (8, 4, 'finished', 170),
                   (9, 5, 'started', 171), (10, 6, 'started', 180)) a (seq, step, kind, day) ORDER BY seq
    LOOP
        INSERT INTO step_act (organization_id, project_id, seq, cycle, step, kind, person_id, at)
        SELECT p.organization_id, p.id, act.seq, 1, act.step, act.kind, p.people[2], p.began + act.day * interval '1 day'
          FROM seed_project p;
    END LOOP;
END $$;

INSERT INTO awareness (organization_id, project_id, objectives, advantages, approach, updated_by, updated_at)
SELECT organization_id, id, 'Win contracts that ask for the certificate.', 'Fewer repeated incidents, clearer duties.',
       'Nine steps over twelve months, with a monthly committee.', people[2], began FROM seed_project;
INSERT INTO audience (organization_id, project_id, id, name, created_at)
SELECT organization_id, id, pg_temp.new_id(began), a, began FROM seed_project, unnest('{Service desk,Operations,Sales,Suppliers}'::text[]) a;
INSERT INTO communication (organization_id, project_id, id, audience_id, channel, held_on, proof, person_id, created_at)
SELECT a.organization_id, a.project_id, pg_temp.new_id(p.began), a.id, 'meeting', (p.began + interval '10 days')::date, 'Minutes 1', p.people[2], p.began
  FROM audience a JOIN seed_project p ON p.organization_id = a.organization_id AND p.id = a.project_id;
INSERT INTO scope (organization_id, project_id, extent, name, statement, people, updated_by, updated_at)
SELECT organization_id, id, 'limited', 'Managed services', 'The service management system that supports hosting and service desk.', 140, people[2], began
  FROM seed_project;
INSERT INTO scope_item (organization_id, project_id, id, kind, name, included, country, people, central, customer_kind, created_at)
SELECT p.organization_id, p.id, pg_temp.new_id(p.began), i.kind, i.name, true, i.country, i.people, i.central, i.customer, p.began
  FROM seed_project p, (VALUES ('unit', 'Operations', '', NULL::int, false, 'unspecified'), ('service', 'Hosting', '', NULL, false, 'unspecified'),
       ('service', 'Service desk', '', NULL, false, 'unspecified'), ('location', 'Head office', 'NO', 140, true, 'unspecified'),
       ('customer', 'Retail customers', '', NULL, false, 'external')) i (kind, name, country, people, central, customer);
INSERT INTO appointment (organization_id, project_id, id, role, clause, person_id, asked_by, asked_at, accepted_at)
SELECT p.organization_id, p.id, pg_temp.new_id(p.began), a.role, a.clause, p.people[a.k], p.people[2], p.began, p.began + interval '2 days'
  FROM seed_project p, (VALUES ('project_manager', '', 2), ('chair', '', 1), ('staff', '', 4), ('process_owner', '8.2', 5), ('process_owner', '8.6', 6),
       ('process_owner', '8.7', 7), ('process_owner', '8.4', 8)) a (role, clause, k);
INSERT INTO meeting (organization_id, project_id, id, cycle, kind, held_on, present, minutes, person_id, created_at)
SELECT organization_id, id, pg_temp.new_id(began), 1, CASE m WHEN 0 THEN 'kick_off' ELSE 'committee' END,
       (began + interval '141 days' + m * interval '28 days')::date, 'All members', 'The plan was gone through.', people[2], began
  FROM seed_project, generate_series(0, 4) m;
INSERT INTO engagement (organization_id, project_id, id, kind, firm, people, began_on, created_at)
SELECT organization_id, id, pg_temp.new_id(began), 'consultancy', 'Fjord Advisers', 'Clara Moreau', began::date, began FROM seed_project;
INSERT INTO candidate (organization_id, project_id, id, name, accreditation_body, accreditation_number, covers_standard, created_at)
SELECT organization_id, id, pg_temp.new_id(began), c, 'NA', 'MS 001', true, began FROM seed_project, unnest('{Veritor,Certiva,Norcert}'::text[]) c;
INSERT INTO selection (organization_id, project_id, candidate_id, reason, consultant, engagement_id, updated_by, updated_at)
SELECT p.organization_id, p.id, (SELECT c.id FROM candidate c WHERE c.organization_id = p.organization_id AND c.project_id = p.id ORDER BY c.name LIMIT 1),
       'Knows the trade.', 'engaged', e.id, p.people[2], p.began
  FROM seed_project p JOIN engagement e ON e.organization_id = p.organization_id AND e.project_id = p.id;
INSERT INTO approval (organization_id, project_id, id, cycle, subject, subject_version, person_id, at)
SELECT organization_id, id, pg_temp.new_id(began), 1, s, 1, people[1], began + interval '20 days' FROM seed_project, unnest('{mandate,scope}'::text[]) s;
INSERT INTO confirmation (organization_id, project_id, cycle, subject, held_on, evidence, person_id, at)
SELECT organization_id, id, 1, s, (began + interval '40 days')::date, 'Seen in the contract register', people[2], began
  FROM seed_project, unnest('{SC-03,SC-07}'::text[]) s;
INSERT INTO waiver (organization_id, project_id, id, cycle, criterion, reason, asked_by, asked_at, asked_seq)
SELECT organization_id, id, pg_temp.new_id(began), 1, '5.4', 'The supplier decides next month.', people[2], began + interval '175 days', 9
  FROM seed_project WHERE n % 3 = 0;

-- Step 3: four fifths of the checks are rated; a third has findings.
INSERT INTO assessment (organization_id, project_id, mode, assessor, updated_by, updated_at)
SELECT organization_id, id, 'self', 'Clara Moreau', people[3], began + interval '51 days' FROM seed_project;

CREATE TEMP TABLE seed_rating ON COMMIT DROP AS
SELECT p.n, p.organization_id, p.id AS project_id, p.people, c.check_id, c.n AS place, p.began + interval '60 days' + c.n * interval '6 hours' AS at,
       CASE WHEN h < 16 THEN 'not_assessed' WHEN h < 60 THEN 'conforms' WHEN h < 84 THEN 'partly'
            WHEN h < 98 OR NOT c.conditional THEN 'not' ELSE 'not_triggered' END AS rating
  FROM seed_project p, seed_check c, LATERAL (SELECT abs(hashtext(p.n || '/' || c.check_id)) % 100 AS h) x;

ANALYZE seed_rating;

INSERT INTO rating (organization_id, project_id, check_id, rating, comment, rated_by, rated_at, updated_by, updated_at)
SELECT organization_id, project_id, check_id, rating,
       CASE WHEN place % 3 = 0 THEN 'Talked through with the owner of the process; the procedure exists, records are kept for the last two quarters only.' ELSE '' END,
       CASE WHEN rating <> 'not_assessed' THEN people[3] END, CASE WHEN rating <> 'not_assessed' THEN at END, people[3], at
  FROM seed_rating WHERE rating <> 'not_assessed' OR place % 3 = 0;

INSERT INTO baseline (organization_id, project_id, number, cycle, person_id, at, note)
SELECT organization_id, id, 1, 1, people[2], began + interval '140 days', 'Signed off' FROM seed_project;
INSERT INTO baseline_rating (organization_id, project_id, number, check_id, rating)
SELECT organization_id, project_id, 1, check_id, rating FROM seed_rating;

CREATE TEMP TABLE seed_finding ON COMMIT DROP AS
SELECT n, organization_id, project_id, people, check_id, at, pg_temp.new_id(at) AS id,
       row_number() OVER (PARTITION BY n ORDER BY place) AS number, rating
  FROM seed_rating WHERE rating IN ('partly', 'not');
ANALYZE seed_finding;
INSERT INTO finding (organization_id, project_id, id, number, check_id, statement, recommendation, proposed, severity, created_by, created_at, updated_at)
SELECT organization_id, project_id, id, number, check_id,
       'What is done is not written down: three people described it in three ways, and the last record is from spring.',
       'Write one page, agree on it, and keep the records for a year.',
       CASE rating WHEN 'not' THEN 'major' ELSE 'minor' END, CASE rating WHEN 'not' THEN 'major' ELSE 'minor' END, people[3], at, at
  FROM seed_finding;

-- Files: one of one chunk and one of two in every tenth project.
CREATE TEMP TABLE seed_chunk ON COMMIT DROP AS
SELECT p.n, p.organization_id, f, pg_temp.new_id(p.began) AS file_id, c,
       decode((SELECT string_agg(md5(p.n || '/' || f || '/' || c || '/' || i), '') FROM generate_series(1, 1024) i), 'hex') AS bytes
  FROM seed_project p, generate_series(1, 2) f, generate_series(0, 1) c WHERE p.n % 10 = 1 AND c < f;
UPDATE seed_chunk c SET file_id = x.file_id FROM seed_chunk x WHERE x.n = c.n AND x.f = c.f AND x.c = 0;
INSERT INTO file (organization_id, id, sha256, size, media_type, created_at)
SELECT organization_id, file_id, sha256(string_agg(bytes, ''::bytea ORDER BY c)), sum(length(bytes)), 'application/pdf', w.at
  FROM seed_chunk, seed_wish w GROUP BY organization_id, file_id, w.at;
INSERT INTO file_chunk (organization_id, file_id, n, bytes) SELECT organization_id, file_id, c, bytes FROM seed_chunk;

INSERT INTO evidence (organization_id, project_id, id, subject, subject_id, kind, title, link, file_id, person_id, created_at)
SELECT r.organization_id, r.project_id, pg_temp.new_id(r.at), 'check', r.check_id, 'link', 'Procedure', 'https://wiki.example.org/' || r.check_id, NULL, r.people[3], r.at
  FROM seed_rating r WHERE r.place % 4 = 1 AND r.rating <> 'not_assessed'
UNION ALL
SELECT c.organization_id, p.id, pg_temp.new_id(p.began), 'check', k.check_id, 'file', 'Report ' || c.f, '', c.file_id, p.people[3], p.began
  FROM seed_chunk c JOIN seed_project p ON p.n = c.n JOIN seed_check k ON k.n = c.f WHERE c.c = 0;
ANALYZE rating, evidence;
UPDATE rating r SET evidence = e.n
  FROM (SELECT organization_id, project_id, subject_id, count(*) AS n FROM evidence WHERE withdrawn_at IS NULL AND subject = 'check' GROUP BY 1, 2, 3) e
 WHERE e.organization_id = r.organization_id AND e.project_id = r.project_id AND e.subject_id = r.check_id
   AND r.organization_id IN (SELECT id FROM seed_org);

-- Tasks: the older the more are done; a third comes from findings; one in
-- twenty has no owner or no date yet.
--@ tasks
-- Indexes are made afterwards, which is several times quicker.
CREATE TEMP TABLE seed_index ON COMMIT DROP AS
SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition
  FROM pg_index i WHERE i.indrelid = 'task'::regclass AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid);
DO $$
DECLARE
    i record;
BEGIN
    FOR i IN SELECT * FROM seed_index LOOP EXECUTE 'DROP INDEX ' || i.name; END LOOP;
END $$;
INSERT INTO task (organization_id, project_id, id, number, step, finding_id, title, description, owner_id, due_on, priority, state,
                  blocked_reason, created_by, created_at, done_at, updated_at)
SELECT organization_id, project_id, pg_temp.new_id(created), number, CASE WHEN finding_id IS NOT NULL THEN 5 ELSE step END, finding_id,
       title, CASE WHEN number % 2 = 0 THEN 'Agree with those who do the work, write it on one page, and have it approved before the next committee.' ELSE '' END,
       owner, due, priority, state, CASE state WHEN 'blocked' THEN 'Waiting for the supplier.' ELSE '' END, manager, created,
       CASE state WHEN 'done' THEN due_at END, CASE state WHEN 'done' THEN due_at ELSE created END
  FROM (
    SELECT p.organization_id, p.id AS project_id, p.people[2] AS manager, g.number, f.id AS finding_id, g.created, g.due_at,
           CASE WHEN g.c < 0.97 THEN p.people[4 + floor(g.a * 6)::int] END AS owner,
           CASE WHEN g.c > 0.02 THEN g.due_at::date END AS due,
           (ARRAY[3, 4, 5, 5, 5, 6, 5])[1 + g.number % 7] AS step,
           (ARRAY['high', 'normal', 'normal', 'normal', 'low'])[1 + floor(g.b * 5)::int] AS priority,
           CASE WHEN g.due_at < w.at AND g.d < 0.93 AND g.c BETWEEN 0.02 AND 0.97 THEN 'done' WHEN g.d < 0.62 THEN 'open' WHEN g.d < 0.94 THEN 'in_progress' ELSE 'blocked' END AS state,
           CASE WHEN p.chinese THEN pg_temp.pick('{编写,评审,批准,发布,更新,演练,测量}', g.number) || pg_temp.pick('{变更管理,事件管理,问题管理,容量管理,服务连续性,供应商管理,服务级别,资产管理,信息安全}', g.number / 7) || '程序'
                ELSE pg_temp.pick('{Write,Review,Approve,Publish,Update,Rehearse,Measure}', g.number) || ' the '
                     || pg_temp.pick('{change,incident,problem,capacity,continuity,supplier,service level,asset,information security}', g.number / 7) || ' procedure' END AS title
      FROM seed_project p CROSS JOIN seed_wish w
     CROSS JOIN LATERAL (SELECT n AS number, random() AS a, random() AS b, random() AS c, random() AS d,
                                p.began + interval '150 days' + (n % 90) * interval '1 day' AS created,
                                p.began + interval '180 days' + random() * interval '350 days' AS due_at
                           FROM generate_series(1, p.tasks) n) g
      LEFT JOIN seed_finding f ON f.n = p.n AND f.number = g.number AND g.number <= p.tasks / 3
  ) t;
DO $$
DECLARE
    i record;
BEGIN
    FOR i IN SELECT * FROM seed_index LOOP EXECUTE i.definition; END LOOP;
END $$;
--@ rest
ANALYZE task, finding;
UPDATE project j SET last_task = p.tasks, last_finding = (SELECT count(*) FROM seed_finding f WHERE f.n = p.n)
  FROM seed_project p WHERE j.organization_id = p.organization_id AND j.id = p.id;

INSERT INTO task_comment (organization_id, project_id, task_id, id, person_id, body, at)
SELECT t.organization_id, t.project_id, t.id, pg_temp.new_id(t.created_at), t.created_by, 'Half of it is written; the rest after the next change board.', t.created_at
  FROM task t JOIN seed_project p ON p.organization_id = t.organization_id AND p.id = t.project_id WHERE t.number % 10 = 3;
INSERT INTO task_dependency (organization_id, project_id, task_id, after_id)
SELECT b.organization_id, b.project_id, b.id, a.id
  FROM task b JOIN task a ON a.organization_id = b.organization_id AND a.project_id = b.project_id AND a.number = b.number - 1
  JOIN seed_project p ON p.organization_id = b.organization_id AND p.id = b.project_id WHERE b.number % 20 = 0;
INSERT INTO plan_baseline (organization_id, project_id, number, cycle, person_id, at, tasks)
SELECT organization_id, id, 1, 1, people[1], began + interval '200 days', tasks FROM seed_project;
INSERT INTO plan_baseline_task (organization_id, project_id, number, task_id, owner_id, due_on)
SELECT t.organization_id, t.project_id, 1, t.id, t.owner_id, t.due_on
  FROM task t JOIN seed_project p ON p.organization_id = t.organization_id AND p.id = t.project_id WHERE t.number <= 500;

-- The trail, through its own door: a score of events a project.
DO $$
DECLARE
    o record;
BEGIN
    FOR o IN SELECT * FROM seed_org ORDER BY n LOOP
        PERFORM set_config('app.org', o.id::text, true);
        PERFORM trail_append(o.id, a.project_id, a.person_id, 'step.' || a.kind, a.step::text, a.at, '{}')
           FROM step_act a WHERE a.organization_id = o.id ORDER BY a.at, a.seq;
        PERFORM trail_append(o.id, f.project_id, f.created_by, 'finding.added', f.id::text, f.created_at, jsonb_build_object('number', f.number, 'check', f.check_id))
           FROM finding f WHERE f.organization_id = o.id AND f.number <= 10 ORDER BY f.created_at, f.id;
    END LOOP;
    PERFORM set_config('app.org', '', true);
END $$;
