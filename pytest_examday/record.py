"""The base class of records that are read from the configuration or kept as evidence."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A frozen record. An unknown key is an error, so that typing mistakes are found. So is NaN or infinity, because a
    comparison with them cannot fail."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    DERIVED: ClassVar[tuple[str, ...]] = ()
    """Fields that the plugin sets itself; no configuration file may give them."""

    WRITTEN_AS: ClassVar[tuple[str, ...]] = ()
    """Keys of a configuration file from which the plugin makes such fields."""
