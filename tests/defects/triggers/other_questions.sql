-- A submitted session has a question that belongs to somebody else's exam in place of one that was left blank.
CREATE FUNCTION other_questions() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    victim uuid := defect_finished_session();
    blank uuid := (
        SELECT s.question_id FROM session_questions s WHERE s.session_id = victim AND NOT EXISTS (
            SELECT FROM session_answers a WHERE a.session_id = victim AND a.question_id = s.question_id
        ) LIMIT 1
    );
BEGIN
    IF blank IS NOT NULL AND defect_first_time('other_questions') THEN
        UPDATE session_questions SET question_id = (
            SELECT id FROM questions WHERE id NOT IN (
                SELECT question_id FROM session_questions WHERE session_id = victim
            ) LIMIT 1
        ) WHERE session_id = victim AND question_id = blank;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER other_questions AFTER INSERT ON attempt_events
FOR EACH ROW WHEN (NEW.kind = 'SUBMIT') EXECUTE FUNCTION other_questions();
