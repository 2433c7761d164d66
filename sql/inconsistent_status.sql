-- name: inconsistent_status
-- title: Inconsistent Status
-- expect: no row; a submitted session has a submission time and a submit event, an active one has neither
-- seconds: 0.020
SELECT sessions.id AS session_id, sessions.status, sessions.submitted_at, submits.session_id IS NOT NULL AS has_event
FROM sessions
LEFT JOIN (
    SELECT DISTINCT events.session_id FROM events WHERE events.kind = 'SUBMIT'
) AS submits ON submits.session_id = sessions.id
WHERE (sessions.status = 'SUBMITTED') <> (sessions.submitted_at IS NOT NULL)
   OR (sessions.status = 'SUBMITTED') <> (submits.session_id IS NOT NULL)
