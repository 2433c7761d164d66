"""The SQL statements for exam sessions.

Times come from the database's clock. ``clock_timestamp()`` is used if the statement may have waited for a lock,
because ``now()`` is the start of the transaction.
"""

CREATE = """
    INSERT INTO exam_sessions (user_id, question_count, expires_at, idempotency_key)
    VALUES (%s, %s, now() + make_interval(secs => %s), %s)
    ON CONFLICT (user_id, idempotency_key) DO NOTHING
    RETURNING *, clock_timestamp() AS server_time
"""
BY_KEY = """
    SELECT *, clock_timestamp() AS server_time FROM exam_sessions
    WHERE user_id = %s AND idempotency_key = %s
"""
FIND = "SELECT *, clock_timestamp() AS server_time FROM exam_sessions WHERE id = %s AND user_id = %s"
OWN = """
    SELECT *, clock_timestamp() AS server_time FROM exam_sessions
    WHERE user_id = %s ORDER BY created_at DESC LIMIT 100
"""
LOCK = """
    SELECT status, submitted_at, score, max_score, expires_at <= clock_timestamp() AS time_over
    FROM exam_sessions WHERE id = %s AND user_id = %s
    FOR UPDATE
"""
FREEZE_QUESTIONS = """
    INSERT INTO session_questions (session_id, question_id, position, correct_choice)
    SELECT %s, id, row_number() OVER (ORDER BY pick), correct_choice
    FROM (
        SELECT id, correct_choice, md5(id::text || %s) AS pick
        FROM questions ORDER BY pick LIMIT %s
    ) AS picked
"""
QUESTIONS = "SELECT question_id, position FROM session_questions WHERE session_id = %s ORDER BY position"
ANSWERS = """
    SELECT question_id, choice, sequence, marked FROM session_answers
    WHERE session_id = %s ORDER BY saved_at
"""
ANSWER_SLOT = """
    SELECT q.choices, a.choice, a.sequence, a.marked, a.saved_at
    FROM session_questions s
    JOIN questions q ON q.id = s.question_id
    LEFT JOIN session_answers a ON a.session_id = s.session_id AND a.question_id = s.question_id
    WHERE s.session_id = %s AND s.question_id = %s
"""
STORE_ANSWER = """
    WITH saved AS (
        INSERT INTO session_answers (session_id, question_id, choice, sequence, marked)
        VALUES (%(session_id)s, %(question_id)s, %(choice)s, %(sequence)s, %(marked)s)
        ON CONFLICT (session_id, question_id) DO UPDATE
        SET choice = excluded.choice, sequence = excluded.sequence, marked = excluded.marked,
            saved_at = clock_timestamp()
        RETURNING saved_at
    ), logged AS (
        INSERT INTO attempt_events (session_id, user_id, kind, question_id, choice, sequence, request_id)
        VALUES (%(session_id)s, %(user_id)s, 'ANSWER', %(question_id)s, %(choice)s, %(sequence)s,
                %(request_id)s)
    )
    SELECT saved_at FROM saved
"""
LOG_CREATE = """
    INSERT INTO attempt_events (session_id, user_id, kind, request_id) VALUES (%s, %s, 'CREATE', %s)
"""
LOG_SUBMIT = """
    INSERT INTO attempt_events (session_id, user_id, kind, request_id) VALUES (%s, %s, 'SUBMIT', %s)
"""
SCORE_AND_CLOSE = """
    UPDATE exam_sessions e
    SET status = 'SUBMITTED', submitted_at = clock_timestamp(), score = t.score, max_score = t.max_score
    FROM (
        SELECT s.session_id, count(*) AS max_score,
               count(*) FILTER (WHERE a.choice = s.correct_choice) AS score
        FROM session_questions s
        LEFT JOIN session_answers a ON a.session_id = s.session_id AND a.question_id = s.question_id
        WHERE s.session_id = %s
        GROUP BY s.session_id
    ) AS t
    WHERE e.id = t.session_id
    RETURNING e.submitted_at, e.score, e.max_score
"""
UPDATE_MASTERY = """
    INSERT INTO mastery (user_id, theme_id, correct, total, level)
    SELECT %s, t.theme_id, t.correct, t.total, (t.correct + 1.0) / (t.total + 2.0)
    FROM (
        SELECT q.theme_id, count(*) AS total, count(*) FILTER (WHERE a.choice = s.correct_choice) AS correct
        FROM session_questions s
        JOIN questions q ON q.id = s.question_id
        LEFT JOIN session_answers a ON a.session_id = s.session_id AND a.question_id = s.question_id
        WHERE s.session_id = %s
        GROUP BY q.theme_id
    ) AS t
    ORDER BY t.theme_id
    ON CONFLICT (user_id, theme_id) DO UPDATE
    SET correct = mastery.correct + excluded.correct,
        total = mastery.total + excluded.total,
        level = (mastery.correct + excluded.correct + 1.0) / (mastery.total + excluded.total + 2.0),
        updated_at = now()
"""
LOG_MASTERY = """
    INSERT INTO mastery_updates (session_id, theme_id)
    SELECT DISTINCT %s::uuid, q.theme_id
    FROM session_questions s JOIN questions q ON q.id = s.question_id
    WHERE s.session_id = %s
"""
REVIEW = """
    SELECT s.question_id, a.choice, s.correct_choice, a.choice IS NOT DISTINCT FROM s.correct_choice AS correct
    FROM session_questions s
    LEFT JOIN session_answers a ON a.session_id = s.session_id AND a.question_id = s.question_id
    WHERE s.session_id = %s ORDER BY s.position
"""
