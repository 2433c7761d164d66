-- The platform's event history says of a candidate's last answer that another choice was given.
CREATE FUNCTION event_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF defect_of_load(NEW.user_id) AND defect_first_time('event_changed') THEN
        UPDATE attempt_events SET choice = 'nobody''s'
        WHERE session_id = NEW.session_id AND kind = 'ANSWER' AND sequence = (
            SELECT max(sequence) FROM session_answers WHERE session_id = NEW.session_id AND choice IS NOT NULL
        );
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER event_changed AFTER INSERT ON attempt_events
FOR EACH ROW WHEN (NEW.kind = 'SUBMIT') EXECUTE FUNCTION event_changed();
