"""Calls operations of the platform's contract one at a time."""

import json
import os
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from pydantic import SecretStr

from pytest_examday.config.accounts import Account
from pytest_examday.config.hosts import hosts_of, is_loopback
from pytest_examday.contract.contract import Contract
from pytest_examday.contract.headers_and_cookies import ReceivedResponse
from pytest_examday.contract.multipart import CONTENT_TYPE
from pytest_examday.contract.operation import TRY_AGAIN, Operation
from pytest_examday.contract.person_values import person_values
from pytest_examday.contract.refusal_words import hide_secrets, quoted, refusal_words
from pytest_examday.contract.request_ids import other_request_id
from pytest_examday.contract.secret_values import received_secrets, sent_secrets
from pytest_examday.contract.templates import Values, fill
from pytest_examday.contract.vocabulary import KEY
from pytest_examday.contract.web_page import read_page
from pytest_examday.errors import Unmeasurable
from pytest_examday.target.login_pace import LoginPace
from pytest_examday.target.people import People

if TYPE_CHECKING:
    import httpx

_NOTHING: Values = {}
_TOO_SLOW = "no reply in time"
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_LONGEST_HOLD = 60.0
"""The most seconds for which a log-in waits for its turn."""
_UNSENDABLE = "not sent: a value from the platform cannot be sent in a request"


@dataclass(frozen=True)
class Reply:
    """The reply to one call, or the reason why there is none."""

    operation: Operation
    status: int | None
    """The HTTP status; None if the connection failed. `problem` then says why."""
    body: Any
    """The JSON, or the document that the contract finds in the page."""
    request_id: str
    """The id that was sent."""
    ms: float
    """The duration of the exchange in milliseconds."""
    problem: str | None = None
    text: str = ""
    """The whole body as text."""
    redirect: str | None = None
    """Where the reply redirects to, in words. No redirect is followed."""
    served_at: float | None = None
    """The time of the platform's own clock, from the header `Date` (seconds since the epoch)."""
    worker: str | None = None
    """The name of the worker, from the contract's `worker_header`."""
    connection: str | None = None
    """This end of the connection that was used. Replies in a row with equal values came over the same connection."""
    received: ReceivedResponse | None = None
    """Headers and body, if the operation reads headers too."""
    returned_id: str | None = None
    """The request id in the reply; None if there is none, or if it is the one that was sent."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """The secrets of the request and of the reply."""
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Names and values of the reply's headers."""

    @property
    def words(self) -> str:
        """The platform's own words in a reply that is no success, cut, without secrets; empty if there are none."""
        return refusal_words(self.body, self.text, self.secrets)

    @property
    def shown(self) -> str:
        """The text of the reply without secrets: they have to be hidden before it is cut."""
        return hide_secrets(self.text, self.secrets)

    @property
    def searched(self) -> Any:
        """The data in which the operation looks for values: the body, with the headers if it reads them."""
        return self.received or self.body

    @property
    def accepted(self) -> bool:
        """Whether the operation succeeded."""
        return self.status is not None and self.operation.accepted(self.status, self.searched)

    @property
    def refused(self) -> bool:
        """Whether the platform refused for good, so that a client does not try again."""
        return self.status is not None and not self.accepted and self.status < 500 and self.status not in TRY_AGAIN

    @property
    def too_slow(self) -> bool:
        """Whether no reply came in time, here or at a proxy before the platform."""
        return self.problem == _TOO_SLOW or self.status == HTTPStatus.GATEWAY_TIMEOUT

    def find(self, name: str) -> Any:
        """The value that the operation's `finds` gives this name; None if it is absent."""
        return self.operation.find(name, self.searched)

    def remembered_values(self) -> Values:
        """The values that the same person sends in its later requests."""
        return self.operation.kept_in(self.searched)

    def __str__(self) -> str:
        if self.status is None:
            return self.problem or "no reply"
        redirect = None if self.accepted else self.redirect
        return f"HTTP {self.status}" if redirect is None else f"HTTP {self.status}, {redirect}"


@dataclass(frozen=True)
class LoginResult:
    """An account that is logged in. `owner` is the platform's id of the person, None if the login does not give
    it."""

    account: Account
    access_token: str
    refresh_token: str | None
    owner: str | None = None


