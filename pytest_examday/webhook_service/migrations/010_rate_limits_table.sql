-- How many webhooks of a company were accepted in its present window.

CREATE TABLE IF NOT EXISTS rate_limits (
    company_id        uuid PRIMARY KEY REFERENCES companies (id) ON DELETE CASCADE,
    window_started_at timestamptz NOT NULL,
    accepted          integer NOT NULL CHECK (accepted >= 0)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON rate_limits TO webhook_app, webhook_scheduler;

ALTER TABLE rate_limits ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS rate_limits_of_company ON rate_limits;
CREATE POLICY rate_limits_of_company ON rate_limits
    USING (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
