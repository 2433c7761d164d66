-- What planted defects share: whom they hit, and that they hit once.

CREATE TABLE defect_fired (once boolean PRIMARY KEY);

CREATE FUNCTION defect_first_time() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO defect_fired VALUES (true) ON CONFLICT DO NOTHING;
    RETURN FOUND;
END $$;

-- The load's candidates; those of the drills and the probes are left in peace.
CREATE FUNCTION defect_of_load(candidate uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT substring(email FROM '\d+')::integer BETWEEN 2 AND 21 FROM users WHERE id = candidate
$$;

-- A session of the load whose candidate has submitted, has read the review and is gone; NULL where there is none.
CREATE FUNCTION defect_finished_session() RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT id FROM exam_sessions
    WHERE defect_of_load(user_id) AND submitted_at < clock_timestamp() - interval '0.7 seconds'
    ORDER BY submitted_at LIMIT 1
$$;
