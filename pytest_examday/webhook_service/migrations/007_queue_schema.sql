-- Around the queue: when each scheduled task ran last, and the jobs that failed for good.

CREATE SCHEMA IF NOT EXISTS queue;

CREATE TABLE IF NOT EXISTS queue.schedules (
    name             text PRIMARY KEY,
    last_started_at  timestamptz,
    last_finished_at timestamptz,
    runs             bigint NOT NULL DEFAULT 0,
    last_error       text
);

CREATE TABLE IF NOT EXISTS queue.dead_jobs (
    job_id     uuid PRIMARY KEY,
    company_id uuid NOT NULL,
    kind       text NOT NULL,
    attempts   integer NOT NULL,
    error      text NOT NULL,
    died_at    timestamptz NOT NULL DEFAULT now()
);

GRANT USAGE ON SCHEMA queue TO webhook_app, webhook_scheduler;
GRANT SELECT, INSERT, UPDATE ON queue.schedules TO webhook_app, webhook_scheduler;
GRANT SELECT, INSERT, UPDATE, DELETE ON queue.dead_jobs TO webhook_app, webhook_scheduler;

ALTER TABLE queue.dead_jobs ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS dead_jobs_of_company ON queue.dead_jobs;
CREATE POLICY dead_jobs_of_company ON queue.dead_jobs
    USING (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
