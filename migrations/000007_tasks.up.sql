-- Tasks, their comments and dependencies, and the plan's baselines.

SET lock_timeout = '5s';

CREATE TABLE task (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    id              uuid NOT NULL,
    number          integer NOT NULL,
    step            smallint NOT NULL CHECK (step BETWEEN 1 AND 9),
    finding_id      uuid,
    title           text NOT NULL CHECK (title <> '' AND length(title) <= 300),
    description     text NOT NULL DEFAULT '' CHECK (length(description) <= 10000),
    owner_id        uuid,
    due_on          date,
    proposed_on     date,
    priority        text NOT NULL DEFAULT 'normal' CHECK (priority IN ('high', 'normal', 'low')),
    state           text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'in_progress', 'blocked', 'done')),
    blocked_reason  text NOT NULL DEFAULT '' CHECK (length(blocked_reason) <= 2000),
    unblocker_id    uuid,
    created_by      uuid NOT NULL,
    created_at      timestamptz NOT NULL,
    done_at         timestamptz,
    updated_at      timestamptz NOT NULL,
    version         integer NOT NULL DEFAULT 1,
    PRIMARY KEY (organization_id, project_id, id),
    UNIQUE (organization_id, project_id, number),
    FOREIGN KEY (organization_id, project_id) REFERENCES project (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, project_id, finding_id) REFERENCES finding (organization_id, project_id, id),
    FOREIGN KEY (organization_id, owner_id) REFERENCES membership (organization_id, person_id),
    FOREIGN KEY (organization_id, unblocker_id) REFERENCES membership (organization_id, person_id),
    FOREIGN KEY (organization_id, created_by) REFERENCES membership (organization_id, person_id),
    CHECK ((state = 'done') = (done_at IS NOT NULL)),
    CHECK (state <> 'blocked' OR blocked_reason <> '')
);
-- The list by due date (tasks without one last), by owner, by state, by step
-- and by finding; every one ends in the number so that paging by key is exact.
CREATE INDEX task_due ON task (organization_id, project_id, (coalesce(due_on, 'infinity'::date)), number);
CREATE INDEX task_open_due ON task (organization_id, project_id, (coalesce(due_on, 'infinity'::date)), number) WHERE state <> 'done';
CREATE INDEX task_state ON task (organization_id, project_id, state, (coalesce(due_on, 'infinity'::date)), number);
CREATE INDEX task_owner ON task (organization_id, project_id, owner_id, (coalesce(due_on, 'infinity'::date)), number);
CREATE INDEX task_step ON task (organization_id, project_id, step, (coalesce(due_on, 'infinity'::date)), number);
CREATE INDEX task_finding ON task (organization_id, project_id, finding_id) WHERE finding_id IS NOT NULL;
-- What one person still has to do, over all projects of the organization.
CREATE INDEX task_mine ON task (organization_id, owner_id, (coalesce(due_on, 'infinity'::date)), number) WHERE state <> 'done';
-- Tasks that the plan's criteria look for: open ones without owner or date.
CREATE INDEX task_unplanned ON task (organization_id, project_id, number) WHERE state <> 'done' AND (owner_id IS NULL OR due_on IS NULL);

CREATE TABLE task_comment (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    task_id         uuid NOT NULL,
    id              uuid NOT NULL,
    person_id       uuid NOT NULL,
    body            text NOT NULL CHECK (body <> '' AND length(body) <= 10000),
    at              timestamptz NOT NULL,
    PRIMARY KEY (organization_id, project_id, task_id, id),
    FOREIGN KEY (organization_id, project_id, task_id) REFERENCES task (organization_id, project_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, person_id) REFERENCES membership (organization_id, person_id)
);

-- A task that cannot end before another has ended.
CREATE TABLE task_dependency (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    task_id         uuid NOT NULL,
    after_id        uuid NOT NULL,
    PRIMARY KEY (organization_id, project_id, task_id, after_id),
    FOREIGN KEY (organization_id, project_id, task_id) REFERENCES task (organization_id, project_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, project_id, after_id) REFERENCES task (organization_id, project_id, id) ON DELETE CASCADE,
    CHECK (task_id <> after_id)
);
CREATE INDEX task_dependency_after ON task_dependency (organization_id, project_id, after_id);

-- The plan as it was put before the chair.
CREATE TABLE plan_baseline (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    number          integer NOT NULL CHECK (number > 0),
    cycle           integer NOT NULL,
    person_id       uuid NOT NULL,
    at              timestamptz NOT NULL,
    tasks           integer NOT NULL,
    PRIMARY KEY (organization_id, project_id, number),
    FOREIGN KEY (organization_id, project_id) REFERENCES project (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, person_id) REFERENCES membership (organization_id, person_id)
);

CREATE TABLE plan_baseline_task (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    number          integer NOT NULL,
    task_id         uuid NOT NULL,
    owner_id        uuid,
    due_on          date,
    PRIMARY KEY (organization_id, project_id, number, task_id),
    FOREIGN KEY (organization_id, project_id, number)
        REFERENCES plan_baseline (organization_id, project_id, number) ON DELETE CASCADE
);
