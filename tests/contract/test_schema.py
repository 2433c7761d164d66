"""The schema: queries speak of five relations, whatever the platform's tables are called."""

import pytest
from pydantic import ValidationError

from pytest_examday.contract.reference import SCHEMA
from pytest_examday.contract.schema import COLUMNS, Schema


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
