-- An answer that was acknowledged and scored is deleted as its session is submitted.
CREATE FUNCTION defect() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF defect_of_load(NEW.user_id) AND defect_first_time() THEN
        DELETE FROM session_answers
        WHERE session_id = NEW.session_id AND sequence = (
            SELECT min(sequence) FROM session_answers WHERE session_id = NEW.session_id
        );
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER defect AFTER INSERT ON attempt_events
FOR EACH ROW WHEN (NEW.kind = 'SUBMIT') EXECUTE FUNCTION defect();
