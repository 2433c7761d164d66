-- name: missing_answers
-- title: Missing Answers
-- expect: no row; what the platform logged as answered is stored (a blank question is honest and is not missing)
SELECT DISTINCT events.session_id, events.question_id
FROM events
WHERE events.kind = 'ANSWER'
  AND NOT EXISTS (
    SELECT FROM answers
    WHERE answers.session_id = events.session_id AND answers.question_id = events.question_id
)
