"""Network delays by Toxiproxy, for services that stand behind one of its proxies."""

from collections.abc import Mapping
from typing import Any, cast

import httpx

from pytest_examday.bounded_transport import BoundedTransport
from pytest_examday.config.runtimes import ToxiproxySettings
from pytest_examday.errors import Unmeasurable
from pytest_examday.runtimes.base import Ability, Runtime
from pytest_examday.runtimes.wrapped import WrappedRuntime

_TOXIC = "examday"
_SECONDS = 5.0
"""The longest time of a whole reply."""


class _Toxic(WrappedRuntime):
    """A runtime that delays some services by Toxiproxy and leaves everything else to the runtime that it wraps.

    It changes only the toxic called `examday`; toxics of other users stay as they are.
    """

    def __init__(self, runtime: Runtime, config: ToxiproxySettings) -> None:
        super().__init__(runtime)
        self._proxies: Mapping[str, str] = config.proxies
        self._url = str(config.url).rstrip("/")
        self._tls = httpx.create_ssl_context()

    def require(self, service: str, *abilities: Ability) -> None:
        """Check that Toxiproxy knows the proxy; the wrapped runtime checks everything else."""
        ours = "delay" in abilities and service in self._proxies
        self._runtime.require(service, *(name for name in abilities if not (ours and name == "delay")))
        if ours:
            self._toxics(service)

    def delayed(self, service: str) -> bool:
        if service not in self._proxies:
            return self._runtime.delayed(service)
        return any(toxic.get("name") == _TOXIC for toxic in self._toxics(service))

    def delay(self, service: str, milliseconds: int, jitter_milliseconds: int = 0) -> None:
        if service not in self._proxies:
            self._runtime.delay(service, milliseconds, jitter_milliseconds)
            return
        self.undelay(service)
        attributes = {"latency": milliseconds, "jitter": jitter_milliseconds}
        toxic = {"name": _TOXIC, "type": "latency", "stream": "downstream", "toxicity": 1.0, "attributes": attributes}
        self._ask("POST", self._path(service), toxic)

    def undelay(self, service: str) -> None:
        if service not in self._proxies:
            self._runtime.undelay(service)
        elif self.delayed(service):
            self._ask("DELETE", f"{self._path(service)}/{_TOXIC}")

    def _path(self, service: str) -> str:
        return f"/proxies/{self._proxies[service]}/toxics"

    def _toxics(self, service: str) -> list[dict[str, Any]]:
        toxics: list[dict[str, Any]] = self._ask("GET", self._path(service)).json()
        return toxics

    def _ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        try:
            # trust_env: no proxies of the environment, as for every other request of a rehearsal
            with httpx.Client(transport=BoundedTransport(self._tls), timeout=_SECONDS, trust_env=False) as http:
                reply = http.request(method, self._url + path, json=body)
        except httpx.HTTPError as problem:
            raise Unmeasurable(f"Toxiproxy at {self._url} does not answer: {problem}") from None
        if reply.is_error:
            raise Unmeasurable(f"Toxiproxy at {self._url}: {method} {path}: HTTP {reply.status_code}")
        return reply


def behind_toxiproxy(runtime: Runtime, config: ToxiproxySettings | None) -> Runtime:
    """The runtime with network delays by Toxiproxy; the runtime itself if none is configured."""
    return runtime if config is None else cast("Runtime", _Toxic(runtime, config))
