CREATE SCHEMA exam;

CREATE TABLE exam.person (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email         text NOT NULL UNIQUE,
    password_hash bytea NOT NULL,
    is_staff      boolean NOT NULL DEFAULT false
);

CREATE TABLE exam.login (
    sid_hash   bytea PRIMARY KEY,
    person_id  bigint NOT NULL REFERENCES exam.person (id),
    good_until timestamptz NOT NULL
);

-- The logins that were tried from one address since `began`, at most a minute ago.
CREATE TABLE exam.login_tries (
    address text PRIMARY KEY,
    began   timestamptz NOT NULL,
    tries   integer NOT NULL
);

CREATE TABLE exam.question (
    id   integer PRIMARY KEY,
    text text NOT NULL
);

CREATE TABLE exam.choice (
    id          integer PRIMARY KEY,
    question_id integer NOT NULL REFERENCES exam.question (id),
    text        text NOT NULL,
    is_right    boolean NOT NULL
);
CREATE INDEX choice_question ON exam.choice (question_id);

-- right_choices: {"17": 68, …}, the right choice of each question as it was when the attempt began
CREATE TABLE exam.attempt (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id     bigint NOT NULL REFERENCES exam.person (id),
    once          uuid,
    state         text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done')),
    began         timestamptz NOT NULL DEFAULT clock_timestamp(),
    ends          timestamptz NOT NULL,
    right_choices jsonb NOT NULL,
    score         integer,
    UNIQUE (person_id, once)
);

CREATE TABLE exam.attempt_question (
    attempt_id  bigint NOT NULL REFERENCES exam.attempt (id),
    place       integer NOT NULL,
    question_id integer NOT NULL REFERENCES exam.question (id),
    PRIMARY KEY (attempt_id, question_id)
);

-- Every choice that was ever made. The one with the highest sequence counts.
CREATE TABLE exam.choice_made (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    attempt_id  bigint NOT NULL,
    question_id integer NOT NULL,
    choice_id   integer NOT NULL REFERENCES exam.choice (id),
    sequence    bigint NOT NULL,
    made        timestamptz NOT NULL DEFAULT clock_timestamp(),
    FOREIGN KEY (attempt_id, question_id) REFERENCES exam.attempt_question,
    UNIQUE (attempt_id, question_id, sequence)
);

CREATE TABLE exam.finish (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    attempt_id bigint NOT NULL REFERENCES exam.attempt (id),
    at         timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX finish_attempt ON exam.finish (attempt_id);

CREATE TABLE exam.flags (
    name  text PRIMARY KEY,
    is_on boolean NOT NULL
);

-- What was recalculated or sent.
CREATE TABLE exam.staff_work (
    id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    at   timestamptz NOT NULL DEFAULT clock_timestamp()
);

INSERT INTO exam.question SELECT n, format('Which is the capital of country %s?', n) FROM generate_series(11, 130) AS n;

INSERT INTO exam.choice
SELECT 4 * question.id + step, question.id, format('City %s', 4 * question.id + step), step = question.id % 4
FROM exam.question, generate_series(0, 3) AS step;
