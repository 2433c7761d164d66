-- name: events_of_others
-- title: Events that name another person
-- expect: no row; every attempt event that names a person names the one whose session it is
-- seconds: 0.656
SELECT events.id AS event_id, events.session_id, events.kind
FROM events
JOIN sessions ON sessions.id = events.session_id
WHERE events.owner::text <> sessions.owner::text
ORDER BY events.id
