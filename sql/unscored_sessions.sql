-- name: unscored_sessions
-- title: Unscored Sessions
-- expect: no row; every submitted session has a score
-- seconds: 0.001
SELECT sessions.id AS session_id, sessions.owner, sessions.submitted_at
FROM sessions
WHERE sessions.status = 'SUBMITTED' AND sessions.score IS NULL
