-- The platform's event history loses the last event of an answer that stays stored.
CREATE FUNCTION event_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF defect_of_load(NEW.user_id) AND defect_first_time('event_deleted') THEN
        DELETE FROM attempt_events
        WHERE session_id = NEW.session_id AND kind = 'ANSWER' AND question_id = (
            SELECT question_id FROM session_answers
            WHERE session_id = NEW.session_id AND choice IS NOT NULL ORDER BY sequence LIMIT 1
        );
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER event_deleted AFTER INSERT ON attempt_events
FOR EACH ROW WHEN (NEW.kind = 'SUBMIT') EXECUTE FUNCTION event_deleted();
