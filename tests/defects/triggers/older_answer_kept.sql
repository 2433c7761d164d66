-- A candidate changes an answer, for the first and only time, is told that it is saved, and the older answer stays.
CREATE FUNCTION older_answer_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT defect_of_load(user_id, 3, 3) FROM exam_sessions WHERE id = NEW.session_id)
        AND defect_first_time('older_answer_kept') THEN
        NEW.choice := OLD.choice;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER older_answer_kept BEFORE UPDATE ON session_answers
FOR EACH ROW WHEN (NEW.choice IS DISTINCT FROM OLD.choice) EXECUTE FUNCTION older_answer_kept();
