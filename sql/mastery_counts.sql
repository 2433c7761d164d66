-- name: mastery_counts
-- title: People whose mastery does not count each submitted question once
-- expect: no row; what the platform counts of a person's mastery is the number of questions of all submitted sessions
-- seconds: 0.192
SELECT coalesce(counted.owner, submitted.owner) AS owner, counted.answered AS counted, submitted.asked
FROM (
    SELECT mastery.owner, sum(mastery.answered) AS answered FROM mastery GROUP BY mastery.owner
) AS counted
FULL JOIN (
    SELECT closed.owner, count(*) AS asked
    FROM (SELECT DISTINCT sessions.id, sessions.owner FROM sessions WHERE sessions.status = 'SUBMITTED') AS closed
    JOIN questions ON questions.session_id = closed.id
    GROUP BY closed.owner
) AS submitted ON submitted.owner = counted.owner
WHERE coalesce(counted.answered, 0) <> coalesce(submitted.asked, 0)
