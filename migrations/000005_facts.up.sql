-- The facts that the criteria of steps 1, 2, 4 and 6 to 9 read. Rows that a
-- person edits carry a version. Acts and dates of one cycle carry its number;
-- what is carried forward into the next cycle (scope, committee) does not.

SET lock_timeout = '5s';

-- Step 1, awareness
CREATE TABLE awareness (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    objectives      text NOT NULL DEFAULT '',
    advantages      text NOT NULL DEFAULT '',
    approach        text NOT NULL DEFAULT '',
    version         integer NOT NULL DEFAULT 1,
    updated_by      uuid NOT NULL,
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (organization_id, project_id),
    FOREIGN KEY (organization_id, project_id) REFERENCES project (organization_id, id) ON DELETE CASCADE
);

CREATE TABLE audience (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    id              uuid NOT NULL,
    name            text NOT NULL CHECK (name <> ''),
    created_at      timestamptz NOT NULL,
    version         integer NOT NULL DEFAULT 1,
    PRIMARY KEY (organization_id, project_id, id),
    FOREIGN KEY (organization_id, project_id) REFERENCES project (organization_id, id) ON DELETE CASCADE
);

CREATE TABLE communication (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    id              uuid NOT NULL,
    audience_id     uuid NOT NULL,
    channel         text NOT NULL CHECK (channel IN ('meeting', 'mail', 'intranet', 'other')),
    held_on         date NOT NULL,
    proof           text NOT NULL CHECK (proof <> ''),
    person_id       uuid NOT NULL,
    created_at      timestamptz NOT NULL,
    version         integer NOT NULL DEFAULT 1,
    PRIMARY KEY (organization_id, project_id, id),
    FOREIGN KEY (organization_id, project_id, audience_id)
        REFERENCES audience (organization_id, project_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, person_id) REFERENCES membership (organization_id, person_id)
);
CREATE INDEX communication_audience ON communication (organization_id, project_id, audience_id, held_on);

-- Step 2, scope
CREATE TABLE scope (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    extent          text NOT NULL DEFAULT 'undecided' CHECK (extent IN ('undecided', 'whole', 'limited')),
    name            text NOT NULL DEFAULT '',
    statement       text NOT NULL DEFAULT '',
    people          integer CHECK (people BETWEEN 0 AND 10000000),
    version         integer NOT NULL DEFAULT 1,
    updated_by      uuid NOT NULL,
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (organization_id, project_id),
    FOREIGN KEY (organization_id, project_id) REFERENCES project (organization_id, id) ON DELETE CASCADE
);

CREATE TABLE scope_item (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    id              uuid NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('unit', 'service', 'location', 'customer')),
    name            text NOT NULL CHECK (name <> ''),
    included        boolean NOT NULL,
    reason          text NOT NULL DEFAULT '',
    country         text NOT NULL DEFAULT '',
    people          integer CHECK (people BETWEEN 0 AND 10000000),
    central         boolean NOT NULL DEFAULT false,
    customer_kind   text NOT NULL DEFAULT 'unspecified' CHECK (customer_kind IN ('unspecified', 'internal', 'external')),
    created_at      timestamptz NOT NULL,
    version         integer NOT NULL DEFAULT 1,
    PRIMARY KEY (organization_id, project_id, id),
    FOREIGN KEY (organization_id, project_id) REFERENCES project (organization_id, id) ON DELETE CASCADE
);

-- Step 4, committee. A process owner's appointment names one clause area.
CREATE TABLE appointment (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    id              uuid NOT NULL,
    role            text NOT NULL CHECK (role IN ('project_manager', 'chair', 'staff', 'process_owner')),
    clause          text NOT NULL DEFAULT '',
    person_id       uuid NOT NULL,
    asked_by        uuid NOT NULL,
    asked_at        timestamptz NOT NULL,
    accepted_at     timestamptz,
    declined_at     timestamptz,
    answer          text NOT NULL DEFAULT '',
    ended_at        timestamptz,
    version         integer NOT NULL DEFAULT 1,
    PRIMARY KEY (organization_id, project_id, id),
    FOREIGN KEY (organization_id, project_id) REFERENCES project (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, person_id) REFERENCES membership (organization_id, person_id),
    CHECK ((role = 'process_owner') = (clause <> '')),
    CHECK (accepted_at IS NULL OR declined_at IS NULL)
);
-- The same person is not appointed twice to the same thing while it stands.
CREATE UNIQUE INDEX appointment_once ON appointment (organization_id, project_id, role, clause, person_id)
    WHERE ended_at IS NULL AND declined_at IS NULL;
