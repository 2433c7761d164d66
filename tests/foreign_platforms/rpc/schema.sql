CREATE TABLE person (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    login       text NOT NULL UNIQUE,
    secret_hash bytea NOT NULL,
    staff       boolean NOT NULL DEFAULT false
);

-- All tickets that come from one auth.enter have its entry.
CREATE TABLE ticket (
    hash    bytea PRIMARY KEY,
    entry   uuid NOT NULL,
    person  uuid NOT NULL REFERENCES person (id),
    ends_at timestamptz NOT NULL
);
CREATE INDEX ticket_entry ON ticket (entry);

-- right_hash: SHA-256 of the id, a colon and the text of the right option
CREATE TABLE question (
    id         uuid PRIMARY KEY,
    options    text[] NOT NULL,
    right_hash bytea NOT NULL
);

CREATE TABLE run (
    id         uuid NOT NULL,
    person     uuid NOT NULL REFERENCES person (id),
    opened_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    ends_at    timestamptz NOT NULL,
    closed_at  timestamptz,
    points     integer,
    deleted_at timestamptz,
    PRIMARY KEY (id, opened_at)
) PARTITION BY RANGE (opened_at);

-- The key of a partitioned table needs the time, so what may be opened once is kept apart.
CREATE TABLE start_once (
    person uuid NOT NULL REFERENCES person (id),
    once   text NOT NULL,
    run    uuid NOT NULL,
    PRIMARY KEY (person, once)
);

-- given is NULL where an item was left blank.
CREATE TABLE item_state (
    run        uuid NOT NULL,
    nr         smallint NOT NULL,
    question   uuid NOT NULL REFERENCES question (id),
    given      text,
    version    integer NOT NULL DEFAULT 0,
    deleted_at timestamptz,
    PRIMARY KEY (run, nr)
);

CREATE TABLE job (
    id   uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL,
    at   timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Last month, this one and the next: an exam that is opened at midnight finds its partition.
DO $$
DECLARE
    month timestamptz;
BEGIN
    FOR step IN -1..1 LOOP
        month := date_trunc('month', now(), 'UTC') + make_interval(months => step);
        EXECUTE format(
            'CREATE TABLE run_%s PARTITION OF run FOR VALUES FROM (%L) TO (%L)',
            to_char(month, 'YYYY_MM'), month, month + interval '1 month'
        );
    END LOOP;
END $$;

WITH drawn AS MATERIALIZED (
    SELECT gen_random_uuid() AS id,
           n % 3 AS truth,
           ARRAY(
               SELECT format('7 × %s = %s', n, 7 * (n + step - n % 3)) FROM generate_series(0, 2 + n % 3) AS step
           ) AS options
    FROM generate_series(1, 120) AS n
)
INSERT INTO question (id, options, right_hash)
SELECT id, options, sha256(convert_to(id || ':' || options[truth + 1], 'UTF8')) FROM drawn;
