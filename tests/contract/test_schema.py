"""The schema: queries speak of the same relations, whatever the platform's tables are called."""

import pytest
from pydantic import ValidationError

from pytest_examday.contract.embedded_preset import SCHEMA
from pytest_examday.contract.schema import COLUMNS, Schema


@pytest.mark.parametrize(("relation", "column"), [(name, column) for name, all_ in COLUMNS.items() for column in all_])
def test_a_missing_column_is_named(relation: str, column: str) -> None:
    given = SCHEMA.model_dump()
    del given["relations"][relation]["columns"][column]
    with pytest.raises(ValidationError, match=rf"{relation}\.columns\.{column}: is missing"):
        Schema.model_validate(given)


def test_a_missing_relation_is_named_with_all_its_columns() -> None:
    given = SCHEMA.model_dump()
    del given["relations"]["answers"]
    with pytest.raises(ValidationError, match="answers: is missing; its columns: session_id, question_id, value"):
        Schema.model_validate(given)


def test_relations_that_a_platform_lacks_are_named_by_the_queries_that_read_them() -> None:
    relations = {name: SCHEMA.relations[name] for name in ("sessions", "answers")}
    schema = Schema(name="little", relations=relations)
    assert schema.lacking("SELECT 1 FROM answers JOIN sessions -- not of events") is None
    assert schema.lacking("SELECT 1 FROM events, mastery_updates") == (
        "the schema has no relation `events`, `mastery_updates`"
    )


def test_a_relation_that_no_query_knows_is_refused() -> None:
    given = SCHEMA.model_dump()
    given["relations"]["marks"] = {"table": "t", "columns": {}}
    with pytest.raises(ValidationError, match="marks"):
        Schema.model_validate(given)
