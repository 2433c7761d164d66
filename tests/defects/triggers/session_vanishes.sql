-- A submitted session is deleted with all that belongs to it, so that no row contradicts another.
CREATE FUNCTION session_vanishes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    victim uuid := defect_finished_session();
BEGIN
    IF victim IS NOT NULL AND defect_first_time('session_vanishes') THEN
        DELETE FROM mastery_updates WHERE session_id = victim;
        DELETE FROM attempt_events WHERE session_id = victim;
        DELETE FROM session_answers WHERE session_id = victim;
        DELETE FROM session_questions WHERE session_id = victim;
        DELETE FROM exam_sessions WHERE id = victim;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER session_vanishes AFTER INSERT ON attempt_events
FOR EACH ROW WHEN (NEW.kind = 'SUBMIT') EXECUTE FUNCTION session_vanishes();
