DROP FUNCTION IF EXISTS companies_with_due_jobs();
DROP TABLE IF EXISTS job_queue;
DROP TYPE IF EXISTS job_state;
