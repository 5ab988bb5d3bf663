-- Organizations are the tenants: organization_id leads every key below it, and
-- deleting an organization deletes everything under it but its audit trail.

SET lock_timeout = '5s';

CREATE TABLE organization (
    id              uuid PRIMARY KEY,
    name            text NOT NULL CHECK (name <> '' AND length(name) <= 200),
    time_zone       text NOT NULL,
    language        text NOT NULL CHECK (language IN ('en', 'zh')),
    sample          boolean NOT NULL DEFAULT false,
    created_at      timestamptz NOT NULL,
    archived_at     timestamptz,
    version         integer NOT NULL DEFAULT 1
);

-- Who belongs to an organization. Name and address are kept here beside the
-- person's own row, so that a list of colleagues never opens the table of all
-- people, and so that somebody who left is still named in the history.
CREATE TABLE membership (
    organization_id uuid NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
    person_id       uuid NOT NULL REFERENCES person (id),
    role            text NOT NULL CHECK (role IN ('owner', 'member')),
    name            text NOT NULL,
    email           text NOT NULL,
    language        text,
    created_at      timestamptz NOT NULL,
    removed_at      timestamptz,
    version         integer NOT NULL DEFAULT 1,
    PRIMARY KEY (organization_id, person_id)
);
CREATE INDEX membership_person ON membership (person_id) WHERE removed_at IS NULL;
-- The people of an organization, by name.
CREATE INDEX membership_name ON membership (organization_id, name, person_id) WHERE removed_at IS NULL;

CREATE TABLE project (
    organization_id uuid NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
    id              uuid NOT NULL,
    name            text NOT NULL CHECK (name <> '' AND length(name) <= 200),
    edition         text NOT NULL,
    cycle           integer NOT NULL DEFAULT 1 CHECK (cycle >= 1),
    target_on       date NOT NULL,
    created_by      uuid NOT NULL,
    created_at      timestamptz NOT NULL,
    archived_at     timestamptz,
    last_task       integer NOT NULL DEFAULT 0,
    last_finding    integer NOT NULL DEFAULT 0,
    version         integer NOT NULL DEFAULT 1,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, created_by) REFERENCES membership (organization_id, person_id)
);

-- The target date was set at creation; each later change keeps its reason.
CREATE TABLE target_change (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    id              uuid NOT NULL,
    from_on         date NOT NULL,
    to_on           date NOT NULL,
    reason          text NOT NULL CHECK (reason <> ''),
    person_id       uuid NOT NULL,
    at              timestamptz NOT NULL,
    PRIMARY KEY (organization_id, project_id, id),
    FOREIGN KEY (organization_id, project_id) REFERENCES project (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, person_id) REFERENCES membership (organization_id, person_id)
);

-- What a person may do in a project. until_on is the last day of a guest.
CREATE TABLE project_role (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    person_id       uuid NOT NULL,
    role            text NOT NULL CHECK (role IN ('sponsor', 'project_manager', 'consultant',
                        'committee_member', 'internal_auditor', 'guest_auditor')),
    acting          boolean NOT NULL DEFAULT false,
    until_on        date,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (organization_id, project_id, person_id, role),
    FOREIGN KEY (organization_id, project_id) REFERENCES project (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, person_id) REFERENCES membership (organization_id, person_id),
    CHECK (until_on IS NULL OR role = 'guest_auditor')
);
CREATE INDEX project_role_person ON project_role (organization_id, person_id);

CREATE TABLE invitation (
    organization_id uuid NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
    id              uuid NOT NULL,
    token_hash      bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    email           text NOT NULL,
    name            text NOT NULL DEFAULT '',
    organization_role text NOT NULL CHECK (organization_role IN ('owner', 'member')),
    project_id      uuid,
    project_role    text CHECK (project_role IN ('sponsor', 'project_manager', 'consultant',
                        'committee_member', 'internal_auditor', 'guest_auditor')),
    until_on        date,
    invited_by      uuid NOT NULL,
    created_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    accepted_at     timestamptz,
    accepted_by     uuid,
    withdrawn_at    timestamptz,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, project_id) REFERENCES project (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, invited_by) REFERENCES membership (organization_id, person_id),
    CHECK ((project_id IS NULL) = (project_role IS NULL))
);
CREATE INDEX invitation_newest ON invitation (organization_id, created_at DESC);
