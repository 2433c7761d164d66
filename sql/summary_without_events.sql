-- name: summary_without_events
-- title: Summary Statistics of a Platform That Keeps No Log of Answers
-- kind: summary
-- expect: one row of counts
SELECT (SELECT count(*) FROM sessions) AS sessions,
       (SELECT count(*) FROM sessions WHERE sessions.status = 'SUBMITTED') AS submitted_sessions,
       (SELECT count(*) FROM answers) AS answers
