"""Hosts that the environment does not name are refused: in variables, in state files, in redirects."""

import re
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from pytest_examday.config.environment_file import load_environment
from pytest_examday.config.hosts import database_hosts, hosts_of, redis_hosts
from pytest_examday.contract import embedded_preset
from pytest_examday.errors import Unmeasurable, UsageProblem
from pytest_examday.run.files import RunFiles
from pytest_examday.run.redaction import Redactor
from pytest_examday.suites import preflight
from pytest_examday.target.api import Api
from pytest_examday.target.target import Target

SECRET = "s3cret-hunter2"

Read = Callable[..., object]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads `[env.x]` with these lines."""

    def reading(lines: str, **variables: str) -> object:
        (tmp_path / "examday.toml").write_text(f"[env.x]\n{lines}\n")
        return load_environment("x", None, None, (tmp_path,), variables)

    return reading


@pytest.mark.parametrize(
    ("address", "hosts"),
    [
        ("https://API.example:8443/v1", {"api.example"}),
        ("redis://[::1]:6379/0", {"::1"}),
        (SECRET, set()),
        ("http://[broken", set()),
        ("", set()),
    ],
)
def test_the_hosts_of_an_address(address: str, hosts: set[str]) -> None:
    assert hosts_of(address) == hosts


@pytest.mark.parametrize(
    ("address", "variables", "hosts"),
    [
        (f"postgresql://u:{SECRET}@db1.example:5432,db2.example/exam", {}, {"db1.example", "db2.example"}),
        (f"postgresql://u:p%40{SECRET}@/exam?host=/var/run/postgresql", {}, {"localhost"}),
        ("postgresql:///exam?host=db.example", {}, {"db.example"}),
        ("postgresql+asyncpg://DB.example/exam", {}, {"db.example"}),
        ("postgresql://db.example/exam?hostaddr=10.0.0.9", {}, {"db.example", "10.0.0.9"}),
        (f"host=DB.example dbname=exam password={SECRET}", {}, {"db.example"}),
        ("host=db.example hostaddr=10.0.0.9,10.0.0.10", {}, {"db.example", "10.0.0.9", "10.0.0.10"}),
        ("dbname=exam user=u", {}, {"localhost"}),
        ("dbname=exam", {"PGHOST": "db.example,/tmp"}, {"db.example", "localhost"}),
        ("host=db.example", {"PGHOST": "other.example"}, {"db.example"}),
        ("host=db.example", {"PGHOSTADDR": "10.0.0.9"}, {"db.example", "10.0.0.9"}),
        ("service=exam", {}, {"service exam"}),
        ("host=db.example", {"PGSERVICE": "exam"}, {"service exam"}),
        (SECRET, {}, set()),
        ("", {"PGHOST": "db.example"}, set()),
    ],
)
def test_the_hosts_to_which_libpq_connects(address: str, variables: dict[str, str], hosts: set[str]) -> None:
    assert database_hosts(address, variables) == hosts


@pytest.mark.parametrize("address", ["unix:///run/redis.sock", "redis:///0", "redis://"])
def test_redis_without_a_host_is_on_this_machine(address: str) -> None:
    assert redis_hosts(address) == {"localhost"}


@pytest.mark.parametrize(
    ("database", "variables", "told"),
    [
        ("host=a.example", {"PGHOSTADDR": "10.0.0.9"}, "leads to the host 10.0.0.9, which"),
        ("dbname=exam", {"PGHOST": "b.example"}, "leads to the host b.example, which"),
        ("dbname=${NAME}", {"NAME": "x hostaddr=10.0.0.9"}, "leads to the host 10.0.0.9, which"),
        ("${DSN}", {"DSN": "postgresql://a.example,b.example/x"}, "leads to the host b.example, which"),
        ("${DSN}", {"DSN": "dbname=exam"}, "leads to the host localhost, which"),
        ("${DSN}", {"DSN": "postgresql:///x?host=/tmp"}, "leads to the host localhost, which"),
        ("service=exam", {}, "takes its host from a file, by the service exam; with env.x.hosts it has to name"),
        ("host=a.example", {"PGSERVICE": "exam"}, "takes its host from a file, by the service exam; with"),
    ],
)
def test_the_host_of_a_database_is_the_one_that_libpq_takes(
    read: Read, database: str, variables: dict[str, str], told: str
) -> None:
    lines = f'hosts = ["a.example"]\ndatabase_url = "{database}"'
    with pytest.raises(UsageProblem, match=rf"env\.x\.database_url: {re.escape(told)}"):
        read(lines, **variables)


@pytest.mark.parametrize("password", ["half@other-half", "half/other-half", "half@other-half/third"])
def test_a_part_of_a_password_that_is_taken_for_a_host_is_not_told(read: Read, password: str) -> None:
    with pytest.raises(UsageProblem, match=r"a password must have its @ : / ") as problem:
        read('hosts = ["a.example"]\ndatabase_url = "${DSN}"', DSN=f"postgresql://u:x@{password}@a.example/exam")
    assert "half" not in str(problem.value)


def test_a_variable_that_leads_elsewhere_is_refused(read: Read) -> None:
    lines = 'hosts = ["api-staging.example"]'
    assert read(lines, API_URL="https://api-staging.example/v1")
    with pytest.raises(UsageProblem) as problem:
        read(lines, API_URL="https://api.example")
    assert str(problem.value).endswith(
        "env.x.api_url: leads to the host api.example, which the environment does not name; "
        "if that is meant, add it to env.x.hosts"
    )


@pytest.mark.parametrize("key", ["api_url", "database_url", "redis_url"])
def test_every_address_is_looked_at(read: Read, key: str) -> None:
    scheme = {"api_url": "https", "database_url": "postgresql", "redis_url": "redis"}[key]
    lines = f'hosts = ["a.example"]\n{key} = "{scheme}://u:${{PASSWORD}}@${{HOST}}/1"'
    assert read(lines, HOST="A.example", PASSWORD=SECRET)
    with pytest.raises(UsageProblem, match=rf"env\.x\.{key}: leads to the host b\.example") as problem:
        read(lines, HOST="b.example", PASSWORD=SECRET)
    assert SECRET not in str(problem.value)


def test_the_address_of_a_toxiproxy_is_looked_at_too(read: Read) -> None:
    lines = 'hosts = ["a.example"]\ntoxiproxy = {url = "http://${HOST}:8474", proxies = {redis = "exam"}}'
    assert read(lines, HOST="a.example")
    with pytest.raises(UsageProblem, match=r"env\.x\.toxiproxy\.url: leads to the host b\.example"):
        read(lines, HOST="b.example")
    assert read(lines.replace("${HOST}", "c.example"))


def test_a_host_that_stands_in_the_file_is_named_by_that(read: Read) -> None:
    assert read('hosts = ["other.example"]\nredis_url = "redis://:${P}@cache.example/0"', P=SECRET)


def test_without_hosts_the_variables_decide(read: Read) -> None:
    assert read("", API_URL="https://anywhere.example")


@pytest.mark.parametrize("host", ["https://a.example", "a.example:443", "a.example/v1", "", "*.example"])
def test_a_host_is_a_name_or_an_address_and_nothing_else(read: Read, host: str) -> None:
    with pytest.raises(UsageProblem, match=r"env\.x\.hosts\[0\]: must be the name or the address"):
        read(f'hosts = ["{host}"]')


class _Elsewhere(BaseHTTPRequestHandler):
    """Sends everybody to the place that the test names; counts who comes."""

    location = ""
    asked: list[str]

    def do_GET(self) -> None:
        """Answer."""
        type(self).asked.append(self.path)
        self.send_response(302)
        self.send_header("Location", type(self).location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    """The address of a server that redirects."""
    _Elsewhere.asked = []
    with HTTPServer(("127.0.0.1", 0), _Elsewhere) as running:
        thread = Thread(target=running.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def _target(read: Read, folder: Path, lines: str) -> Target:
    for name in ("evidence", "ledger", "logs"):
        (folder / name).mkdir()
    return Target(read(lines), RunFiles(folder, Redactor()), 1)  # type: ignore[arg-type] # it reads an environment


def test_a_redirect_to_a_host_that_nobody_named_is_told_as_such_and_not_followed(
    read: Read, server: str, tmp_path: Path
) -> None:
    _Elsewhere.location = f"https://elsewhere.example/login?token={SECRET}"
    target = _target(read, tmp_path, f'api_url = "{server}"')
    with pytest.raises(Unmeasurable) as reason:
        preflight.gather(target)
    assert str(reason.value) == (
        f"the API at {server} redirects its callers: HTTP 302, redirected to the host elsewhere.example, "
        "which the environment does not name; not followed; correct env.x.api_url"
    )
    assert len(_Elsewhere.asked) == 1


def test_a_redirect_to_a_host_that_is_named_is_told_apart_and_not_followed_either(
    read: Read, server: str, tmp_path: Path
) -> None:
    _Elsewhere.location = "https://elsewhere.example/"
    target = _target(read, tmp_path, f'api_url = "{server}"\nhosts = ["elsewhere.example"]')
    reply = target.api.call("ready")
    assert not reply.accepted
    assert str(reply).startswith("HTTP 302, redirected within elsewhere.example; redirects are not followed")


def test_a_redirect_to_another_path_stays_within_its_host(read: Read, server: str, tmp_path: Path) -> None:
    _Elsewhere.location = "/v2/ready"
    reply = _target(read, tmp_path, f'api_url = "{server}"').api.call("ready")
    assert str(reply).startswith("HTTP 302, redirected within 127.0.0.1; ")
    assert _Elsewhere.asked == ["/v1/ready"]


@pytest.mark.parametrize("location", ["http://[broken", "mailto:somebody", "http://"])
def test_a_redirect_to_no_address_is_no_answer_either(read: Read, server: str, tmp_path: Path, location: str) -> None:
    _Elsewhere.location = location
    target = _target(read, tmp_path, f'api_url = "{server}"')
    assert not target.api.call("ready").accepted
    with pytest.raises(Unmeasurable, match=r"redirects its callers|does not reply"):
        preflight.gather(target)


def test_an_environment_that_may_only_be_read_is_not_written_to_through_the_api(
    read: Read, server: str, tmp_path: Path
) -> None:
    """What a user's own test gets as `api`."""
    _Elsewhere.location = "/"
    api = _target(read, tmp_path, f'api_url = "{server}"').api
    for operation in ("create", "answer", "submit"):
        with pytest.raises(Unmeasurable, match=r"environment 'x' allows read; changing anything .* needs 'write'"):
            api.call(operation, {"session_id": "s", "question_id": "q"})
    assert _Elsewhere.asked == []
    assert api.call("health").status == 302


def test_logging_in_is_no_change(server: str) -> None:
    api = Api(server, embedded_preset.CONTRACT, forbidden="only to be read")
    assert api.call("login", {"email": "a", "password": "b"}).status == 501  # asked, though this server knows no POST


def test_a_state_file_may_lead_to_this_machine_and_to_named_hosts_only(read: Read, tmp_path: Path) -> None:
    from tests.faults.fake_platform import FakePlatform

    platform = FakePlatform(tmp_path)
    platform.write_state(1, "https://api.production.example")
    lines = f'runtime = {{kind = "embedded", state = "{platform.state}"}}'
    reason = r"platform.json leads to the host api.production.example, which the environment does not name; "
    folder = tmp_path / "run"
    folder.mkdir()
    with pytest.raises(Unmeasurable, match=reason):
        _ = _target(read, folder, lines).connections.api_url
    (tmp_path / "again").mkdir()
    named = _target(read, tmp_path / "again", f'{lines}\nhosts = ["api.production.example"]')
    assert named.connections.api_url == "https://api.production.example"
    platform.end()
