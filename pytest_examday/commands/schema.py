"""The command `schema`: print the JSON Schema of `examday.toml`, for editors."""

import argparse
import json

from pytest_examday.config.json_schema import file_schema
from pytest_examday.session.suites import BUILT_IN_TABLES

NAME = "schema"
HELP = "print the JSON Schema of examday.toml, by which editors complete keys and mark mistakes"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare no arguments: the schema is the same for everybody."""


def run(arguments: argparse.Namespace) -> int:
    """Print the schema and return 0."""
    print(json.dumps(file_schema(BUILT_IN_TABLES.records), indent=1))  # noqa: T201 # what the command is for
    return 0
