-- name: events_of_others
-- title: Events that name another person
-- expect: no row; every attempt event that names a person names the one whose session it is (a UUID may be spelled in another way)
-- seconds: 0.656
SELECT events.id AS event_id, events.session_id, events.kind
FROM events
JOIN sessions ON sessions.id = events.session_id
WHERE events.owner::text <> sessions.owner::text
  AND CASE
        WHEN events.owner::text ~ '^\{?[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}\}?$'
             AND sessions.owner::text ~ '^\{?[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}\}?$'
            THEN events.owner::text::uuid <> sessions.owner::text::uuid
        ELSE true
    END
ORDER BY events.id
