-- Tables of the exam platform.
--
-- Duplicates of SUBMIT events and of mastery updates are prevented by the submit transaction (a row lock
-- on the session), not by a unique index, as on the platforms that this one stands in for.

CREATE TABLE themes (
    id   integer PRIMARY KEY,
    name text NOT NULL UNIQUE
);

CREATE TABLE users (
    id            uuid PRIMARY KEY,
    email         text NOT NULL UNIQUE CHECK (email = lower(email)),
    password_hash text NOT NULL,
    role          text NOT NULL CHECK (role IN ('candidate', 'admin')),
    created_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE questions (
    id             uuid PRIMARY KEY,
    stem           text NOT NULL CHECK (stem <> ''),
    choices        jsonb NOT NULL CHECK (jsonb_typeof(choices) = 'array'),
    correct_choice text NOT NULL,
    theme_id       integer NOT NULL REFERENCES themes (id)
);
CREATE INDEX questions_theme ON questions (theme_id);

CREATE TABLE exam_sessions (
    id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id         uuid NOT NULL REFERENCES users (id),
    status          text NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE', 'SUBMITTED')),
    question_count  integer NOT NULL CHECK (question_count > 0),
    created_at      timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz NOT NULL,
    submitted_at    timestamptz,
    score           integer,
    max_score       integer,
    idempotency_key text,
    UNIQUE (user_id, idempotency_key)
);
CREATE INDEX exam_sessions_status ON exam_sessions (status, expires_at);

CREATE TABLE session_questions (
    session_id     uuid NOT NULL REFERENCES exam_sessions (id),
    question_id    uuid NOT NULL REFERENCES questions (id),
    position       integer NOT NULL CHECK (position > 0),
    correct_choice text NOT NULL,
    PRIMARY KEY (session_id, question_id),
    UNIQUE (session_id, position)
);

CREATE TABLE session_answers (
    session_id  uuid NOT NULL REFERENCES exam_sessions (id),
    question_id uuid NOT NULL REFERENCES questions (id),
    choice      text,
    sequence    integer NOT NULL CHECK (sequence >= 0),
    marked      boolean NOT NULL DEFAULT false,
    saved_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (session_id, question_id)
);

CREATE TABLE attempt_events (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    session_id  uuid NOT NULL REFERENCES exam_sessions (id),
    user_id     uuid NOT NULL REFERENCES users (id),
    kind        text NOT NULL CHECK (kind IN ('CREATE', 'ANSWER', 'SUBMIT')),
    question_id uuid REFERENCES questions (id),
    choice      text,
    sequence    integer,
    request_id  text,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX attempt_events_session ON attempt_events (session_id, kind);

CREATE TABLE mastery (
    user_id    uuid NOT NULL REFERENCES users (id),
    theme_id   integer NOT NULL REFERENCES themes (id),
    correct    integer NOT NULL DEFAULT 0,
    total      integer NOT NULL DEFAULT 0,
    level      double precision NOT NULL DEFAULT 0.5,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, theme_id)
);

CREATE TABLE mastery_updates (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES exam_sessions (id),
    theme_id   integer NOT NULL REFERENCES themes (id),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX mastery_updates_session ON mastery_updates (session_id, theme_id);

CREATE TABLE refresh_tokens (
    token_hash bytea PRIMARY KEY,
    family_id  uuid NOT NULL,
    user_id    uuid NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    rotated_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX refresh_tokens_family ON refresh_tokens (family_id);

CREATE TABLE job_runs (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        text NOT NULL,
    outcome     text NOT NULL CHECK (outcome IN ('done', 'skipped')),
    reason      text,
    row_count   integer NOT NULL DEFAULT 0,
    started_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE revision_queue (
    user_id     uuid NOT NULL REFERENCES users (id),
    question_id uuid NOT NULL REFERENCES questions (id),
    due_at      timestamptz NOT NULL,
    PRIMARY KEY (user_id, question_id)
);

CREATE TABLE warehouse_sessions (
    session_id   uuid PRIMARY KEY REFERENCES exam_sessions (id),
    score        integer,
    max_score    integer,
    submitted_at timestamptz NOT NULL,
    exported_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE admin_runs (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    operation    text NOT NULL,
    requested_by uuid NOT NULL REFERENCES users (id),
    affected     integer NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE user_ranks (
    user_id     uuid PRIMARY KEY REFERENCES users (id),
    total_score integer NOT NULL,
    rank        integer NOT NULL,
    ranked_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE item_parameters (
    question_id   uuid PRIMARY KEY REFERENCES questions (id),
    difficulty    double precision NOT NULL,
    calibrated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE email_outbox (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recipient  text NOT NULL,
    subject    text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at    timestamptz
);

CREATE TABLE notifications (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id    uuid NOT NULL REFERENCES users (id),
    message    text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
