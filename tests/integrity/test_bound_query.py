"""Queries speak of five relations, whatever the platform's tables are called."""

from pytest_examday.contract.embedded_preset import SCHEMA
from pytest_examday.contract.schema import Relation
from pytest_examday.integrity.bound_query import bound_query, relation_query, trusted_sql


def _bound(query: str) -> str:
    return bound_query(trusted_sql(query), SCHEMA).as_string()


def test_only_the_relations_that_a_query_names_are_put_before_it() -> None:
    bound = _bound("SELECT count(*) FROM answers")
    assert bound.startswith('WITH "answers" AS NOT MATERIALIZED (SELECT session_id AS "session_id"')
    assert bound.endswith(")\nSELECT count(*) FROM answers")
    assert "exam_sessions" not in bound


def test_a_query_that_names_no_relation_stays_as_it_is() -> None:
    assert _bound("SELECT 1") == "SELECT 1"


def test_a_name_inside_a_longer_name_is_not_the_relation() -> None:
    assert _bound("SELECT my_answers_count FROM t") == "SELECT my_answers_count FROM t"


def test_a_query_with_its_own_with_keeps_it() -> None:
    bound = _bound("WITH mine AS (SELECT id FROM sessions) SELECT * FROM mine")
    assert bound.count("WITH") == 1
    assert bound.endswith(")\n, mine AS (SELECT id FROM sessions) SELECT * FROM mine")


def test_a_column_is_read_by_the_platforms_own_expression() -> None:
    relation = Relation(table="t", columns={"status": "upper(state)", "id": "pk"})
    assert relation_query(relation).as_string() == 'SELECT upper(state) AS "status", pk AS "id" FROM t'
