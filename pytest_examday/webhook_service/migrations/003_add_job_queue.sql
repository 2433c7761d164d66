-- Jobs wait here until a worker claims them with a lease; a job whose lease has run out may be claimed again.

DO $$
BEGIN
    CREATE TYPE job_state AS ENUM ('waiting', 'active', 'done', 'failed');
EXCEPTION
    WHEN duplicate_object THEN NULL;
END
$$;

CREATE TABLE IF NOT EXISTS job_queue (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    company_id   uuid NOT NULL,
    kind         text NOT NULL,
    payload      jsonb NOT NULL DEFAULT '{}',
    run_at       timestamptz NOT NULL DEFAULT now(),
    state        job_state NOT NULL DEFAULT 'waiting',
    attempts     integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    max_attempts integer NOT NULL DEFAULT 3 CHECK (max_attempts > 0),
    claimed_by   text,
    lease_until  timestamptz,
    last_error   text,
    created_at   timestamptz NOT NULL DEFAULT now(),
    finished_at  timestamptz,
    CONSTRAINT job_queue_lease CHECK ((state = 'active') = (lease_until IS NOT NULL))
);

GRANT SELECT, INSERT, UPDATE, DELETE ON job_queue TO webhook_app, webhook_scheduler;

ALTER TABLE job_queue ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS job_queue_of_company ON job_queue;
CREATE POLICY job_queue_of_company ON job_queue
    USING (company_id = nullif(current_setting('app.company_id', true), '')::uuid);

-- The schedulers ask which companies have something to do. They are not allowed to see jobs of several companies at
-- once, so the function looks at one company after the other, as its caller.
CREATE OR REPLACE FUNCTION companies_with_due_jobs() RETURNS SETOF uuid
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    company uuid;
BEGIN
    FOR company IN SELECT id FROM companies ORDER BY id LOOP
        PERFORM set_config('app.company_id', company::text, true);
        IF EXISTS (
            SELECT FROM job_queue
            WHERE (state = 'waiting' AND run_at <= now()) OR (state = 'active' AND lease_until < now())
        ) THEN
            RETURN NEXT company;
        END IF;
    END LOOP;
END
$$;

REVOKE ALL ON FUNCTION companies_with_due_jobs() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION companies_with_due_jobs() TO webhook_scheduler;