-- One project manager and one chair at a time, whoever writes.
CREATE UNIQUE INDEX appointment_one ON appointment (organization_id, project_id, role)
    WHERE role IN ('project_manager', 'chair') AND ended_at IS NULL AND declined_at IS NULL;
CREATE INDEX appointment_person ON appointment (organization_id, person_id) WHERE ended_at IS NULL;

CREATE TABLE meeting (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    id              uuid NOT NULL,
    cycle           integer NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('kick_off', 'committee')),
    held_on         date NOT NULL,
    present         text NOT NULL,
    minutes         text NOT NULL,
    person_id       uuid NOT NULL,
    created_at      timestamptz NOT NULL,
    version         integer NOT NULL DEFAULT 1,
    PRIMARY KEY (organization_id, project_id, id),
    FOREIGN KEY (organization_id, project_id) REFERENCES project (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, person_id) REFERENCES membership (organization_id, person_id)
);

-- Steps 3 and 6: whoever advised or audited the organization, for the rules of
-- impartiality (ISO/IEC 17021-1, 5.2)
CREATE TABLE engagement (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    id              uuid NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('consultancy', 'internal_audit')),
    firm            text NOT NULL CHECK (firm <> ''),
    people          text NOT NULL DEFAULT '',
    began_on        date NOT NULL,
    ended_on        date CHECK (ended_on >= began_on),
    created_at      timestamptz NOT NULL,
    version         integer NOT NULL DEFAULT 1,
    PRIMARY KEY (organization_id, project_id, id),
    FOREIGN KEY (organization_id, project_id) REFERENCES project (organization_id, id) ON DELETE CASCADE
);

-- Step 6, selection
CREATE TABLE candidate (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    id              uuid NOT NULL,
    name            text NOT NULL CHECK (name <> ''),
    accreditation_body text NOT NULL DEFAULT '',
    accreditation_number text NOT NULL DEFAULT '',
    accreditation_checked_on date,
    covers_standard boolean NOT NULL DEFAULT false,
    -- person-days in tenths, so that half days are exact
    audit_tenths    integer CHECK (audit_tenths BETWEEN 0 AND 100000),
    price           text NOT NULL DEFAULT '',
    quote_until     date,
    auditors        text NOT NULL DEFAULT '',
    ties            text NOT NULL DEFAULT '',
    notes           text NOT NULL DEFAULT '',
    created_at      timestamptz NOT NULL,
    version         integer NOT NULL DEFAULT 1,
    PRIMARY KEY (organization_id, project_id, id),
    FOREIGN KEY (organization_id, project_id) REFERENCES project (organization_id, id) ON DELETE CASCADE
);

CREATE TABLE selection (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    candidate_id    uuid,
    reason          text NOT NULL DEFAULT '',
    consultant      text NOT NULL DEFAULT '' CHECK (consultant IN ('', 'none', 'engaged')),
    engagement_id   uuid,
    consultant_reason text NOT NULL DEFAULT '',
    version         integer NOT NULL DEFAULT 1,
    -- The contract follows the decision: its day has a version of its own, so
    -- that recording it does not void the approval of the choice.
    contract_signed_on date,
    contract_version integer NOT NULL DEFAULT 0,
    updated_by      uuid NOT NULL,
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (organization_id, project_id),
    FOREIGN KEY (organization_id, project_id) REFERENCES project (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, project_id, candidate_id) REFERENCES candidate (organization_id, project_id, id),
    FOREIGN KEY (organization_id, project_id, engagement_id) REFERENCES engagement (organization_id, project_id, id),
    CHECK ((consultant = 'engaged') = (engagement_id IS NOT NULL))
);

