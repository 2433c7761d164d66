"""How a secret may be written in a text: escaped, quoted for an address, in base64, in hexadecimal digits, or a
fragment of it.

Drivers quote parts of an address, and pytest cuts long texts and leaves out what is alike. So a fragment of six
characters counts as the secret, unless it is an ordinary text: letters of a word, a number, a date, hexadecimal digits
(of those twelve count). Hiding these would damage texts that hold no secret. Of a passphrase, which is made of ordinary
words, a fragment of ten characters counts, and what stands beside the dots of a text that was cut.
"""

import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from html import escape
from urllib.parse import quote, quote_plus

from pytest_examday.config.ordinary_text import HEXADECIMAL, SHORTEST_HEXADECIMAL, looks_random

SHORTEST = 6
"""Characters of the shortest secret, and of the shortest fragment of one, that is hidden."""
LONG_FRAGMENT = 10
"""Characters of a fragment that is hidden also if it is an ordinary text: pytest cuts passphrases, and shows ten
characters beside what differs."""
_TWO_WORDS = re.compile(r"\w[^\w]+\w")
_LETTER = re.compile(r"[^\W\d_]")
_NEVER_ESCAPED = re.compile(r"[A-Za-z0-9_.-]*")
_BASE64_PIECE = 8
"""Characters of base64 that stand for six bytes."""

Spelling = Callable[[str], str]
"""How one character is written."""


def _in_json(character: str) -> str:
    return json.dumps(character, ensure_ascii=False)[1:-1]


def _in_ascii_json(character: str) -> str:
    return json.dumps(character)[1:-1]


def _in_python(character: str) -> str:
    return repr(character)[1:-1]


def _in_python_ascii(character: str) -> str:
    return ascii(character)[1:-1]


def _in_python_bytes(character: str) -> str:
    return repr(character.encode(errors="surrogatepass"))[2:-1]


def _with_escaped_quotes(spelling: Spelling) -> Spelling:
    """The spelling that `repr` uses in a text that holds both kinds of quotes."""
    return lambda character: "\\'" if character == "'" else spelling(character)


def _in_address(safe: str) -> Spelling:
    return lambda character: quote(character, safe=safe, errors="surrogatepass")


def _in_address_twice(character: str) -> str:
    """As an address that is a parameter of another one."""
    return quote(_in_address("")(character), safe="")


def _in_form(character: str) -> str:
    return quote_plus(character, errors="surrogatepass")


def _in_shell(character: str) -> str:
    return "'\"'\"'" if character == "'" else character


def _in_markup(character: str) -> str:
    """The spelling of markupsafe; `html.escape` gives an apostrophe another number."""
    return {"'": "&#39;", '"': "&#34;"}.get(character, escape(character))


def _in_hexadecimal(character: str) -> str:
    return character.encode(errors="surrogatepass").hex()


def _in_capital_hexadecimal(character: str) -> str:
    return _in_hexadecimal(character).upper()


def _lower_case(spelling: Spelling) -> Spelling:
    """An escape in lower case, if the character needs one."""
    return lambda character: character if spelling(character) == character else spelling(character).lower()


_INNER: tuple[Spelling, ...] = (
    str,
    _in_python,
    _with_escaped_quotes(_in_python),
    _in_python_ascii,
    _with_escaped_quotes(_in_python_ascii),
    _in_python_bytes,
    _with_escaped_quotes(_in_python_bytes),
    *map(_in_address, ("", "/", "!$&'()*+,;=", "!$&'()*+,;=:@/")),
    *(_lower_case(_in_address(safe)) for safe in ("", "/")),
    _in_address_twice,
    _in_form,
    _in_shell,
    _in_json,
    _in_ascii_json,
)
_OUTER: tuple[Spelling, ...] = (str, _in_json, _in_ascii_json, escape, _in_markup)


