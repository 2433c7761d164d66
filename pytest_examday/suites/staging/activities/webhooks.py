"""Phase 2: webhooks of all kinds are sent to the service, and their effects are looked for."""

from functools import partial
from typing import TYPE_CHECKING

from pytest_examday.errors import Unmeasurable
from pytest_examday.suites.staging.service import NAME, ReachedService, reached
from pytest_examday.suites.staging.webhooks.duplicates import KillWorker
from pytest_examday.suites.staging.webhooks.evidence import WebhooksEvidence
from pytest_examday.suites.staging.webhooks.measure import WebhookService, measure
from pytest_examday.suites.staging.webhooks.settings import Webhooks

if TYPE_CHECKING:
    from pytest_examday.suites.staging.embedded_service import ServiceState
    from pytest_examday.target.target import Target

_KILL_SECONDS = 60.0


def gather(target: "Target") -> WebhooksEvidence:
    """Rehearse the webhooks that the configuration describes. Raises Unmeasurable with the key to write if no database
    is described, in which effects could be found; and as `measure` does."""
    service = reached(target)
    settings, webhooks = service.settings, service.settings.webhooks
    assert webhooks is not None, "the activity runs only if its section is configured"
    place = f"env.{target.environment.name}.{NAME}"
    if settings.database_url is None:
        raise Unmeasurable(f"the effects of webhooks are found in the database; set {place}.database_url")
    return measure(
        WebhookService(
            webhooks,
            None if settings.api_url is None else str(settings.api_url).rstrip("/"),
            settings.database_url.get_secret_value(),
            tuple(map(str, settings.log_files)),
            _killing(target, service, webhooks, f"{place}.webhooks.kill_worker_command"),
            target.files.progress.say,
        )
    )


def _killing(target: "Target", service: ReachedService, webhooks: Webhooks, key: str) -> KillWorker | None:
    """How a worker of the service is killed; None if nothing says it, or if the environment does not allow it."""
    if target.refusal("disrupt", "killing a worker") is not None:
        return None
    if webhooks.kill_worker_command is not None:
        return partial(_run, webhooks.kill_worker_command, key, target.environment.command_variables)
    return None if service.embedded is None else partial(_kill_embedded, service.embedded)


def _run(command: str, key: str, variables: dict[str, str]) -> None:
    from pytest_examday.runtimes.shell import run

    ended = run(command, key, _KILL_SECONDS, variables, may_leave=True)
    if ended.exit_status != 0:
        raise Unmeasurable(f"{key} ended with exit status {ended.exit_status}: {ended.last_line_of_output}")


def _kill_embedded(state: "ServiceState") -> None:
    from pytest_examday.local_servers.control import Control, ControlError

    worker = next(iter(state.workers), None)
    if worker is None:
        raise Unmeasurable("the embedded service has no worker that could be killed")
    control = Control(state.control)
    try:
        control.kill(worker)
        control.start(worker)
    except ControlError as problem:
        raise Unmeasurable(f"the worker {worker} of the embedded service could not be killed: {problem}") from None
