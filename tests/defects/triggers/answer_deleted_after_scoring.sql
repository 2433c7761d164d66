-- An answer that was acknowledged and scored is deleted as its session is submitted.
CREATE FUNCTION answer_deleted_after_scoring() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF defect_of_load(NEW.user_id) AND defect_first_time('answer_deleted_after_scoring') THEN
        DELETE FROM session_answers
        WHERE session_id = NEW.session_id AND sequence = (
            SELECT min(sequence) FROM session_answers WHERE session_id = NEW.session_id AND choice IS NOT NULL
        );
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER answer_deleted_after_scoring AFTER INSERT ON attempt_events
FOR EACH ROW WHEN (NEW.kind = 'SUBMIT') EXECUTE FUNCTION answer_deleted_after_scoring();
