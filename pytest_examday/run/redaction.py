"""Keeps secrets out of every artifact: known secrets are replaced in all text that a run writes."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from pydantic import BaseModel, HttpUrl, SecretStr

from pytest_examday.config.accounts import ListedAccounts
from pytest_examday.config.address_secrets import fragments_of_drivers, passwords
from pytest_examday.config.contract_secrets import secrets_in
from pytest_examday.config.environment import Environment
from pytest_examday.config.secret_names import may_be_secret
from pytest_examday.run.cut_secrets import CutSecrets
from pytest_examday.run.listed_secrets import ListedSecrets
from pytest_examday.run.secret_forms import SHORTEST, Needle, fragments, whole

HIDDEN = "[hidden]"
MASK = "********"
_IN_COMMAND_LINES = (
    re.compile(r"(://[^\s:/?#@]*:)[^\s]+(?=@)"),
    re.compile(r"((?:^|(?<=\s))(?:-u|--user)[\s=]+[^\s:]+:)\S+"),
    re.compile(
        r"((?:^|(?<=\s))-{0,2}[\w.-]*(?:pass|secret|token|credential|api[_-]?key|private)[\w.-]*(?:=|(?<=\w)\s+(?!-)))\S+",
        re.IGNORECASE,
    ),
)
_TOKEN_SHAPE = re.compile(r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}|eyJ[\w-]{16,}(?:\.[\w-]*){0,2}")
_KEY = SHORTEST
"""Characters at the beginning of a needle by which it is found."""
_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
_BEGUN_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*(\\(?:u[0-9a-fA-F]{0,3}|x[0-9a-fA-F]?)?)\Z")
_LONGEST_BEGUN = 16


def masked(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment variables with the values hidden that may be secret: because of their name, or because they are
    an address with a password."""
    return {name: MASK if may_be_secret(name, value) else value for name, value in environment.items()}


def masked_command_line(line: str) -> str:
    """A command line of a process with the passwords hidden that stand in addresses, after options such as
    `--password`, and after names such as `API_TOKEN=`."""
    for pattern in _IN_COMMAND_LINES:
        line = pattern.sub(rf"\1{MASK}", line)
    return line


