-- The platform's event history keeps the last value of a changed answer and loses those before it.
CREATE FUNCTION history_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed uuid := (
        SELECT question_id FROM attempt_events WHERE session_id = NEW.session_id AND kind = 'ANSWER'
        AND question_id IN (
            SELECT question_id FROM session_answers WHERE session_id = NEW.session_id AND choice IS NOT NULL
        )
        GROUP BY question_id HAVING count(DISTINCT choice) > 1 LIMIT 1
    );
BEGIN
    IF changed IS NOT NULL AND defect_of_load(NEW.user_id, 22, 31) AND defect_first_time('history_deleted') THEN
        DELETE FROM attempt_events e
        WHERE session_id = NEW.session_id AND kind = 'ANSWER' AND question_id = changed AND id < (
            SELECT max(id) FROM attempt_events
            WHERE session_id = NEW.session_id AND kind = 'ANSWER' AND question_id = changed
        );
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER history_deleted AFTER INSERT ON attempt_events
FOR EACH ROW WHEN (NEW.kind = 'SUBMIT') EXECUTE FUNCTION history_deleted();
