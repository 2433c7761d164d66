"""The spellings of a UUID: in upper case, without dashes or in braces it is the same id."""

import re
from collections.abc import Iterable

_UUID = re.compile(
    r"(?:urn:uuid:)?(?P<open>\{)?([0-9a-f]{8})(-?)([0-9a-f]{4})\3([0-9a-f]{4})\3([0-9a-f]{4})\3([0-9a-f]{12})(?(open)\})",
    re.IGNORECASE,
)


def canonical(text: str) -> str:
    """The usual spelling of a UUID: lower case, with dashes. Any other text is returned as it is."""
    match = _UUID.fullmatch(text)
    if match is None:
        return text
    return "-".join(match.group(2, 4, 5, 6, 7)).lower()


def spellings(text: str) -> tuple[str, ...]:
    """The ways in which platforms write this id, the given one first."""
    usual = canonical(text)
    if _UUID.fullmatch(text) is None:
        return (text,)
    bare = usual.replace("-", "")
    ways = (usual, usual.upper(), bare, bare.upper(), f"{{{usual}}}", f"{{{usual.upper()}}}")
    return tuple(dict.fromkeys((text, *ways)))


def same_text_or_uuid(text: str | None, other: str | None) -> bool:
    """Whether both are the same text, or the same UUID."""
    return text == other or (text is not None and other is not None and canonical(text) == canonical(other))


def other_spellings(found: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """Found id -> the known id that is the same UUID in another spelling.

    A known id that is also found in its own spelling is left out."""
    exact = set(found)
    usual = {canonical(one): one for one in known if one not in exact}
    strange = exact.difference(usual.values())
    return {one: usual[canonical(one)] for one in strange if usual.get(canonical(one), one) != one}