class Redactor:
    """Replaces the secrets that it has learned, and every text that looks like a JWT."""

    def __init__(self) -> None:
        self._needles: dict[str, dict[str, Needle]] = defaultdict(dict)
        self._listed = ListedSecrets()
        self._cut = CutSecrets()
        self._received: set[str] = set()

    def learn(self, *values: str | None) -> None:
        """Learn secrets: these values, and the passwords inside addresses among them. They are hidden however they are
        escaped or encoded.

        Values shorter than 6 characters are ignored, because hiding a text such as `abc` would damage unrelated text.
        """
        for value in values:
            if value is not None:
                for secret in (value, *passwords(value), *fragments_of_drivers(value)):
                    self._add(whole(secret))

    def learn_received(self, values: Iterable[str]) -> None:
        """Learn secrets that the platform sends during the rehearsal: tokens, session cookies, CSRF values. A JWT need
        not be learned, because its form shows what it is."""
        for value in values:
            if value not in self._received and _TOKEN_SHAPE.fullmatch(value) is None:
                self._received.add(value)
                self.learn(value)

    def learn_configured(self, value: str) -> None:
        """Learn a secret of the configuration. Fragments of it, from 6 characters on, are hidden too; of an address
        those of its passwords."""
        self.learn(value)
        inside = tuple(passwords(value))
        for secret in inside or (() if "://" in value else (value,)):
            self._add(fragments(secret))
            self._cut.add(secret)

    def _add(self, needles: Iterable[Needle]) -> None:
        for needle in needles:
            if len(text := needle.text) >= SHORTEST:
                self._needles[text[:_KEY]].setdefault(text, needle)

    def learn_list(self, *values: str) -> None:
        """Learn very many secrets, such as the passwords of a list of accounts; they are replaced if they are no
        part of a longer word."""
        for value in values:
            self._listed.add(value)

    def learn_from(self, record: BaseModel) -> None:
        """Learn every SecretStr inside the record, the password of every HTTP address, and the variables of an
        environment that may hold secrets."""
        if isinstance(record, ListedAccounts):
            self.learn_list(*_secrets_of(record))
        if isinstance(record, Environment):
            self.learn_variables(value.get_secret_value() for value in record.variables.values())
            self.learn_variables(secrets_in(record.platform.contract))
        for field, value in record.__dict__.items():
            learned = (isinstance(record, Environment) and field == "variables") or (
                isinstance(record, ListedAccounts) and field == "listed"
            )
            if not learned:
                self._learn_from_value(value)

    def _learn_from_value(self, value: Any) -> None:
        if isinstance(value, SecretStr):
            self.learn_configured(value.get_secret_value())
        elif isinstance(value, HttpUrl):
            for password in passwords(str(value)):
                self.learn_configured(password)
        elif isinstance(value, BaseModel):
            self.learn_from(value)
        elif isinstance(value, dict):
            for item in value.values():
                self._learn_from_value(item)
        elif isinstance(value, (list, tuple)):
            for item in value:
                self._learn_from_value(item)

    def learn_variables(self, values: Iterable[str]) -> None:
        """Learn the values of variables that a configuration names; of an address its password."""
        for value in values:
            secrets = (*passwords(value), *fragments_of_drivers(value)) if "://" in value else (value,)
            for secret in secrets:
                self.learn_configured(secret)

    def clean(self, text: str) -> str:
        """The text with every learned secret replaced by `[hidden]`."""
        if len(text) < SHORTEST:
            return text
        tokens = (found.span() for found in _TOKEN_SHAPE.finditer(text))
        return _without(text, _joined(chain(self._spans(text), tokens)))

    def clean_json(self, text: str) -> str:
        """The JSON with every learned secret replaced, as JSON: if a secret is a number that also stands for itself,
        the texts are cleaned and the numbers are left."""
        cleaned = self.clean(text)
        try:
            json.loads(cleaned)
        except ValueError:
            return json.dumps(self._clean_value(json.loads(text)), indent=1)
        return cleaned

    def _clean_value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.clean(value)
        if isinstance(value, list):
            return [self._clean_value(item) for item in value]
        if isinstance(value, dict):
            return {self.clean(key): self._clean_value(item) for key, item in value.items()}
        return value

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where secrets stand. The beginnings of all needles are compared with the text at once, because there may be
        thousands."""
        for span in chain(self._listed.spans(text), self._cut.spans(text)):
            yield _whole_escapes(text, *span)
        occurring = {text[at : at + _KEY] for at in range(len(text) - _KEY + 1)} if self._needles else set()
        for key in self._needles.keys() & occurring:
            for needle_text, needle in self._needles[key].items():
                at = text.find(needle_text)
                while at >= 0:
                    begin, end = needle.form.grown(text, at, needle.first, needle.after)
                    yield _whole_escapes(text, begin, end)
                    at = text.find(needle_text, max(end, at + 1))


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans in order, those that touch or overlap as one."""
    joined: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if joined and begin <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((begin, end))
    return joined


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    parts, done = [], 0
    for begin, end in spans:
        parts += [text[done:begin], HIDDEN]
        done = end
    return "".join((*parts, text[done:]))


def _whole_escapes(text: str, begin: int, end: int) -> tuple[int, int]:
    """The span with escapes such as `\\n` and `\\u00e4` that reach into it or out of it: half of one would make JSON
    unreadable."""
    before = text[max(0, begin - _LONGEST_BEGUN) : begin]
    if (begun := _BEGUN_ESCAPE.search(before)) is not None:
        begin -= len(begun.group(1))
    for escape in _ESCAPE.finditer(text, begin, end + _LONGEST_BEGUN):
        if escape.start() < end:
            end = max(end, escape.end())
    return begin, end


def _secrets_of(accounts: ListedAccounts) -> Iterator[str]:
    for account in accounts.listed:
        for secret in (account.password, account.access_token, account.refresh_token):
            if secret is not None:
                yield secret.get_secret_value()
