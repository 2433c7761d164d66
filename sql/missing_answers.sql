-- name: missing_answers
-- title: Missing Answers
-- expect: no row; every answer that the platform logged is stored (a question left blank is not missing)
-- seconds: 0.677
SELECT DISTINCT events.session_id, events.question_id
FROM events
WHERE events.kind = 'ANSWER'
  AND NOT EXISTS (
    SELECT FROM answers
    WHERE answers.session_id = events.session_id AND answers.question_id = events.question_id
)
