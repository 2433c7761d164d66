-- name: duplicate_submits
-- title: Duplicate Submits
-- expect: no row; a session is submitted once, also if the candidate clicks twice
-- seconds: 0.010
SELECT events.session_id, count(*) AS submits
FROM events
WHERE events.kind = 'SUBMIT'
GROUP BY events.session_id
HAVING count(*) > 1
