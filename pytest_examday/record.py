"""Base of every record that comes from configuration or is kept as evidence."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A frozen record; an unknown key is an error, so that a typing mistake never goes unseen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    DERIVED: ClassVar[tuple[str, ...]] = ()
    """Fields that are decided elsewhere, so that no file may give them."""