class Api:
    """Calls operations of the contract, each on a new connection, so that calls reach all workers alike.

    `named` are the hosts that the environment names; a message about a redirect to another host says so.
    `forbidden` says why nothing may be written; then only operations that read, login, refresh and logout are sent.
    None: every operation is sent. `admin` returns the administrator's token, for operations that are called without
    one; its argument is the token that the platform has just refused, or None. `pace` limits the rate of log-ins.
    `learn` is called with the secrets of each reply.

    The attribute `people` has the values that the person with each token sends beside those of an operation.
    """

    def __init__(
        self,
        base_url: str,
        contract: Contract,
        timeout: float = 10.0,
        *,
        named: frozenset[str] = frozenset(),
        forbidden: str | None = None,
        admin: Callable[[str | None], str] | None = None,
        pace: LoginPace | None = None,
        learn: Callable[[Iterable[str]], None] | None = None,
    ) -> None:
        self.base_url = base_url
        self._admin = admin
        self.contract = contract
        self._named = named
        self._forbidden = forbidden
        self._always_allowed: tuple[Operation, ...] = ()
        self._timeout = timeout
        import httpx

        self._verify = httpx.create_ssl_context()
        self.people = People(person_values(contract, ""))
        self._pace = pace
        self._learn = learn
        self._opened: Callable[[str], None] | None = None
        self._replied: Callable[[Reply], None] | None = None

    def at(self, base_url: str, forbidden: str) -> "Api":
        """The same operations, for the same people, at another address of the platform, at which only reading
        operations are sent; `forbidden` says why."""
        other = copy(self)
        other.base_url = base_url
        other._forbidden, other._named = forbidden, frozenset()  # noqa: SLF001 # one class
        return other

    @property
    def writes(self) -> bool:
        """Whether operations that write may be sent."""
        return self._forbidden is None

    def on_opened(self, opened: Callable[[str], None] | None) -> None:
        """Call this function with the id of each exam that a call opens."""
        self._opened = opened

    def on_reply(self, replied: Callable[[Reply], None] | None) -> None:
        """Call this function with each reply."""
        self._replied = replied

    def allow_always(self, *operations: Operation) -> None:
        """Send these operations even if operations that write are forbidden."""
        self._always_allowed = operations

    def call(
        self,
        named: Operation | str,
        values: Values = _NOTHING,
        token: str | None = None,
        *,
        key: str | None = None,
        timeout: float | None = None,
    ) -> Reply:
        """Send an operation, or the contract's operation of that name, once.

        Problems of the platform or the network are part of the reply and raise nothing. Redirects are not followed,
        because they lead to an address that was not configured. Raises Unmeasurable if the contract has no such
        operation, if it writes and the environment may only be read, if it needs the administrator and nobody can log
        in as such, or if it logs in and has to wait too long for other log-ins.
        """
        with self._client(timeout) as http:
            return self._exchange(http, named, values, token, key=key, kept=False)

    @contextmanager
    def keep_alive(self) -> Iterator["KeepAliveConnection"]:
        """A new connection for several calls, kept open between them if the platform keeps it open."""
        with self._client(None) as http:
            yield KeepAliveConnection(self, http)

    def _client(self, timeout: float | None) -> "httpx.Client":
        import httpx

        from pytest_examday.bounded_transport import BoundedTransport

        # No proxies and no .netrc of the environment: candidates do not follow them either.
        transport = BoundedTransport(self._verify)
        return httpx.Client(transport=transport, timeout=timeout or self._timeout, trust_env=False)

    def _exchange(
        self,
        http: "httpx.Client",
        named: Operation | str,
        values: Values,
        token: str | None,
        *,
        key: str | None,
        kept: bool,
    ) -> Reply:
        operation = self._operation(named)
        if self._forbidden is not None and not self._may_be_sent(operation):
            raise Unmeasurable(self._forbidden)
        self._keep_pace(operation)
        if token is None and operation.auth == "admin" and self._admin is not None:
            token = self._admin(None)
            reply = self._sent(http, operation, values, token, key=key, kept=kept)
            if reply.status != HTTPStatus.UNAUTHORIZED:
                return reply
            token = self._admin(token)
        return self._sent(http, operation, values, token, key=key, kept=kept)

    def _sent(
        self,
        http: "httpx.Client",
        operation: Operation,
        values: Values,
        token: str | None,
        *,
        key: str | None,
        kept: bool,
    ) -> Reply:
        import httpx

        request_id = f"ed-{uuid.uuid4().hex}"
        headers = {
            self.contract.request_id_header: request_id,
            "User-Agent": "pytest-examday",
            "Connection": "keep-alive" if kept else "close",
            "Accept-Encoding": "identity",  # a small reply may unpack to gigabytes
        }
        own = self.people.of(token)
        sent = {**own, **values, KEY: key or uuid.uuid4().hex}
        for name, template in {**self.contract.headers, **operation.headers}.items():
            headers[name] = str(fill(template, sent))
        if token is not None:
            name, line = self.contract.token_line(token, own)
            headers[name] = line
        if key is not None and self.contract.idempotency_header is not None:
            headers[self.contract.idempotency_header] = key
        clock = time.perf_counter()
        try:
            parts = operation.multipart_for(sent)
            if parts is not None:
                headers["Content-Type"] = CONTENT_TYPE
            with http.stream(
                operation.method,
                self.base_url + operation.path_for(sent),
                json=operation.body_for(sent),
                data=operation.form_for(sent),
                content=parts,
                headers=headers,
            ) as response:
                content = b"".join(response.iter_raw())
                connection = _connection(response)
        except (httpx.RequestError, httpx.InvalidURL) as problem:  # the latter of a redirect to no address at all
            return Reply(operation, None, None, request_id, _ms(clock), _problem_in_words(problem))
        except ValueError:  # half of a surrogate pair, NaN or a letter in a token
            return Reply(operation, None, None, request_id, _ms(clock), _UNSENDABLE)
        body = _json(content) if operation.page is None else read_page(operation.page, content)
        received = ReceivedResponse.of(body, response.headers.multi_items()) if operation.reads_headers else None
        learned = tuple(received_secrets(operation, received or body))
        self._hide(learned)
        named_in = self.contract.worker_header
        reply = Reply(
            operation,
            response.status_code,
            body,
            request_id,
            _ms(clock),
            text=content.decode("utf-8", "replace"),
            redirect=self._redirect(response),
            served_at=_date(response),
            worker=None if named_in is None else response.headers.get(named_in),
            connection=connection,
            received=received,
            returned_id=other_request_id(response.headers.get(self.contract.request_id_header), request_id),
            secrets=(*sent_secrets(sent, own, token), *learned),
            headers=tuple(response.headers.multi_items()),
        )
        if operation.keeps and reply.accepted:
            self.people.add_from_reply(token, reply.remembered_values())
        if operation is self.contract.create or operation is self.contract.create_short:
            self._note_opened(reply)
        if self._replied is not None:
            self._replied(reply)
        return reply

    def _note_opened(self, reply: Reply) -> None:
        subject = reply.find("session_id") if reply.accepted else None
        if subject is not None and self._opened is not None:
            self._opened(str(subject))

    def _hide(self, secrets: Iterable[str]) -> None:
        if self._learn is not None:
            self._learn(secrets)

    def _keep_pace(self, operation: Operation) -> None:
        """Wait until a log-in or a sign-up may be sent. Raises Unmeasurable if too many others wait to log in, because
        the wait would be too long: a fault may be in meanwhile."""
        if self._pace is None:
            return
        if operation is self.contract.sign_up:
            self._pace.wait_for_turn()
        elif operation is self.contract.login and (seconds := self._pace.wait_for_turn(_LONGEST_HOLD)) > _LONGEST_HOLD:
            raise Unmeasurable(
                f"nobody logged in: below {self._pace.per_second:g} log-ins a second, the next one is due in "
                f"{seconds:.0f} s"
            )

    def _operation(self, named: Operation | str) -> Operation:
        if not isinstance(named, str):
            return named
        lacking = self.contract.lacking(named)
        if lacking is not None:
            raise Unmeasurable(lacking)
        operation: Operation = getattr(self.contract, named)
        return operation

    def _may_be_sent(self, operation: Operation) -> bool:
        """Whether the operation may be sent although operations that write are forbidden."""
        contract = self.contract
        allowed = (contract.login, contract.refresh, contract.logout, *self._always_allowed)
        return operation.method in ("GET", "HEAD") or operation in allowed

    def _redirect(self, response: "httpx.Response") -> str | None:
        """Where a redirect leads, by its host alone: paths and queries may hold tokens."""
        if not response.is_redirect:
            return None
        hosts = _hosts_after(response)
        host = ", ".join(sorted(hosts)) or "(unknown)"
        if hosts and hosts <= self._named:
            return f"redirected within {host}; redirects are not followed, configure the address that it leads to"
        return f"redirected to the host {host}, which the environment does not name; not followed"

    def request_login(self, account: Account) -> Reply:
        """Log in with the account's password; returns the reply to the login, or the refusal of a page before or after
        it. Values of the replies are kept for the requests with the new token."""
        own = person_values(self.contract, account.email)
        if self.contract.before_login is not None:
            page = self.call("before_login", own)
            if not page.accepted:
                return page
            own |= page.remembered_values()
        password = "" if account.password is None else account.password.get_secret_value()
        reply = self.call("login", own | {"email": account.email, "password": password})
        token = reply.find("access_token") if reply.accepted else None
        if token is None:
            return reply
        self.people.remember(str(token), own | reply.remembered_values())
        if self.contract.after_login is not None:
            page = self.call("after_login", token=str(token))
            if not page.accepted:
                return page
        return reply

    def reuse_values(self, token: str, other: str) -> None:
        """Let requests with this token send the same own values as requests with the other token."""
        self.people.remember(token, self.people.of(other))

    def log_in(self, account: Account) -> LoginResult:
        """Log in, or use a token that needs no log-in. Raises Unmeasurable if the login is refused."""
        if account.password is None:
            result = LoginResult(account, account.token_without_login or "", _plain(account.refresh_token))
            self._hide(filter(None, (result.access_token, result.refresh_token)))
            self.people.remember(result.access_token, person_values(self.contract, account.email))
            return result
        reply = self.request_login(account)
        token = reply.find("access_token") if reply.accepted else None
        if token is None:
            where = "" if reply.operation == self.contract.login else f"{reply.operation.path}: "
            said = "" if reply.accepted else reply.words
            raise Unmeasurable(f"{account.email} could not log in: {where}{reply}{quoted(said)}")
        owner = reply.find("owner")
        return LoginResult(account, str(token), reply.find("refresh_token"), None if owner is None else str(owner))


