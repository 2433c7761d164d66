-- name: missing_answers
-- title: Missing Answers
-- expect: no row; every answer that the platform logged is stored (a question left blank is not missing, nor one whose answer the log says was taken back)
-- seconds: 0.677
SELECT events.session_id, events.question_id
FROM events
WHERE events.kind = 'ANSWER'
  AND NOT EXISTS (
    SELECT FROM answers
    WHERE answers.session_id = events.session_id AND answers.question_id = events.question_id
)
GROUP BY events.session_id, events.question_id
HAVING (array_agg(events.value ORDER BY events.created_at DESC NULLS LAST, events.id DESC))[1] IS NOT NULL
    OR count(events.value) = 0
