-- One candidate is stored and told a point more than the answers earn.
CREATE FUNCTION score_too_high() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF defect_of_load(NEW.user_id, 2, 11) AND defect_first_time('score_too_high') THEN
        NEW.score := NEW.score + 1;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER score_too_high BEFORE UPDATE ON exam_sessions
FOR EACH ROW WHEN (OLD.status = 'ACTIVE' AND NEW.status = 'SUBMITTED') EXECUTE FUNCTION score_too_high();
