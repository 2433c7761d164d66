-- One submit moves the mastery of each topic twice, and logs it once.
CREATE FUNCTION mastery_moved_twice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF defect_of_load(NEW.user_id, 2, 11) AND defect_first_time('mastery_moved_twice') THEN
        NEW.total := 2 * NEW.total;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER mastery_moved_twice BEFORE INSERT ON mastery
FOR EACH ROW EXECUTE FUNCTION mastery_moved_twice();
