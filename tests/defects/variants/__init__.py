"""The embedded platform with something wrong, one module for each defect.

A module has `plant`, which takes the parts of a platform and gives them with the defect in one of them; defects in
different parts may be planted together. The workers import the modules that `DEFECT_VARIANTS` names.
"""

import os
from importlib import import_module

from starlette.applications import Starlette

from pytest_examday.platform.app import build_app
from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings

VARIABLE = "DEFECT_VARIANTS"
"""Names of modules of this package, separated by commas."""


def create_app(settings: Settings) -> Starlette:
    """The platform with the defects."""
    parts = Parts()
    for name in os.environ[VARIABLE].split(","):
        parts = import_module(f"{__name__}.{name}").plant(parts, settings)
    return build_app(settings, parts)