class KeepAliveConnection:
    """One connection to the API; its requests reach one worker, unless a proxy spreads them."""

    def __init__(self, api: Api, http: "httpx.Client") -> None:
        self._api = api
        self._http = http

    def call(self, named: Operation | str, token: str | None = None, values: Values = _NOTHING) -> Reply:
        """Send an operation once, as `Api.call` does."""
        return self._api._exchange(self._http, named, values, token, key=None, kept=True)  # noqa: SLF001 # one module


def _plain(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


def _ms(clock: float) -> float:
    return round((time.perf_counter() - clock) * 1000, 3)


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None  # not JSON: the contract finds nothing in it


def _date(response: "httpx.Response") -> float | None:
    try:
        return parsedate_to_datetime(response.headers["date"]).timestamp()
    except (KeyError, ValueError):
        return None  # no such header, or no date in it


def _connection(response: "httpx.Response") -> str | None:
    stream = response.extensions.get("network_stream")
    try:
        address = None if stream is None else stream.get_extra_info("client_addr")
    except OSError:
        return None  # it is closed already, so nothing more is sent on it
    return None if address is None else str(address)


def _hosts_after(response: "httpx.Response") -> frozenset[str]:
    """The host to which a redirect leads; none if its address is malformed."""
    try:
        return hosts_of(urljoin(str(response.url), response.headers.get("location", "")))
    except ValueError:
        return frozenset()


def _problem_in_words(problem: Exception) -> str:
    import httpx

    if isinstance(problem, httpx.TimeoutException):
        return _TOO_SLOW
    text = str(problem)
    return "connection refused" if "refused" in text else text or type(problem).__name__


def ignored_proxies(base_url: str) -> str:
    """The end of a message that the platform cannot be reached: the proxies of this process's environment, which are
    not used. Empty if there are none, and for a platform on this machine."""
    named = sorted(name for name in os.environ if name.upper() in _PROXIES and os.environ[name])
    if not named or all(map(is_loopback, hosts_of(base_url))):
        return ""
    return f"; {', '.join(named)} is set, and a rehearsal goes through no proxy"
