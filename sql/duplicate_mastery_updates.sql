-- name: duplicate_mastery_updates
-- title: Duplicate Mastery Updates
-- expect: no row; a session updates the mastery of a topic once
-- seconds: 0.040
SELECT mastery_updates.session_id, mastery_updates.topic, count(*) AS updates
FROM mastery_updates
GROUP BY mastery_updates.session_id, mastery_updates.topic
HAVING count(*) > 1
