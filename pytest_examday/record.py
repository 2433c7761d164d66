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
    """The error of a validator that has found several mistakes. Each mistake has the keys that lead to it, and
    words."""
    all_mistakes = tuple(mistakes)
    text = "; ".join(f"{'.'.join(map(str, place))}: {words}" for place, words in all_mistakes)
    return PydanticCustomError(SEVERAL, "{text}", {"mistakes": all_mistakes, "text": text})


def without_lone_surrogates(text: str) -> str:
    """The text with U+FFFD in place of each half of a surrogate pair, which UTF-8 cannot encode. A platform may send
    one, and Python makes one of each byte that is not UTF-8."""
    return _HALF_OF_A_PAIR.sub("\N{REPLACEMENT CHARACTER}", text)


DESCRIBED_FIELDS = ConfigDict(use_attribute_docstrings=True)
"""For records of the configuration file: the text below a field describes it in the JSON Schema too."""


class Record(BaseModel):
    """A frozen record. An unknown key is an error, so that typing mistakes are found. NaN and infinity are errors too,
    because a comparison with them cannot fail."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    SET_BY_PLUGIN: ClassVar[tuple[str, ...]] = ()
    """Fields that the plugin sets itself; no configuration file may give them."""

    SOURCE_KEYS: ClassVar[tuple[str, ...]] = ()
    """Keys of a configuration file from which the plugin makes the fields of `SET_BY_PLUGIN`."""

    def to_json(self, indent: int | None = None) -> str:
        """The record as JSON, without lone surrogates."""
        plain = self.model_dump(mode="json", by_alias=True, serialize_as_any=True)
        return without_lone_surrogates(json.dumps(plain, indent=indent, ensure_ascii=False))
