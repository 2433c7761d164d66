"""The options that the person typed, without those that an ini file (`addopts`) or the variable PYTEST_ADDOPTS adds.

Only typed options decide whether gates are asked for: an option that is added silently could leave all gates out."""

from argparse import Namespace

import pytest

TYPED: "pytest.StashKey[Namespace]" = pytest.StashKey()
"""The key under which `config.stash` holds the options that were typed."""


def note_typed(config: pytest.Config, parser: pytest.Parser) -> None:
    """Parse what was typed once more, alone."""
    config.stash[TYPED] = parser.parse_known_args(list(config.invocation_params.args))


def typed_paths(config: pytest.Config) -> tuple[str, ...]:
    """The paths and node ids that were typed."""
    return tuple(config.stash[TYPED].file_or_dir)


def evidence_was_typed(config: pytest.Config) -> bool:
    """Whether `--examday-evidence` was typed."""
    return config.stash[TYPED].examday_evidence is not None


def typed_mark_expression(config: pytest.Config) -> str:
    """The mark expression that was typed behind `-m`."""
    return str(config.stash[TYPED].markexpr or "")
