"""Paths of a suite's table: a relative one begins at the folder of the configuration file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo


@dataclass(frozen=True)
class ConfigurationFolder:
    """The folder of the configuration file; it is the context in which the table of a suite is validated."""

    path: Path


def beside_configuration(path: Path, info: ValidationInfo) -> Path:
    """The path, from the folder of the configuration file if it is relative; for the validator of a field. Without that
    folder the path stays as it is."""
    return info.context.path / path if isinstance(info.context, ConfigurationFolder) else path


ConfiguredPath = Annotated[Path, AfterValidator(beside_configuration)]
"""The type of a field that holds a path. A pattern such as `migrations/*.sql` is a path too."""
