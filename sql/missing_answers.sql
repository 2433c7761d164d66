-- name: missing_answers
-- title: Missing Answers
-- expect: no row; every answer that the platform logged is stored (a question left blank is not missing, nor one whose answer the log says was taken back)
-- seconds: 0.677
SELECT DISTINCT events.session_id, events.question_id
FROM events
WHERE events.kind = 'ANSWER'
  AND NOT EXISTS (
    SELECT FROM answers
    WHERE answers.session_id = events.session_id AND answers.question_id = events.question_id
)
  AND NOT EXISTS (
    SELECT FROM events AS blank
    WHERE blank.session_id = events.session_id AND blank.question_id = events.question_id
      AND blank.kind = 'ANSWER' AND blank.value IS NULL AND blank.created_at >= events.created_at
)
