-- Companies, their events, and the recovery cases of people whose payment failed.

CREATE TABLE IF NOT EXISTS companies (
    id         uuid PRIMARY KEY,
    name       text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- One row for each event that was ever accepted. A partitioned table cannot have a unique constraint without its
-- partition key, so the constraint that makes storing idempotent is here and not on "events".
CREATE TABLE IF NOT EXISTS event_keys (
    event_id    uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    company_id  uuid NOT NULL,
    external_id text NOT NULL CHECK (length(external_id) BETWEEN 1 AND 200),
    CONSTRAINT event_keys_company_external_id UNIQUE (company_id, external_id)
);

-- "payload" holds the few fields that the service works with, and nothing about the person.
CREATE TABLE IF NOT EXISTS events (
    id          uuid NOT NULL,
    company_id  uuid NOT NULL,
    external_id text NOT NULL,
    event_type  text NOT NULL CHECK (event_type IN ('payment_failed', 'payment_succeeded', 'customer_updated')),
    person_ref  text NOT NULL,
    payload     jsonb NOT NULL DEFAULT '{}',
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id, received_at),
    CONSTRAINT events_payload_is_minimal
        CHECK (payload - ARRAY['amount', 'currency', 'reason'] = '{}'::jsonb)
) PARTITION BY RANGE (received_at);

CREATE TABLE IF NOT EXISTS events_default PARTITION OF events DEFAULT;

CREATE TABLE IF NOT EXISTS recovery_cases (
    id             uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    company_id     uuid NOT NULL,
    person_ref     text NOT NULL,
    state          text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'recovered', 'closed')),
    first_event_id uuid,
    event_count    integer NOT NULL DEFAULT 1 CHECK (event_count > 0),
    opened_at      timestamptz NOT NULL DEFAULT now(),
    closed_at      timestamptz
);

-- A person has at most one open case in a company; simultaneous events join it.
CREATE UNIQUE INDEX IF NOT EXISTS recovery_cases_one_open
    ON recovery_cases (company_id, person_ref) WHERE state = 'open';

CREATE TABLE IF NOT EXISTS recovery_actions (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    company_id    uuid NOT NULL,
    case_id       uuid NOT NULL,
    kind          text NOT NULL CHECK (kind IN ('reminder')),
    offset_days   integer NOT NULL CHECK (offset_days >= 0),
    scheduled_for timestamptz NOT NULL,
    state         text NOT NULL DEFAULT 'scheduled' CHECK (state IN ('scheduled', 'sent', 'cancelled')),
    sent_at       timestamptz,
    CONSTRAINT recovery_actions_once UNIQUE (case_id, kind, offset_days)
);

GRANT SELECT ON companies TO webhook_app, webhook_scheduler;
GRANT SELECT, INSERT, UPDATE, DELETE ON event_keys, events, recovery_cases, recovery_actions
    TO webhook_app, webhook_scheduler;
