"""No defect: a gateway gives each request an id of its own, returns it and logs it."""

import uuid

from pytest_examday.platform import middleware
from pytest_examday.platform.parts import Parts
from pytest_examday.platform.settings import Settings


def plant(parts: Parts, _settings: Settings) -> Parts:
    """Ids that no client has sent."""
    middleware.choose_request_id = lambda headers: f"gw-{uuid.uuid4().hex}"
    return parts
