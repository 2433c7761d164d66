"""The accounts that the rehearsal uses on the platform: the candidates' and the administrator's."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property

from pydantic import SecretStr

from pytest_examday.config.accounts import Account, CommandedAccounts, CountedAccounts, ListOfAccounts
from pytest_examday.config.environment import Environment
from pytest_examday.contract.person_values import person_values
from pytest_examday.contract.refusal_words import quoted
from pytest_examday.contract.token_life import renewal_of
from pytest_examday.errors import Unmeasurable
from pytest_examday.monotonic_clock import now
from pytest_examday.run.files import RunFiles
from pytest_examday.target.api import LoginResult, Reply
from pytest_examday.target.connections import Connections
from pytest_examday.target.embedded import EmbeddedPlatform
from pytest_examday.target.printed_accounts import printed_accounts

_AT_ONCE, _TRIES, _PAUSE_SECONDS = 4, 3, 1.0
"""How many sign-ups run at the same moment, how often one is tried, and the pause in between."""
_FRESH_SECONDS = 60.0
"""If a command printed the accounts longer ago than this, it is run again for the next activity."""
_ADMIN_SECONDS = 20.0
"""For how long an administrator's token is used again; shorter than any token lives."""


class SignUpRefused(Unmeasurable):
    """The platform refuses to make an account; `reply` is its reply."""

    def __init__(self, message: str, reply: Reply) -> None:
        super().__init__(message)
        self.reply = reply


