-- A submitted session loses the time of its submission.
CREATE FUNCTION defect() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    victim uuid := defect_finished_session();
BEGIN
    IF victim IS NOT NULL AND defect_first_time() THEN
        UPDATE exam_sessions SET submitted_at = NULL WHERE id = victim;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER defect AFTER INSERT ON attempt_events
FOR EACH ROW WHEN (NEW.kind = 'SUBMIT') EXECUTE FUNCTION defect();
