"""Loads the parts of the service by the name of the function that gives them."""

import importlib
from collections.abc import Callable

from pytest_examday.local_servers.local_server_error import LocalServerError
from pytest_examday.webhook_service.parts import Parts
from pytest_examday.webhook_service.settings import Settings


def load_parts(settings: Settings) -> Parts:
    """The parts that the function `settings.parts` gives. Raises LocalServerError if there is no such function."""
    module, _, name = settings.parts.partition(":")
    try:
        function: Callable[[Settings], Parts] = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise LocalServerError(f"cannot load the parts {settings.parts}: {error}") from error
    return function(settings)
