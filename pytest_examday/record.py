"""The base class of records that are read from the configuration or kept as evidence."""

import json
import re
from collections.abc import Iterable
from typing import ClassVar

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError

_HALF_OF_A_PAIR = re.compile("[\ud800-\udfff]")

SEVERAL = "several_mistakes"
"""The type of an error that holds several mistakes, each with its place within the record."""


def several(mistakes: Iterable[tuple[tuple[str | int, ...], str]]) -> PydanticCustomError:
    """The error of a validator that has found several mistakes: for each, the keys on the way to it and what is
    wrong."""
    found = tuple(mistakes)
    told = "; ".join(f"{'.'.join(map(str, place))}: {words}" for place, words in found)
    return PydanticCustomError(SEVERAL, "{told}", {"mistakes": found, "told": told})


def without_lone_surrogates(text: str) -> str:
    """The text as UTF-8 can carry it. A platform may send half of a surrogate pair, and Python writes a byte that is no
    UTF-8 as one; U+FFFD takes its place."""
    return _HALF_OF_A_PAIR.sub("\N{REPLACEMENT CHARACTER}", text)


class Record(BaseModel):
    """A frozen record. An unknown key is an error, so that typing mistakes are found. So is NaN or infinity, because a
    comparison with them cannot fail."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    SET_BY_PLUGIN: ClassVar[tuple[str, ...]] = ()
    """Fields that the plugin sets itself; no configuration file may give them."""

    SOURCE_KEYS: ClassVar[tuple[str, ...]] = ()
    """Keys of a configuration file from which the plugin makes such fields."""

    def to_json(self, indent: int | None = None) -> str:
        """The record as JSON, also where a text in it is not `without_lone_surrogates`."""
        plain = self.model_dump(mode="json", by_alias=True, serialize_as_any=True)
        return without_lone_surrogates(json.dumps(plain, indent=indent, ensure_ascii=False))
