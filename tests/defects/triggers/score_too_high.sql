-- One candidate is stored and told a point more than the answers earn.
CREATE FUNCTION defect() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF defect_of_load(NEW.user_id) AND defect_first_time() THEN
        NEW.score := NEW.score + 1;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER defect BEFORE UPDATE ON exam_sessions
FOR EACH ROW WHEN (OLD.status = 'ACTIVE' AND NEW.status = 'SUBMITTED') EXECUTE FUNCTION defect();
