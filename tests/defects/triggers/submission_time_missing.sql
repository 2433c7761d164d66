-- A submitted session loses the time of its submission.
CREATE FUNCTION submission_time_missing() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    victim uuid := defect_finished_session();
BEGIN
    IF victim IS NOT NULL AND defect_first_time('submission_time_missing') THEN
        UPDATE exam_sessions SET submitted_at = NULL WHERE id = victim;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER submission_time_missing AFTER INSERT ON attempt_events
FOR EACH ROW WHEN (NEW.kind = 'SUBMIT') EXECUTE FUNCTION submission_time_missing();
