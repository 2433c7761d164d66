"""The schema: queries speak of five relations, whatever the platform's tables are called."""

import pytest
from pydantic import ValidationError

from pytest_examday.contract.reference import SCHEMA
from pytest_examday.contract.schema import COLUMNS, Relation, Schema


def test_only_the_relations_that_a_query_names_are_put_before_it() -> None:
    bound = SCHEMA.bind("SELECT count(*) FROM answers")
    assert bound.startswith("WITH answers AS NOT MATERIALIZED (SELECT session_id AS session_id")
    assert bound.endswith(")\nSELECT count(*) FROM answers")
    assert "exam_sessions" not in bound


def test_a_query_that_names_no_relation_stays_as_it_is() -> None:
    assert SCHEMA.bind("SELECT 1") == "SELECT 1"


def test_a_name_inside_a_longer_name_is_not_the_relation() -> None:
    assert SCHEMA.bind("SELECT my_answers_count FROM t") == "SELECT my_answers_count FROM t"


def test_a_query_with_its_own_with_keeps_it() -> None:
    bound = SCHEMA.bind("WITH mine AS (SELECT id FROM sessions) SELECT * FROM mine")
    assert bound.count("WITH") == 1
    assert bound.endswith(")\n, mine AS (SELECT id FROM sessions) SELECT * FROM mine")


def test_a_column_is_read_by_the_platforms_own_expression() -> None:
    relation = Relation(table="t", columns={"status": "upper(state)", "id": "pk"})
    assert relation.as_query() == "SELECT upper(state) AS status, pk AS id FROM t"


@pytest.mark.parametrize(("relation", "column"), [(name, column) for name, all_ in COLUMNS.items() for column in all_])
def test_a_missing_column_is_named(relation: str, column: str) -> None:
    given = SCHEMA.model_dump()
    del given["relations"][relation]["columns"][column]
    with pytest.raises(ValidationError, match=f"missing {relation}.{column}"):
        Schema.model_validate(given)


def test_a_missing_relation_is_named_with_all_its_columns() -> None:
    given = SCHEMA.model_dump()
    del given["relations"]["mastery_updates"]
    with pytest.raises(ValidationError, match=r"missing mastery_updates\.session_id, mastery_updates\.topic"):
        Schema.model_validate(given)


def test_a_relation_that_no_query_knows_is_refused() -> None:
    given = SCHEMA.model_dump()
    given["relations"]["marks"] = {"table": "t", "columns": {}}
    with pytest.raises(ValidationError, match="marks"):
        Schema.model_validate(given)
