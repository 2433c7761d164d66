"""The front proxy is restarted during the exam (source document 002 runs one): nobody is served meanwhile, and nothing
is lost."""

from pytest_examday.drills.drill import Drill
from pytest_examday.faults.role_faults import role_stopped

DRILL = Drill(
    name="proxy_restart",
    title="Proxy restart",
    phase=3,
    scenario="front proxy restarted",
    fault=role_stopped("proxy", "proxy stopped"),
    cuts_connections=True,
    outage=True,
    continues=True,
    hold_seconds=0.0,
    needs_proxy=True,
)
