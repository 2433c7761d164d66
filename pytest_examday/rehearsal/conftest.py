"""The suite's own fixtures. They are the plugin's, repeated here because a conftest beside the suite is nearer than
the user's: a fixture `db` of theirs must not become the `db` of a gate."""

from pytest_examday.fixtures import *  # noqa: F403 # every fixture of that module, by design
