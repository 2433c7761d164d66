-- name: mastery_counts
-- title: People whose mastery does not count each submitted question once
-- expect: no row; what the platform counts of a person's mastery is the number of questions of all submitted sessions, and its right answers are the scores of these sessions or the right ones of their stored answers (a UUID may be spelled in another way)
-- seconds: 0.35
SELECT coalesce(counted.owner, submitted.owner) AS owner, counted.answered AS counted, submitted.asked,
       counted.correct AS counted_correct, submitted.correct
FROM (
    SELECT CASE
               WHEN mastery.owner::text ~ '^\{?[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}\}?$'
                   THEN mastery.owner::text::uuid::text
               ELSE mastery.owner::text
           END AS owner,
           sum(mastery.answered) AS answered, sum(mastery.correct) AS correct
    FROM mastery GROUP BY mastery.owner
) AS counted
FULL JOIN (
    SELECT CASE
               WHEN closed.owner::text ~ '^\{?[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}\}?$'
                   THEN closed.owner::text::uuid::text
               ELSE closed.owner::text
           END AS owner,
           sum(asked.questions) AS asked,
           CASE WHEN count(closed.score) = count(*) THEN sum(closed.score) END AS correct,
           sum(coalesce(rightly.answers, 0)) AS stored
    FROM (
        SELECT DISTINCT sessions.id, sessions.owner,
               CASE WHEN sessions.score::text ~ '^[0-9]+([.][0-9]+)?$' THEN sessions.score::text::numeric END AS score
        FROM sessions WHERE sessions.status = 'SUBMITTED'
    ) AS closed
    JOIN (
        SELECT questions.session_id, count(*) AS questions FROM questions GROUP BY questions.session_id
    ) AS asked ON asked.session_id = closed.id
    LEFT JOIN (
        SELECT answers.session_id, count(*) AS answers
        FROM answers
        JOIN questions ON questions.session_id = answers.session_id AND questions.question_id = answers.question_id
        WHERE answers.value::text = questions.correct::text
        GROUP BY answers.session_id
    ) AS rightly ON rightly.session_id = closed.id
    GROUP BY closed.owner
) AS submitted ON submitted.owner = counted.owner
WHERE coalesce(counted.answered, 0) <> coalesce(submitted.asked, 0)
   OR (counted.correct <> submitted.correct AND counted.correct <> submitted.stored)
