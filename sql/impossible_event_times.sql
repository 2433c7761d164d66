-- name: impossible_event_times
-- title: Events in the future
-- expect: no row; the newest attempt event does not lie in the future (a clock may be 5 minutes off, a time without a zone may be of any zone)
-- seconds: 0.2
SELECT newest.id AS event_id, newest.session_id, newest.kind, newest.created_at
FROM (
    SELECT events.id, events.session_id, events.kind, events.created_at
    FROM events ORDER BY events.created_at DESC NULLS LAST LIMIT 1
) AS newest
WHERE CASE pg_typeof(newest.created_at)::text
        WHEN 'timestamp with time zone'
            THEN newest.created_at::text::timestamptz > now() + interval '5 minutes'
        WHEN 'timestamp without time zone'
            THEN newest.created_at::text::timestamp > now() AT TIME ZONE 'UTC' + interval '14 hours 5 minutes'
        ELSE false
    END
