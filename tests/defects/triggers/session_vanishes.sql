-- A submitted session is deleted with all that belongs to it, so that no row contradicts another.
CREATE FUNCTION session_vanishes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    victim uuid := defect_finished_session();
BEGIN
    IF victim IS NOT NULL AND defect_first_time('session_vanishes') THEN
        UPDATE mastery SET total = total - asked.number
        FROM (
            SELECT e.user_id, q.theme_id, count(*) AS number
            FROM exam_sessions e
            JOIN session_questions s ON s.session_id = e.id
            JOIN questions q ON q.id = s.question_id
            WHERE e.id = victim GROUP BY e.user_id, q.theme_id
        ) AS asked
        WHERE mastery.user_id = asked.user_id AND mastery.theme_id = asked.theme_id;
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
