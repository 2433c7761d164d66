"""The base class of records that are read from the configuration or kept as evidence."""

import json
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from pytest_examday.lone_surrogates import without_lone_surrogates

DESCRIBED_FIELDS = ConfigDict(use_attribute_docstrings=True)
"""For records of the configuration file: the text below a field describes it in the JSON Schema too."""


class Record(BaseModel):
    """A frozen record. An unknown key is an error, so that typing mistakes are found. NaN and infinity are errors too,
    because a comparison with them cannot fail."""

    model_config = ConfigDict(frozen=True, defer_build=True, extra="forbid", allow_inf_nan=False)

    SET_BY_PLUGIN: ClassVar[tuple[str, ...]] = ()
    """Fields that the plugin sets itself; no configuration file may give them."""

    SOURCE_KEYS: ClassVar[tuple[str, ...]] = ()
    """Keys of a configuration file from which the plugin makes the fields of `SET_BY_PLUGIN`."""

    def to_json(self, indent: int | None = None) -> str:
        """The record as JSON, without lone surrogates."""
        plain = self.model_dump(mode="json", by_alias=True, serialize_as_any=True)
        return without_lone_surrogates(json.dumps(plain, indent=indent, ensure_ascii=False))