-- Step 7, preparation
CREATE TABLE internal_audit (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    id              uuid NOT NULL,
    cycle           integer NOT NULL,
    began_on        date NOT NULL,
    ended_on        date NOT NULL CHECK (ended_on >= began_on),
    auditor         text NOT NULL CHECK (auditor <> ''),
    all_clauses     boolean NOT NULL,
    independent     boolean NOT NULL,
    conclusion      text NOT NULL CHECK (conclusion <> ''),
    person_id       uuid NOT NULL,
    created_at      timestamptz NOT NULL,
    version         integer NOT NULL DEFAULT 1,
    PRIMARY KEY (organization_id, project_id, id),
    FOREIGN KEY (organization_id, project_id) REFERENCES project (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, person_id) REFERENCES membership (organization_id, person_id)
);

CREATE TABLE management_review (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    id              uuid NOT NULL,
    cycle           integer NOT NULL,
    held_on         date NOT NULL,
    chaired_by      text NOT NULL CHECK (chaired_by <> ''),
    all_inputs      boolean NOT NULL,
    decisions       text NOT NULL CHECK (decisions <> ''),
    person_id       uuid NOT NULL,
    created_at      timestamptz NOT NULL,
    version         integer NOT NULL DEFAULT 1,
    PRIMARY KEY (organization_id, project_id, id),
    FOREIGN KEY (organization_id, project_id) REFERENCES project (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, person_id) REFERENCES membership (organization_id, person_id)
);

-- Step 8, audit
CREATE TABLE audit_stage (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    cycle           integer NOT NULL,
    stage           smallint NOT NULL CHECK (stage IN (1, 2)),
    planned_on      date,
    began_on        date,
    ended_on        date CHECK (ended_on >= began_on),
    lead_auditor    text NOT NULL DEFAULT '',
    conclusion      text NOT NULL DEFAULT '',
    version         integer NOT NULL DEFAULT 1,
    updated_by      uuid NOT NULL,
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (organization_id, project_id, cycle, stage),
    FOREIGN KEY (organization_id, project_id) REFERENCES project (organization_id, id) ON DELETE CASCADE
);

-- What the certification body found: areas of concern at stage 1, major and
-- minor nonconformities at stage 2.
CREATE TABLE nonconformity (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    id              uuid NOT NULL,
    cycle           integer NOT NULL,
    grade           text NOT NULL CHECK (grade IN ('concern', 'major', 'minor')),
    clause          text NOT NULL,
    statement       text NOT NULL CHECK (statement <> ''),
    answer          text NOT NULL DEFAULT '',
    due_on          date,
    accepted_on     date,
    closed_on       date,
    created_at      timestamptz NOT NULL,
    version         integer NOT NULL DEFAULT 1,
    PRIMARY KEY (organization_id, project_id, id),
    FOREIGN KEY (organization_id, project_id) REFERENCES project (organization_id, id) ON DELETE CASCADE
);

CREATE TABLE certification_decision (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    cycle           integer NOT NULL,
    granted         boolean NOT NULL,
    decided_on      date NOT NULL,
    reference       text NOT NULL CHECK (reference <> ''),
    version         integer NOT NULL DEFAULT 1,
    updated_by      uuid NOT NULL,
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (organization_id, project_id, cycle),
    FOREIGN KEY (organization_id, project_id) REFERENCES project (organization_id, id) ON DELETE CASCADE
);

-- Step 9, certificate
CREATE TABLE certificate (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    cycle           integer NOT NULL,
    number          text NOT NULL CHECK (number <> ''),
    scope           text NOT NULL DEFAULT '',
    decided_on      date NOT NULL,
    expires_on      date NOT NULL CHECK (expires_on > decided_on),
    version         integer NOT NULL DEFAULT 1,
    updated_by      uuid NOT NULL,
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (organization_id, project_id, cycle),
    FOREIGN KEY (organization_id, project_id) REFERENCES project (organization_id, id) ON DELETE CASCADE
);

CREATE TABLE surveillance (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    cycle           integer NOT NULL,
    -- 1 and 2 are the surveillance audits, 3 is the recertification audit
    visit           smallint NOT NULL CHECK (visit IN (1, 2, 3)),
    planned_on      date,
    held_on         date,
    conclusion      text NOT NULL DEFAULT '',
    version         integer NOT NULL DEFAULT 1,
    updated_by      uuid NOT NULL,
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (organization_id, project_id, cycle, visit),
    FOREIGN KEY (organization_id, project_id) REFERENCES project (organization_id, id) ON DELETE CASCADE
);
