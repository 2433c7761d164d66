-- name: duplicate_results
-- title: Duplicate Results
-- expect: no row; a session has one result
-- seconds: 0.003
SELECT sessions.id AS session_id, count(*) AS results
FROM sessions
GROUP BY sessions.id
HAVING count(*) > 1
