"""Values that a person sends in every request, in addition to those of the operation.

All actors of a rehearsal send from one machine, so a platform that limits the logins of one address would limit them
together. If it trusts a header such as `X-Forwarded-For`, each actor sends an address of its own.
"""

from zlib import crc32

from pytest_examday.contract.contract import Contract
from pytest_examday.contract.templates import Values
from pytest_examday.contract.vocabulary import ADDRESS


def person_values(contract: Contract, person: str) -> Values:
    """The values of the person with this name: its address, and an empty text for each value that operations keep,
    until a reply holds the value. Empty if the contract uses none of them."""
    if not contract.sends_person_values:
        return {}
    return {ADDRESS: address_of(person), **dict.fromkeys(contract.kept_names, "")}


def address_of(person: str) -> str:
    """The address of the person with this name, always the same; in 10.0.0.0/8, which no public network uses
    (RFC 1918)."""
    number = crc32(person.encode("utf-8", "replace"))
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
