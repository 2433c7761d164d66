-- name: answer_question_mismatches
-- title: Answer/Question Mismatches
-- expect: no row; every answer is to a question that its session got when it was created
-- seconds: 0.275
SELECT answers.session_id, answers.question_id
FROM answers
LEFT JOIN questions
    ON questions.session_id = answers.session_id AND questions.question_id = answers.question_id
WHERE questions.session_id IS NULL
