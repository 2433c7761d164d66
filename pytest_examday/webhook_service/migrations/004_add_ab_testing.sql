-- Two texts of a reminder can be compared: each case of a company gets one variant of the company's experiment.

CREATE TABLE IF NOT EXISTS experiments (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    company_id uuid NOT NULL,
    name       text NOT NULL,
    variants   text[] NOT NULL CHECK (cardinality(variants) > 1),
    CONSTRAINT experiments_name UNIQUE (company_id, name)
);

CREATE TABLE IF NOT EXISTS experiment_assignments (
    company_id    uuid NOT NULL,
    experiment_id uuid NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    case_id       uuid NOT NULL REFERENCES recovery_cases (id) ON DELETE CASCADE,
    variant       text NOT NULL,
    assigned_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (experiment_id, case_id)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON experiments, experiment_assignments TO webhook_app, webhook_scheduler;

ALTER TABLE experiments ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS experiments_of_company ON experiments;
CREATE POLICY experiments_of_company ON experiments
    USING (company_id = nullif(current_setting('app.company_id', true), '')::uuid);

ALTER TABLE experiment_assignments ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS experiment_assignments_of_company ON experiment_assignments;
CREATE POLICY experiment_assignments_of_company ON experiment_assignments
    USING (company_id = nullif(current_setting('app.company_id', true), '')::uuid);
