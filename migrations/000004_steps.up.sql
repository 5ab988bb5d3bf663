-- The nine steps. Only acts are stored; a step's status is derived from them.
-- The order itself is decided in the domain, under the project's lock. The
-- trigger below is the second wall: it refuses a completion out of order from
-- whoever writes it. A test compares step_order with the domain's table.

SET lock_timeout = '5s';

CREATE TABLE step_order (
    step            smallint NOT NULL CHECK (step BETWEEN 1 AND 9),
    after           smallint NOT NULL CHECK (after BETWEEN 1 AND 9 AND after < step),
    -- whether the earlier step must be finished before this one may start, or
    -- only before this one may finish
    to_start        boolean NOT NULL,
    PRIMARY KEY (step, after)
);
INSERT INTO step_order (step, after, to_start) VALUES
    (2, 1, true), (3, 2, true),
    (4, 3, true), (5, 3, true), (6, 3, true),
    (5, 4, false), (6, 4, false),
    (7, 4, true), (7, 5, true), (7, 6, true),
    (8, 7, true), (9, 8, true);
-- Without statistics the planner expects millions of rows of the recursion in
-- the trigger below and sets memory aside for them: 50 ms an act and more.
ANALYZE step_order;

CREATE TABLE step_act (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    seq             integer NOT NULL CHECK (seq > 0),
    cycle           integer NOT NULL CHECK (cycle >= 1),
    step            smallint NOT NULL CHECK (step BETWEEN 1 AND 9),
    kind            text NOT NULL CHECK (kind IN ('started', 'finished', 'reopened')),
    person_id       uuid NOT NULL,
    at              timestamptz NOT NULL,
    reason          text NOT NULL DEFAULT '',
    PRIMARY KEY (organization_id, project_id, seq),
    FOREIGN KEY (organization_id, project_id) REFERENCES project (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, person_id) REFERENCES membership (organization_id, person_id),
    CHECK (kind <> 'reopened' OR reason <> '')
);
-- A step starts once in a cycle, whatever races.
CREATE UNIQUE INDEX step_act_started ON step_act (organization_id, project_id, cycle, step) WHERE kind = 'started';

-- A step stands finished when its last act is a completion and no step it
-- rests on, directly or through others, was reopened since.
CREATE FUNCTION step_act_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    missing smallint;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'acts on steps are never changed' USING ERRCODE = 'WM002';
    END IF;
    IF NEW.kind = 'reopened' THEN
        RETURN NEW;
    END IF;
    WITH RECURSIVE act AS (
        SELECT a.step,
               max(a.seq) FILTER (WHERE a.kind = 'finished') AS finished,
               max(a.seq) FILTER (WHERE a.kind = 'reopened') AS reopened
          FROM step_act a
         WHERE a.organization_id = NEW.organization_id AND a.project_id = NEW.project_id AND a.cycle = NEW.cycle
         GROUP BY a.step
    ), rests AS (
        SELECT o.step, o.after FROM step_order o
        UNION
        SELECT r.step, o.after FROM rests r JOIN step_order o ON o.step = r.after
    )
    SELECT o.after INTO missing
      FROM step_order o
      LEFT JOIN act a ON a.step = o.after
     WHERE o.step = NEW.step
       AND (o.to_start OR NEW.kind = 'finished')
       AND (a.finished IS NULL
            OR a.reopened > a.finished
            OR EXISTS (SELECT 1 FROM rests r JOIN act b ON b.step = r.after
                        WHERE r.step = o.after AND b.reopened > a.finished))
     ORDER BY o.after
     LIMIT 1;
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'step % needs step % finished first', NEW.step, missing USING ERRCODE = 'WM001';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER step_act_in_order BEFORE INSERT OR UPDATE ON step_act
    FOR EACH ROW EXECUTE FUNCTION step_act_in_order();

-- A waiver of one criterion: asked for by one person, consented to by another.
-- It lapses when its step is reopened, which is derived from the acts.
CREATE TABLE waiver (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    id              uuid NOT NULL,
    cycle           integer NOT NULL,
    criterion       text NOT NULL CHECK (length(criterion) <= 8),
    reason          text NOT NULL CHECK (reason <> ''),
    asked_by        uuid NOT NULL,
    asked_at        timestamptz NOT NULL,
    asked_seq       integer NOT NULL,
    answered_by     uuid,
    answered_at     timestamptz,
    consented       boolean,
    withdrawn_at    timestamptz,
    PRIMARY KEY (organization_id, project_id, id),
    FOREIGN KEY (organization_id, project_id) REFERENCES project (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, asked_by) REFERENCES membership (organization_id, person_id),
    FOREIGN KEY (organization_id, answered_by) REFERENCES membership (organization_id, person_id),
    CHECK (answered_by IS NULL OR answered_by <> asked_by),
    CHECK ((answered_by IS NULL) = (consented IS NULL) AND (answered_by IS NULL) = (answered_at IS NULL))
);

-- An approval, signature or decision by a person: of the mandate, the scope,
-- the plan's baseline, the selection, or to go to the audit. It holds for the
-- version of the thing that was in front of that person, and for no other.
CREATE TABLE approval (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    id              uuid NOT NULL,
    cycle           integer NOT NULL,
    subject         text NOT NULL CHECK (subject IN ('mandate', 'scope', 'plan', 'selection', 'go')),
    subject_version integer NOT NULL,
    person_id       uuid NOT NULL,
    at              timestamptz NOT NULL,
    note            text NOT NULL DEFAULT '',
    PRIMARY KEY (organization_id, project_id, id),
    FOREIGN KEY (organization_id, project_id) REFERENCES project (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, person_id) REFERENCES membership (organization_id, person_id)
);
CREATE UNIQUE INDEX approval_once ON approval (organization_id, project_id, cycle, subject, subject_version);

-- A person's dated word, with evidence, that something holds which Waymark
-- keeps no register of yet (contracts, documents, records, processes).
CREATE TABLE confirmation (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    cycle           integer NOT NULL,
    subject         text NOT NULL CHECK (subject IN ('SC-03', 'SC-07', 'SC-10', 'SC-11',
                        'processes', 'documents', 'records')),
    held_on         date NOT NULL,
    evidence        text NOT NULL CHECK (evidence <> ''),
    person_id       uuid NOT NULL,
    at              timestamptz NOT NULL,
    withdrawn_at    timestamptz,
    version         integer NOT NULL DEFAULT 1,
    PRIMARY KEY (organization_id, project_id, cycle, subject),
    FOREIGN KEY (organization_id, project_id) REFERENCES project (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, person_id) REFERENCES membership (organization_id, person_id)
);
