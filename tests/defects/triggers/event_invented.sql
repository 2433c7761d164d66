-- The platform's event history holds an answer that nobody gave before one that a candidate gave.
CREATE FUNCTION event_invented() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF defect_of_load(NEW.user_id, 12, 21) AND defect_first_time('event_invented') THEN
        INSERT INTO attempt_events (session_id, user_id, kind, question_id, choice, sequence, request_id, created_at)
        SELECT session_id, user_id, kind, question_id, 'nobody''s', sequence, request_id,
            created_at - interval '1 millisecond'
        FROM attempt_events WHERE session_id = NEW.session_id AND kind = 'ANSWER' ORDER BY id LIMIT 1;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER event_invented AFTER INSERT ON attempt_events
FOR EACH ROW WHEN (NEW.kind = 'SUBMIT') EXECUTE FUNCTION event_invented();
