CREATE TABLE people (
    id        uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    mail      text NOT NULL UNIQUE,
    word_hash bytea NOT NULL,
    is_admin  boolean NOT NULL DEFAULT false
);

CREATE TABLE grants (
    token_hash bytea PRIMARY KEY,
    kind       text NOT NULL CHECK (kind IN ('access', 'renewal')),
    family     uuid NOT NULL,
    person_id  uuid NOT NULL REFERENCES people (id),
    good_until timestamptz NOT NULL
);
CREATE INDEX grants_family ON grants (family);

CREATE TABLE bank (
    id      uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    text    text NOT NULL,
    options text[] NOT NULL,
    truth   smallint NOT NULL CHECK (truth BETWEEN 0 AND 3)
);

CREATE TABLE papers (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    person_id   uuid NOT NULL REFERENCES people (id),
    state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
    opened_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    ends_at     timestamptz NOT NULL,
    closed_at   timestamptz,
    points      integer,
    opened_once text,
    closed_once text,
    UNIQUE (person_id, opened_once)
);

-- A question of an exam and what was picked for it; pick is NULL where it was left blank.
CREATE TABLE paper_items (
    paper_id  uuid NOT NULL REFERENCES papers (id),
    n         smallint NOT NULL,
    bank_id   uuid NOT NULL REFERENCES bank (id),
    pick      smallint,
    picked_at timestamptz,
    PRIMARY KEY (paper_id, n)
);

-- what: 1 opened, 2 picked, 3 closed
CREATE TABLE trail (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    paper_id uuid NOT NULL REFERENCES papers (id),
    what     smallint NOT NULL CHECK (what IN (1, 2, 3)),
    n        smallint,
    pick     smallint,
    at       timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX trail_paper ON trail (paper_id);

CREATE TABLE switches (
    name  text PRIMARY KEY,
    is_on boolean NOT NULL
);

CREATE TABLE chores (
    id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    at   timestamptz NOT NULL DEFAULT clock_timestamp()
);

INSERT INTO bank (text, options, truth)
SELECT format('What is %s times 7?', n),
       ARRAY(SELECT (7 * (n + step) - 7 * (n % 4))::text FROM generate_series(0, 3) AS step),
       n % 4
FROM generate_series(1, 120) AS n;
