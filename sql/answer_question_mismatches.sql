-- name: answer_question_mismatches
-- title: Answer/Question Mismatches
-- expect: no row; an answer is to a question that its session froze at creation
SELECT answers.session_id, answers.question_id
FROM answers
LEFT JOIN questions
    ON questions.session_id = answers.session_id AND questions.question_id = answers.question_id
WHERE questions.session_id IS NULL