class PlatformAccounts:
    """Accounts of the environment; if it configures none, those of the embedded platform.

    The last `reserved` accounts of the candidates are kept for a load that runs on other machines. If the contract
    has `sign_up` and the rehearsal may write, accounts are made before they are handed out.
    """

    def __init__(
        self,
        environment: Environment,
        run: RunFiles,
        embedded: EmbeddedPlatform,
        connections: Connections,
        *,
        reserved: int = 0,
    ) -> None:
        self._environment = environment
        self._run = run
        self._embedded = embedded
        self._connections = connections
        self._reserved = reserved
        self._admin: tuple[str | None, float] = (None, 0.0)
        self._printed: ListOfAccounts | None = None
        self._refreshed: dict[str, LoginResult] = {}

    @property
    def candidates(self) -> CountedAccounts | ListOfAccounts:
        """The accounts of the candidates. Raises Unmeasurable if none are configured, or if the command
        that prints them fails."""
        configured = self._environment.candidates
        if isinstance(configured, CommandedAccounts):
            if self._printed is None:
                self._printed = self._run_command(configured)
            return self._printed
        return self._of_platform if configured is None else configured

    def _run_command(self, configured: CommandedAccounts) -> ListOfAccounts:
        where = f"env.{self._environment.name}.candidates.command"
        printed = printed_accounts(configured, where, self._environment.command_variables)
        for account in printed.listed:
            secrets = (account.password, account.access_token, account.refresh_token)
            self._run.redactor.learn_list(*(secret.get_secret_value() for secret in secrets if secret is not None))
        return printed

    @cached_property
    def _of_platform(self) -> CountedAccounts:
        if self._embedded.state is None:
            raise Unmeasurable(f"env.{self._environment.name}.candidates is not set, so nobody can sit the exam")
        embedded = self._embedded.state.candidates
        return CountedAccounts(email=embedded.email, password=SecretStr(embedded.password), count=embedded.count)

    def take(self, number: int) -> tuple[Account, ...]:
        """The next `number` accounts that this rehearsal has not used. Raises Unmeasurable if fewer are left, and
        SignUpRefused if one cannot be made.

        The count of used accounts is kept in the run directory. Activities run one after the other, so it needs no
        lock.
        """
        count = self._run.directory / ".accounts"
        used = int(count.read_text(encoding="utf-8")) if count.exists() else 0
        if self._printed is not None and now() - self._printed.made_at > _FRESH_SECONDS:
            self._printed = None
        accounts = self.candidates
        self._require(number, accounts.count - self._reserved - used)
        count.write_text(str(used + number), encoding="utf-8")
        return self._signed_up(tuple(accounts.account(index) for index in range(used, used + number)))

    def last(self, number: int) -> tuple[Account, ...]:
        """The last `number` accounts, which are reserved for a load on other machines. Raises Unmeasurable if there
        are fewer, and SignUpRefused if one cannot be made."""
        accounts = self.candidates
        self._require(number, accounts.count)
        reserved = range(accounts.count - number, accounts.count)
        return self._signed_up(tuple(accounts.account(index) for index in reserved))

    def _signed_up(self, accounts: tuple[Account, ...]) -> tuple[Account, ...]:
        """Make those of the accounts that do not exist yet; returns all of them."""
        if self._environment.platform.contract.sign_up is None or not self._connections.api.writes:
            return accounts
        missing = [account for account in accounts if account.access_token is None]
        if len(missing) > 1:
            self._run.progress.say(f"sign-up: {len(missing)} accounts")
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for signing_up in [pool.submit(self._sign_up, account) for account in missing]:
                signing_up.result()
        return accounts

    def _sign_up(self, account: Account) -> None:
        """Make the account, unless it exists already. A refusal that may come from a short overload is tried again."""
        password = "" if account.password is None else account.password.get_secret_value()
        own = person_values(self._environment.platform.contract, account.email)
        values = own | {"email": account.email, "password": password}
        for attempt in range(_TRIES):
            if attempt:
                time.sleep(_PAUSE_SECONDS)
            reply = self._connections.api.call("sign_up", values)
            if reply.accepted or reply.operation.has_stored(reply.status, reply.searched):
                return
            if reply.refused:
                break
        raise SignUpRefused(f"{account.email} could not sign up: {reply}{quoted(reply.words)}", reply)

    def _require(self, number: int, left: int) -> None:
        if number > left:
            raise Unmeasurable(
                f"{number} more candidates are needed and {max(0, left)} of {self.candidates.count} are left; "
                f"give env.{self._environment.name}.candidates more accounts or choose a smaller profile"
            )

    @property
    def admin(self) -> Account | None:
        """The account that may call the admin operations."""
        if self._environment.admin is not None:
            return self._environment.admin
        if self._embedded.state is None:
            return None
        embedded = self._embedded.state.admin
        return Account(email=embedded.email, password=SecretStr(embedded.password))

    def auth_token(self) -> str:
        """The token for the admin operations: the environment's `auth_token`, otherwise a login of its `admin`.

        Raises Unmeasurable if neither is configured or the login is refused.
        """
        if self._environment.auth_token is not None:
            return self._environment.auth_token.get_secret_value()
        if self.admin is None:
            key = f"env.{self._environment.name}"
            raise Unmeasurable(
                f"there is no administrator: set {key}.admin, {key}.auth_token or the variable AUTH_TOKEN"
            )
        return self.log_in(self.admin).access_token

    def admin_token(self, refused: str | None) -> str:
        """The token for calls that the rehearsal makes itself, used again for a while: platforms limit logins. A token
        that was `refused` is not used again. Raises Unmeasurable as `auth_token` does."""
        token, made_at = self._admin
        if token is None or token == refused or time.monotonic() - made_at > _ADMIN_SECONDS:
            self._admin = token, _ = self.auth_token(), time.monotonic()
        return token

    def log_in(self, account: Account) -> LoginResult:
        """Log in. A prepared token that has expired is refreshed.
        Raises Unmeasurable if the platform gives no token."""
        login = self._refreshed.get(account.email) or self._connections.api.log_in(account)
        if self._has_ended(login):
            login = self._refresh(login)
        return login

    def _has_ended(self, login: LoginResult) -> bool:
        """Whether a prepared token has expired and can be refreshed."""
        account = login.account
        if account.access_token is None or account.password is not None or login.refresh_token is None:
            return False
        if self._environment.platform.contract.refresh is None:
            return False
        candidates = self.candidates
        return renewal_of(login.access_token, now(), candidates.made_at, candidates.lifetime) <= now()

    def _refresh(self, login: LoginResult) -> LoginResult:
        reply = self._connections.api.call("refresh", {"refresh_token": login.refresh_token})
        access, refresh = reply.find("access_token"), reply.find("refresh_token")
        if not reply.accepted or access is None:
            raise Unmeasurable(
                f"the prepared token of {login.account.email} has expired and was not refreshed: {reply}"
            )
        self._connections.api.reuse_values(str(access), login.access_token)
        renewed = replace(login, access_token=str(access), refresh_token=refresh or login.refresh_token)
        self._refreshed[login.account.email] = renewed
        return renewed
