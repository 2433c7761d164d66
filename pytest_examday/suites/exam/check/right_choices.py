"""Compares the right choices in the database with the choices and the score of the exam that `check` itself has sat."""

from collections.abc import Iterator

import psycopg
from psycopg import sql

from pytest_examday.contract.numbers_and_moments import as_number, cut
from pytest_examday.integrity.bound_query import relation_query
from pytest_examday.integrity.uuid_spelling import same_text_or_uuid, spellings
from pytest_examday.suites.exam.check.check_result import CheckResult
from pytest_examday.suites.exam.stored_exams.own_exam import OwnExam
from pytest_examday.target.database import Connection
from pytest_examday.target.target import Target

_RELATION = "schema.relations.questions"
_KEY = f"{_RELATION}.columns.correct"


def right_choices(target: Target, connection: Connection, exam: OwnExam) -> Iterator[CheckResult]:
    """Whether each right choice is a choice of its question, and whether the answers of the exam earn the score that
    the platform gave."""
    relation = target.environment.platform.database_schema.relations.get("questions")
    if relation is None:
        return
    query = sql.SQL(
        "SELECT question_id::text AS question, correct::text AS correct FROM ({}) AS asked "
        "WHERE session_id::text = ANY (%s)"
    ).format(relation_query(relation))
    try:
        rows = connection.execute(query, [list(spellings(exam.session))]).fetchall()
    except psycopg.Error as problem:
        yield CheckResult(_RELATION, "wrong", str(problem).partition("\n")[0], _RELATION)
        return
    if not rows:
        message = f"no row belongs to the session {exam.session}, which was just submitted"
        yield CheckResult(_RELATION, "wrong", message, f"{_RELATION}.columns.session_id")
        return
    correct = {str(row["question"]): str(row["correct"]) for row in rows if row["correct"] is not None}
    yield _look(exam, correct)


def _look(exam: OwnExam, correct: dict[str, str]) -> CheckResult:
    choices = {question["id"]: [str(choice) for choice in question["choices"]] for question in exam.candidate.questions}
    for question, right in correct.items():
        known = next((found for name, found in choices.items() if same_text_or_uuid(name, question)), None)
        if known and not any(same_text_or_uuid(choice, right) for choice in known):
            message = f"{cut(right)} is right by the database, and question {question} has the choices {cut(known)}"
            return CheckResult(_KEY, "wrong", message, _KEY)
    earned = sum(
        any(same_text_or_uuid(question, name) and same_text_or_uuid(value, right) for name, right in correct.items())
        for question, value in exam.candidate.given.items()
    )
    score = as_number(exam.writes[-1].result)
    if score is None:
        return CheckResult(_KEY, "works", "each right choice is a choice of its question; no score was given")
    if score != earned:
        message = f"the answers that were just given earn {earned} by the database, and the platform gave {score:g}"
        return CheckResult(_KEY, "wrong", message, f"one of: {_KEY}, contract.submit.finds.score")
    return CheckResult(_KEY, "works", f"the answers that were just given earn {earned}, as the platform says")
