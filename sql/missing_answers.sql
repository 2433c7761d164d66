-- name: missing_answers
-- title: Missing Answers
-- expect: no row; every answer that the platform logged is stored (a question left blank is not missing, nor one whose answer the log says was taken back)
-- seconds: 0.677
WITH missing AS MATERIALIZED (
    SELECT events.session_id, events.question_id, events.value, events.created_at, events.id
    FROM events
    WHERE events.kind = 'ANSWER'
      AND NOT EXISTS (
        SELECT FROM answers
        WHERE answers.session_id = events.session_id AND answers.question_id = events.question_id
    )
)
SELECT missing.session_id, missing.question_id
FROM missing
GROUP BY missing.session_id, missing.question_id
HAVING (array_agg(missing.value ORDER BY missing.created_at DESC NULLS LAST, missing.id DESC))[1] IS NOT NULL
    OR count(missing.value) = 0
