-- What planted defects share: whom they hit, and that each hits once.

CREATE TABLE defects_fired (name text PRIMARY KEY);

CREATE FUNCTION defect_first_time(defect text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO defects_fired VALUES (defect) ON CONFLICT DO NOTHING;
    RETURN FOUND;
END $$;

-- Candidates of the load; those of the drills and the probes are left in peace.
CREATE FUNCTION defect_of_load(candidate uuid, lowest integer DEFAULT 2, highest integer DEFAULT 21)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT substring(email FROM '\d+')::integer BETWEEN lowest AND highest FROM users WHERE id = candidate
$$;

-- A session of a candidate of the load's second half who has submitted, has read the review and is gone; NULL where
-- there is none.
CREATE FUNCTION defect_finished_session() RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT id FROM exam_sessions
    WHERE defect_of_load(user_id, 12) AND submitted_at < clock_timestamp() - interval '3 seconds'
    ORDER BY submitted_at LIMIT 1
$$;
