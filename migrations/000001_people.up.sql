-- People, their sessions and the installation itself: everything that belongs
-- to no organization. Row-level security works by person here; what must be
-- read before a person is known goes through the functions listed in
-- 000003_doors.

SET lock_timeout = '5s';

CREATE TABLE installation (
    one             boolean PRIMARY KEY DEFAULT true CHECK (one),
    set_up_code     bytea,
    set_up_at       timestamptz,
    administrator_id uuid,
    demo            boolean NOT NULL DEFAULT false
);
INSERT INTO installation (one) VALUES (true);

CREATE TABLE person (
    id              uuid PRIMARY KEY,
    email           text NOT NULL CHECK (email <> '' AND length(email) <= 254),
    name            text NOT NULL CHECK (name <> '' AND length(name) <= 120),
    password        text,
    language        text CHECK (language IN ('en', 'zh')),
    time_zone       text,
    theme           text NOT NULL DEFAULT 'system' CHECK (theme IN ('system', 'light', 'dark')),
    disabled_at     timestamptz,
    created_at      timestamptz NOT NULL,
    version         integer NOT NULL DEFAULT 1
);
-- An address belongs to one person, whatever its letters' case.
CREATE UNIQUE INDEX person_email ON person (lower(email));

CREATE TABLE session (
    id              uuid PRIMARY KEY,
    person_id       uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    token_hash      bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    created_at      timestamptz NOT NULL,
    last_seen_at    timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    revoked_at      timestamptz,
    user_agent      text NOT NULL DEFAULT '' CHECK (length(user_agent) <= 400),
    client_address  text NOT NULL DEFAULT '' CHECK (length(client_address) <= 64)
);
CREATE INDEX session_person ON session (person_id, created_at DESC);

-- Attempts to sign in that failed, by the hash of the address that was typed,
-- whether a person has it or not: an answer that tells to wait tells nothing
-- else. Each attempt counts as failed until it has succeeded, so that many at
-- once are no way round. open_at is when the next one is accepted.
CREATE TABLE sign_in_failure (
    email_hash      bytea PRIMARY KEY CHECK (length(email_hash) = 32),
    failures        integer NOT NULL,
    failed_at       timestamptz NOT NULL,
    open_at         timestamptz NOT NULL
);
CREATE INDEX sign_in_failure_age ON sign_in_failure (failed_at);

CREATE TABLE password_reset (
    token_hash      bytea PRIMARY KEY CHECK (length(token_hash) = 32),
    person_id       uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    created_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    used_at         timestamptz
);
CREATE INDEX password_reset_person ON password_reset (person_id, created_at DESC);

-- A form that creates something carries a key made by the server. The same key
-- with the same content answers with the first result; with other content it
-- is refused.
CREATE TABLE form_key (
    person_id       uuid NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    key             uuid NOT NULL,
    digest          bytea NOT NULL CHECK (length(digest) = 32),
    result          text NOT NULL,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (person_id, key)
);
CREATE INDEX form_key_age ON form_key (created_at);

-- Outgoing mail: the outbox that the administrator can read where no mail
-- server is configured, and the queue of the sender where one is.
CREATE TABLE mail (
    id              uuid PRIMARY KEY,
    once            text NOT NULL UNIQUE,
    kind            text NOT NULL CHECK (kind IN ('invitation', 'password_reset', 'due_list', 'notice')),
    recipient       text NOT NULL,
    language        text NOT NULL CHECK (language IN ('en', 'zh')),
    subject         text NOT NULL,
    body_text       text NOT NULL,
    body_html       text NOT NULL,
    created_at      timestamptz NOT NULL,
    attempts        integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL,
    sent_at         timestamptz,
    given_up_at     timestamptz,
    last_error      text NOT NULL DEFAULT ''
);
CREATE INDEX mail_waiting ON mail (next_attempt_at) WHERE sent_at IS NULL AND given_up_at IS NULL;
CREATE INDEX mail_newest ON mail (created_at DESC, id DESC);
