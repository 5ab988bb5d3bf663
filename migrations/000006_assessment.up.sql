-- Step 3: ratings, evidence, findings and baselines, and the files behind
-- evidence. A check has a row in rating from its first rating, comment or
-- evidence on, and not before.

SET lock_timeout = '5s';

CREATE TABLE assessment (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    mode            text NOT NULL DEFAULT '' CHECK (mode IN ('', 'external', 'self')),
    assessor        text NOT NULL DEFAULT '',
    engagement_id   uuid,
    version         integer NOT NULL DEFAULT 1,
    updated_by      uuid NOT NULL,
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (organization_id, project_id),
    FOREIGN KEY (organization_id, project_id) REFERENCES project (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, project_id, engagement_id) REFERENCES engagement (organization_id, project_id, id)
);

CREATE TABLE rating (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    check_id        text NOT NULL CHECK (length(check_id) <= 16),
    rating          text NOT NULL DEFAULT 'not_assessed'
                    CHECK (rating IN ('not_assessed', 'conforms', 'partly', 'not', 'not_triggered')),
    comment         text NOT NULL DEFAULT '' CHECK (length(comment) <= 10000),
    evidence        integer NOT NULL DEFAULT 0 CHECK (evidence >= 0),
    rate_again      boolean NOT NULL DEFAULT false,
    rated_by        uuid,
    rated_at        timestamptz,
    updated_by      uuid NOT NULL,
    updated_at      timestamptz NOT NULL,
    version         integer NOT NULL DEFAULT 1,
    PRIMARY KEY (organization_id, project_id, check_id),
    FOREIGN KEY (organization_id, project_id) REFERENCES project (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, rated_by) REFERENCES membership (organization_id, person_id)
);

CREATE TABLE finding (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    id              uuid NOT NULL,
    number          integer NOT NULL,
    check_id        text NOT NULL CHECK (length(check_id) <= 16),
    statement       text NOT NULL CHECK (statement <> '' AND length(statement) <= 10000),
    recommendation  text NOT NULL DEFAULT '' CHECK (length(recommendation) <= 10000),
    proposed        text NOT NULL CHECK (proposed IN ('none', 'major', 'minor', 'observation', 'opportunity')),
    severity        text NOT NULL CHECK (severity IN ('major', 'minor', 'observation', 'opportunity')),
    created_by      uuid NOT NULL,
    created_at      timestamptz NOT NULL,
    closed_at       timestamptz,
    closed_by       uuid,
    updated_at      timestamptz NOT NULL,
    version         integer NOT NULL DEFAULT 1,
    PRIMARY KEY (organization_id, project_id, id),
    UNIQUE (organization_id, project_id, number),
    FOREIGN KEY (organization_id, project_id) REFERENCES project (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, created_by) REFERENCES membership (organization_id, person_id)
);
CREATE INDEX finding_check ON finding (organization_id, project_id, check_id);
CREATE INDEX finding_open ON finding (organization_id, project_id, number) WHERE closed_at IS NULL;

-- A file's bytes lie in chunks of at most 256 KiB, so that neither storing nor
-- reading one ever holds the whole in memory. The same bytes are stored once
-- within an organization.
CREATE TABLE file (
    organization_id uuid NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
    id              uuid NOT NULL,
    sha256          bytea NOT NULL CHECK (length(sha256) = 32),
    size            bigint NOT NULL CHECK (size >= 0),
    media_type      text NOT NULL,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    UNIQUE (organization_id, sha256)
);

CREATE TABLE file_chunk (
    organization_id uuid NOT NULL,
    file_id         uuid NOT NULL,
    n               integer NOT NULL CHECK (n >= 0),
    bytes           bytea NOT NULL CHECK (length(bytes) BETWEEN 1 AND 262144),
    PRIMARY KEY (organization_id, file_id, n),
    FOREIGN KEY (organization_id, file_id) REFERENCES file (organization_id, id) ON DELETE CASCADE
);

-- Evidence under a check, a task or a fact of a step.
CREATE TABLE evidence (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    id              uuid NOT NULL,
    subject         text NOT NULL CHECK (subject IN ('check', 'task', 'criterion')),
    subject_id      text NOT NULL CHECK (length(subject_id) <= 36),
    kind            text NOT NULL CHECK (kind IN ('file', 'link', 'note')),
    title           text NOT NULL CHECK (title <> '' AND length(title) <= 300),
    link            text NOT NULL DEFAULT '' CHECK (length(link) <= 2000),
    note            text NOT NULL DEFAULT '' CHECK (length(note) <= 10000),
    file_id         uuid,
    person_id       uuid NOT NULL,
    created_at      timestamptz NOT NULL,
    withdrawn_at    timestamptz,
    version         integer NOT NULL DEFAULT 1,
    PRIMARY KEY (organization_id, project_id, id),
    FOREIGN KEY (organization_id, project_id) REFERENCES project (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, file_id) REFERENCES file (organization_id, id),
    FOREIGN KEY (organization_id, person_id) REFERENCES membership (organization_id, person_id),
    CHECK ((kind = 'file') = (file_id IS NOT NULL)),
    CHECK ((kind = 'link') = (link <> ''))
);
CREATE INDEX evidence_subject ON evidence (organization_id, project_id, subject, subject_id) WHERE withdrawn_at IS NULL;

-- A frozen picture of all ratings. The first and the latest are shown beside
-- today's value.
CREATE TABLE baseline (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    number          integer NOT NULL CHECK (number > 0),
    cycle           integer NOT NULL,
    person_id       uuid NOT NULL,
    at              timestamptz NOT NULL,
    note            text NOT NULL DEFAULT '',
    PRIMARY KEY (organization_id, project_id, number),
    FOREIGN KEY (organization_id, project_id) REFERENCES project (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, person_id) REFERENCES membership (organization_id, person_id)
);

CREATE TABLE baseline_rating (
    organization_id uuid NOT NULL,
    project_id      uuid NOT NULL,
    number          integer NOT NULL,
    check_id        text NOT NULL,
    rating          text NOT NULL CHECK (rating IN ('not_assessed', 'conforms', 'partly', 'not', 'not_triggered')),
    PRIMARY KEY (organization_id, project_id, number, check_id),
    FOREIGN KEY (organization_id, project_id, number)
        REFERENCES baseline (organization_id, project_id, number) ON DELETE CASCADE
);
