-- name: wrong_max_scores
-- title: Wrong maximum scores
-- expect: no row; the maximum score of a submitted session is the number of its questions, and no score is higher
-- seconds: 0.23
SELECT closed.id AS session_id, closed.score, closed.max_score, asked.questions
FROM (
    SELECT sessions.id, sessions.max_score,
           CASE WHEN sessions.score::text ~ '^[0-9]+([.][0-9]+)?$' THEN sessions.score::text::numeric END AS score
    FROM sessions
    WHERE sessions.status = 'SUBMITTED' AND sessions.max_score IS NOT NULL
) AS closed
JOIN (
    SELECT questions.session_id, count(*) AS questions FROM questions GROUP BY questions.session_id
) AS asked ON asked.session_id = closed.id
WHERE closed.max_score <> asked.questions OR closed.score > closed.max_score