@dataclass(frozen=True)
class Form:
    """One way to write a secret, character by character."""

    parts: tuple[str, ...]

    def grown(self, text: str, at: int, first: int, after: int) -> tuple[int, int]:
        """Where the secret begins and ends in the text, whose parts from `first` to before `after` stand at `at`."""
        end = at + sum(map(len, self.parts[first:after]))
        while first > 0 and text.endswith(self.parts[first - 1], 0, at):
            first -= 1
            at -= len(self.parts[first])
        while after < len(self.parts) and text.startswith(self.parts[after], end):
            end += len(self.parts[after])
            after += 1
        return at, end


@dataclass(frozen=True)
class Needle:
    """A text that stands for a secret: the parts of a form from `first` to before `after`."""

    form: Form
    first: int
    after: int

    @property
    def text(self) -> str:
        """The text to look for."""
        return "".join(self.form.parts[self.first : self.after])


def forms_of(secret: str) -> tuple[Form, ...]:
    """Every form of the secret whose parts stand for one character each."""
    in_hexadecimal = (tuple(map(spelling, secret)) for spelling in (_in_hexadecimal, _in_capital_hexadecimal))
    if _NEVER_ESCAPED.fullmatch(secret):
        return tuple(map(Form, dict.fromkeys((tuple(secret), *in_hexadecimal))))
    spelled = zip(*map(_spelled, secret), strict=True)
    return tuple(map(Form, dict.fromkeys((*spelled, *in_hexadecimal))))


@cache
def _spelled(character: str) -> tuple[str, ...]:
    """The character in every spelling, always in the same order."""
    return tuple("".join(map(outer, inner(character))) for inner in _INNER for outer in _OUTER)


def whole(secret: str) -> Iterator[Needle]:
    """The secret in all of its forms."""
    for form in (*forms_of(secret), *_in_base64(secret)):
        yield Needle(form, 0, len(form.parts))


def fragments(secret: str) -> Iterator[Needle]:
    """The shortest fragments of the secret that are no ordinary texts, in all of its forms."""
    spans = _spans_that_look_random(secret)
    for form in forms_of(secret):
        yield from (Needle(form, *span) for span in spans)
    for form in _in_base64(secret):
        text = "".join(form.parts)
        for first in range(len(text) - _BASE64_PIECE + 1):
            if looks_random(text[first : first + _BASE64_PIECE]):
                yield Needle(form, first, first + _BASE64_PIECE)


def _spans_that_look_random(secret: str) -> tuple[tuple[int, int], ...]:
    """Where the shortest fragments begin and end that are no ordinary texts."""
    return tuple(
        (first, first + size)
        for size in (SHORTEST, SHORTEST_HEXADECIMAL)
        for first in range(len(secret) - size + 1)
        if looks_random(secret[first : first + size])
        and (size == SHORTEST or HEXADECIMAL.fullmatch(secret[first : first + size]))
    ) + tuple(
        (first, first + LONG_FRAGMENT)
        for first in range(len(secret) - LONG_FRAGMENT + 1)
        if _is_of_a_passphrase(secret[first : first + LONG_FRAGMENT])
    )


def _is_of_a_passphrase(text: str) -> bool:
    """Whether the text is a part of a passphrase: of two words at least, and neither a date nor hexadecimal digits."""
    return _TWO_WORDS.search(text) is not None and _LETTER.search(text) is not None and not HEXADECIMAL.fullmatch(text)


def _in_base64(secret: str) -> Iterator[Form]:
    """The secret in base64, at each of the three places where it may begin in what is encoded."""
    plain = secret.encode(errors="surrogatepass")
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + plain).decode()
        begin = -(-before * 8 // 6)
        end = (before + len(plain)) * 8 // 6  # the character after that also holds bits of what follows
        for text in dict.fromkeys((encoded[begin:end], encoded[begin:end].replace("+", "-").replace("/", "_"))):
            if len(text) >= SHORTEST:
                yield Form(tuple(text))
