-- name: impossible_times
-- title: Submissions and answers with impossible times
-- expect: no row; nothing was submitted or answered before its session was created, and neither a submission nor an answer lies in the future (a clock may be 5 minutes off, a time without a zone may be of any zone)
-- seconds: 0.2
SELECT told.session_id, told.question_id, told.moment
FROM (
    SELECT sessions.id AS session_id, NULL::text AS question_id, sessions.submitted_at::text AS moment,
           pg_typeof(sessions.submitted_at)::text AS kind,
           CASE
               WHEN pg_typeof(sessions.submitted_at)::text LIKE 'timestamp%'
                    AND pg_typeof(sessions.submitted_at) = pg_typeof(sessions.created_at)
                   THEN sessions.submitted_at::text::timestamptz
                        < sessions.created_at::text::timestamptz - interval '5 minutes'
               ELSE false
           END AS before_creation
    FROM sessions
    UNION ALL
    SELECT newest.session_id, newest.question_id::text, newest.saved_at::text, pg_typeof(newest.saved_at)::text, false
    FROM (
        SELECT answers.session_id, answers.question_id, answers.saved_at
        FROM answers ORDER BY answers.saved_at DESC NULLS LAST LIMIT 1
    ) AS newest
    UNION ALL
    SELECT early.session_id, NULL, early.first::text, NULL,
           early.first::text::timestamptz < sessions.created_at::text::timestamptz - interval '5 minutes'
    FROM (
        SELECT answers.session_id, min(answers.saved_at) AS first FROM answers GROUP BY answers.session_id
    ) AS early
    JOIN sessions ON sessions.id = early.session_id
    WHERE pg_typeof(early.first)::text LIKE 'timestamp%'
      AND pg_typeof(early.first) = pg_typeof(sessions.created_at)
) AS told
WHERE told.before_creation
   OR CASE told.kind
        WHEN 'timestamp with time zone'
            THEN told.moment::timestamptz > now() + interval '5 minutes'
        WHEN 'timestamp without time zone'
            THEN told.moment::timestamp > now() AT TIME ZONE 'UTC' + interval '14 hours 5 minutes'
        ELSE false
    END
