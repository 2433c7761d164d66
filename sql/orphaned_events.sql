-- name: orphaned_events
-- title: Orphaned Events
-- expect: no row; every attempt event belongs to a session
-- seconds: 0.191
SELECT events.id AS event_id, events.session_id, events.kind
FROM events
LEFT JOIN sessions ON sessions.id = events.session_id
WHERE sessions.id IS NULL
