-- name: summary
-- title: Summary Statistics
-- kind: summary
-- expect: one row of counts (counted apart, because a join of answers and events would multiply rows)
SELECT (SELECT count(*) FROM sessions) AS sessions,
       (SELECT count(*) FROM sessions WHERE sessions.status = 'SUBMITTED') AS submitted_sessions,
       (SELECT count(*) FROM answers) AS answers,
       (SELECT count(*) FROM events) AS events,
       (SELECT count(DISTINCT events.session_id) FROM events WHERE events.kind = 'SUBMIT')
           AS sessions_with_submit_event
