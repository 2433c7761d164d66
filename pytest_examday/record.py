"""The base class of records that are read from the configuration or kept as evidence."""

import json
import re
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

_HALF_OF_A_PAIR = re.compile("[\ud800-\udfff]")


def encodable(text: str) -> str:
    """The text as UTF-8 can carry it. A platform may send half of a surrogate pair, and Python writes a byte that is no
    UTF-8 as one; U+FFFD takes its place."""
    return _HALF_OF_A_PAIR.sub("\N{REPLACEMENT CHARACTER}", text)


class Record(BaseModel):
    """A frozen record. An unknown key is an error, so that typing mistakes are found. So is NaN or infinity, because a
    comparison with them cannot fail."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    DERIVED: ClassVar[tuple[str, ...]] = ()
    """Fields that the plugin sets itself; no configuration file may give them."""

    WRITTEN_AS: ClassVar[tuple[str, ...]] = ()
    """Keys of a configuration file from which the plugin makes such fields."""

    def to_json(self, indent: int | None = None) -> str:
        """The record as JSON, also where a text in it is not `encodable`."""
        plain = self.model_dump(mode="json", by_alias=True, serialize_as_any=True)
        return encodable(json.dumps(plain, indent=indent, ensure_ascii=False))
