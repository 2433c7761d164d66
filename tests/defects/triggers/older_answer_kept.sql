-- A candidate changes an answer, is told that the change is saved, and the older answer stays.
CREATE FUNCTION defect() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT defect_of_load(user_id) FROM exam_sessions WHERE id = NEW.session_id) AND defect_first_time() THEN
        NEW.choice := OLD.choice;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER defect BEFORE UPDATE ON session_answers
FOR EACH ROW WHEN (NEW.choice IS DISTINCT FROM OLD.choice) EXECUTE FUNCTION defect();
