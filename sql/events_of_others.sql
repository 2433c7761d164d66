-- name: events_of_others
-- title: Events that name another person
-- expect: no row; every attempt event that names a person names the one whose session it is (a UUID may be spelled in another way)
-- seconds: 0.656
WITH other AS MATERIALIZED (
    SELECT events.id AS event_id, events.session_id, events.kind,
           events.owner::text AS named, sessions.owner::text AS owner
    FROM events
    JOIN sessions ON sessions.id = events.session_id
    WHERE events.owner::text <> sessions.owner::text
)
SELECT other.event_id, other.session_id, other.kind
FROM other
WHERE CASE
        WHEN other.named ~ '^\{?[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}\}?$'
             AND other.owner ~ '^\{?[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}\}?$'
            THEN other.named::uuid <> other.owner::uuid
        ELSE true
    END
ORDER BY other.event_id
