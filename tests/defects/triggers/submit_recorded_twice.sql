-- One submit leaves two events.
CREATE FUNCTION submit_recorded_twice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF defect_of_load(NEW.user_id) AND defect_first_time('submit_recorded_twice') THEN
        INSERT INTO attempt_events (session_id, user_id, kind, request_id)
        VALUES (NEW.session_id, NEW.user_id, 'SUBMIT', NEW.request_id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER submit_recorded_twice AFTER INSERT ON attempt_events
FOR EACH ROW WHEN (NEW.kind = 'SUBMIT') EXECUTE FUNCTION submit_recorded_twice();
