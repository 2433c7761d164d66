"""The webhook service with something wrong. The service itself has no defects that can be switched on.

`plant` gives its parts with every defect built in; a defect acts while its name is in the file that `WEBHOOK_DEFECTS`
names, so that one running service serves for all of them. `defects.py` lists the names. Start it with::

    WEBHOOK_DEFECTS=FILE python -m pytest_examday.webhook_service --dir DIR --parts variants:plant
"""

import logging

from pytest_examday.webhook_service.parts import Parts
from pytest_examday.webhook_service.settings import Settings

from .answers import LawlessBodyLimit, LawlessMiddleware
from .jobs import LawlessHandlers, LawlessLock, LawlessQueue, LawlessScheduler
from .limits import LawlessLimit
from .logs import keep
from .retention import LawlessRetention
from .signing import LawlessSignatures
from .status import LawlessStatus
from .storing import LawlessEncryption, LawlessIntake, LawlessRecovery, LawlessStore


def plant(settings: Settings) -> Parts:
    """A service that can misbehave."""
    logging.getLogger("examday.events").addFilter(keep)
    standard = Parts()
    return Parts(
        encryption=LawlessEncryption,
        signatures=LawlessSignatures,
        limit=LawlessLimit,
        recovery=LawlessRecovery,
        store=LawlessStore,
        intake=LawlessIntake,
        handlers=LawlessHandlers,
        queue=LawlessQueue,
        lock=LawlessLock,
        scheduler=LawlessScheduler,
        retention=LawlessRetention,
        status=LawlessStatus,
        middleware=(
            lambda app: LawlessMiddleware(app, settings.admin_token),
            standard.middleware[0],
            LawlessBodyLimit,
        ),
    )
