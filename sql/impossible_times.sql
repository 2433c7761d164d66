-- name: impossible_times
-- title: Impossible Times
-- expect: no row; no session was submitted before it was created, and neither a submission nor an answer lies in the future (a clock may be 5 minutes off, a time without a zone may be of any zone)
-- seconds: 0.2
SELECT sessions.id AS session_id, NULL::text AS question_id, sessions.submitted_at::text AS moment
FROM sessions
WHERE CASE pg_typeof(sessions.submitted_at)::text
        WHEN 'timestamp with time zone'
            THEN sessions.submitted_at::text::timestamptz > now() + interval '5 minutes'
        WHEN 'timestamp without time zone'
            THEN sessions.submitted_at::text::timestamp > now() AT TIME ZONE 'UTC' + interval '14 hours 5 minutes'
        ELSE false
    END
   OR CASE
        WHEN pg_typeof(sessions.submitted_at)::text LIKE 'timestamp%'
             AND pg_typeof(sessions.submitted_at) = pg_typeof(sessions.created_at)
            THEN sessions.submitted_at::text::timestamptz
                 < sessions.created_at::text::timestamptz - interval '5 minutes'
        ELSE false
    END
UNION ALL
SELECT newest.session_id, newest.question_id::text, newest.saved_at::text
FROM (
    SELECT answers.session_id, answers.question_id, answers.saved_at
    FROM answers ORDER BY answers.saved_at DESC NULLS LAST LIMIT 1
) AS newest
WHERE CASE pg_typeof(newest.saved_at)::text
        WHEN 'timestamp with time zone'
            THEN newest.saved_at::text::timestamptz > now() + interval '5 minutes'
        WHEN 'timestamp without time zone'
            THEN newest.saved_at::text::timestamp > now() AT TIME ZONE 'UTC' + interval '14 hours 5 minutes'
        ELSE false
    END
