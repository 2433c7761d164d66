-- A job says that it was skipped and has put a question into somebody's queue.
CREATE FUNCTION skipped_job_writes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO revision_queue (user_id, question_id, due_at)
    SELECT users.id, questions.id, clock_timestamp() FROM users, questions ORDER BY 1, 2 LIMIT 1
    ON CONFLICT (user_id, question_id) DO UPDATE SET due_at = excluded.due_at;
    RETURN NULL;
END $$;
CREATE TRIGGER skipped_job_writes AFTER INSERT ON job_runs
FOR EACH ROW WHEN (NEW.outcome = 'skipped' AND NEW.name = 'revision_queue_regen') EXECUTE FUNCTION skipped_job_writes();
