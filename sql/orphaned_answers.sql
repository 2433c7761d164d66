-- name: orphaned_answers
-- title: Orphaned Answers
-- expect: no row; every answer belongs to a session
-- seconds: 0.104
SELECT answers.session_id, answers.question_id, answers.value
FROM answers
LEFT JOIN sessions ON sessions.id = answers.session_id
WHERE sessions.id IS NULL
