"""The forms in which a random text may be stored without encryption: as it is, in hexadecimal, and in base64."""

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping

_SHORTEST = 12
"""The fewest characters of base64 that are looked for; fewer may occur by chance."""


def forms(text: str) -> tuple[str, ...]:
    """The forms in lower case; they are searched for without regard to case."""
    encoded = list(_in_base64(text.encode()))
    in_hexadecimal = [form.encode().hex() for form in (text, *encoded)]
    return tuple(dict.fromkeys(form.lower() for form in (text, *encoded, *in_hexadecimal)))


def pattern(texts: tuple[str, ...]) -> str:
    """A regular expression of PostgreSQL that finds any form of any of these texts; it needs `~*`."""
    return "|".join(re.sub(r"([^0-9a-z])", r"\\\1", form) for text in texts for form in forms(text))


def _in_base64(raw: bytes) -> Iterator[str]:
    """The characters that stand for these bytes alone, for each place at which they may begin."""
    for place in range(3):  # base64 writes three bytes as four characters
        begin, end = -(-place * 8 // 6), (place + len(raw)) * 8 // 6
        characters = b64encode(bytes(place) + raw).decode()[begin:end]
        if len(characters) >= _SHORTEST:
            yield characters


class Finder:
    """Finds texts in blocks of bytes. `texts` maps names to the texts of each."""

    def __init__(self, texts: Mapping[str, tuple[str, ...]]) -> None:
        self._forms = {name: [form.encode() for text in of for form in forms(text)] for name, of in texts.items()}
        self.overlap = max((len(form) for of in self._forms.values() for form in of), default=1)
        """How many bytes of a block have to be searched again with the next one."""

    def names_in(self, block: bytes) -> Iterator[str]:
        """The names of the texts that the block holds."""
        lower = block.lower()
        yield from (name for name, of in self._forms.items() if any(form in lower for form in of))
