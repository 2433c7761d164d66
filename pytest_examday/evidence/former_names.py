"""Names that fields of evidence had in earlier versions, so that evidence of those versions can be judged."""

from collections.abc import Mapping
from typing import Any


def by_present_names(fields: Any, present_names: Mapping[str, str]) -> Any:
    """The fields of a record, each by its present name. `present_names` gives it for each former name."""
    if not isinstance(fields, dict):
        return fields
    return {present_names.get(name, name): value for name, value in fields.items()}
