"""The tokens of a candidate. The access token is renewed before it ends, as the exam page does."""

import asyncio
import math

from pytest_examday.config.mint import Signer
from pytest_examday.contract.contract import Contract
from pytest_examday.contract.token_life import DEFAULT_SECONDS, renewal_after, renewal_of
from pytest_examday.load.attempts import Attempts, GaveUp
from pytest_examday.load.client import ClientReply
from pytest_examday.load.load_plan import LoginMeans, PlannedAccount
from pytest_examday.monotonic_clock import now
from pytest_examday.suites.exam.load.reply_bodies import Tokens, Unusable, tokens_in


class CandidateTokens:
    """The tokens of one candidate, from its login, prepared before the exam, or signed here."""

    def __init__(self, account: PlannedAccount, contract: Contract, attempts: Attempts, ways: LoginMeans) -> None:
        self._account = account
        self._contract = contract
        self._attempts = attempts
        self._signer = ways.signer
        self._default_seconds = DEFAULT_SECONDS if ways.lifetime is None else ways.lifetime
        self._renewing = asyncio.Lock()
        self._refresh = account.refresh_token
        self._token = account.access_token
        self._renew_at = math.inf
        if self._token is not None:
            self._renew_at = renewal_of(self._token, now(), ways.made_at, ways.lifetime)
        self.owner: str | None = None

    async def enter(self, due: float) -> None:
        """Log in, unless a token was prepared or can be signed. `due` is the moment of arrival. Raises GaveUp if the
        login fails."""
        if self._signer is not None:
            self._sign(self._signer)
        elif self._token is None:
            await self._log_in(due)

    async def token(self) -> str:
        """A token that is still valid; raises GaveUp if none can be got."""
        if self._token is None or now() > self._renew_at:
            async with self._renewing:
                if now() > self._renew_at:
                    await self._replace()
        if self._token is None:
            raise GaveUp("has no token")
        return self._token

    async def renew(self, refused: str) -> None:
        """Replace a token that the platform has refused, unless another request has renewed it already. Raises GaveUp
        if none can be got."""
        async with self._renewing:
            if self._token == refused:
                await self._replace()

    async def _replace(self) -> None:
        """Sign a new token; or else refresh the token, or log in again if that is refused.

        Only one renewal may run at a time: the second of two clicks would send a refresh token that is already used.
        """
        if self._signer is not None:
            self._sign(self._signer)
            return
        if self._refresh is not None and self._contract.refresh is not None:
            reply = await self._attempts.send_once("refresh", {"refresh_token": self._refresh})
            if reply.outcome == "ok":
                self._keep("refresh", reply)
                return
        await self._log_in(None)

    def _sign(self, signer: Signer) -> None:
        self._token = signer.token(self._account.email, self._account.id)
        self._renew_at = renewal_of(self._token, now())

    async def _log_in(self, due: float | None) -> None:
        if self._account.password is None:
            raise GaveUp("the prepared token has ended, and there is no password to log in with")
        if self._contract.before_login is not None:
            await self._attempts.send_until_accepted("before_login", {}, None, due=due)
        values = {"email": self._account.email, "password": self._account.password}
        self._keep("login", await self._attempts.send_until_accepted("login", values, None, due=due))
        if self._contract.after_login is not None and self._token is not None:
            await self._attempts.send_until_accepted("after_login", {}, _Fresh(self._token))

    def _keep(self, operation: str, reply: ClientReply) -> None:
        try:
            tokens: Tokens = tokens_in(getattr(self._contract, operation), reply.body, self._default_seconds)
        except Unusable as problem:
            raise GaveUp(f"the reply to {operation} {problem}") from None
        self._token, self._refresh = tokens.access, tokens.refresh or self._refresh
        self._renew_at = renewal_after(now(), tokens.lifetime)
        self.owner = tokens.owner or self.owner


class _Fresh:
    """The token of a login, which cannot be renewed yet."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def token(self) -> str:
        return self._token

    async def renew(self, refused: str) -> None:
        raise GaveUp("the platform refused the token that it had just given")
