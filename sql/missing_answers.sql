-- name: missing_answers
-- title: Missing Answers
-- expect: no row; what the platform logged as answered is stored (a blank question is honest and is not missing)
SELECT answered.session_id, answered.question_id
FROM (
    SELECT DISTINCT events.session_id, events.question_id FROM events WHERE events.kind = 'ANSWER'
) AS answered
LEFT JOIN answers
    ON answers.session_id = answered.session_id AND answers.question_id = answered.question_id
WHERE answers.session_id IS NULL
