"""Reads a web page as a document, so that a server-rendered platform is described as a JSON API is.

A table says what the document holds. A text is a CSS selector, with `@NAME` at its end for an attribute and without it
for the text of the element; within `each`, `@NAME` alone is an attribute of the element itself. A list of one such text
finds all that match. A table with `each` makes a list of documents, one for each element that `each` selects.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

Reader = Callable[["LexborNode"], Any]
EACH = "each"
_EMPTY = b"<html></html>"


def read_page(table: Mapping[str, JsonValue], content: bytes) -> Any:
    """The document that the table finds in the page. A value that no element or more than one element has is None."""
    root = _parse(content)
    return None if root is None else {name: _reader(_frozen(value))(root) for name, value in table.items()}


def ambiguous(table: Mapping[str, JsonValue], content: bytes) -> Iterator[str]:
    """The keys for which one element was meant and two or more match; each with its selector and the number."""
    for name, value in table.items():
        if isinstance(value, str) and (selector := _selector_of(value)):
            number = _matching(selector, content) or 0
            if number > 1:
                yield f"{name}: {selector!r} matches {number} elements"


def unmatched(table: Mapping[str, JsonValue], content: bytes) -> Iterator[str]:
    """The keys whose selector matches no element of the page, each with its selector."""
    for name, value in table.items():
        selector = _selector_of(value)
        if selector and _matching(selector, content) == 0:
            yield f"{name}: no element of the page matches {selector!r}"


def _matching(selector: str, content: bytes) -> int | None:
    """How many elements of the page match; None if the content is not a page."""
    root = _parse(content)
    return None if root is None else len(root.css(selector))


def _selector_of(value: JsonValue) -> str:
    """The selector of an entry; empty if it has none."""
    if isinstance(value, dict):
        return str(value.get(EACH, ""))
    text = value[0] if isinstance(value, list) else value
    return _parts(str(text))[0]


def checked_page(table: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """The table itself. Raises ValueError if a selector or the form of an entry is wrong, or if the extra that reads
    pages is not installed."""
    _parse(_EMPTY)
    for name, value in table.items():
        try:
            _reader(_frozen(value))
        except ValueError as problem:
            raise ValueError(f"{name}: {problem}") from None
    return table


def _parse(content: bytes) -> Any:
    try:
        from selectolax.lexbor import LexborHTMLParser
    except ImportError:
        raise ValueError("pages are read with selectolax; install pytest-examday[pages]") from None
    return LexborHTMLParser(content).root


def _frozen(value: JsonValue) -> Any:
    """The entry with tuples for lists and tables, so that its reader is made once."""
    if isinstance(value, dict):
        if not value:
            raise ValueError("a table must not be empty")
        return tuple((key, _frozen(inner)) for key, inner in value.items())
    if isinstance(value, list):
        if len(value) != 1 or not isinstance(value[0], str):
            raise ValueError("a list holds one selector")
        return (value[0],)
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is neither a selector, nor a list of one selector, nor a table with `{EACH}`")
    return value


@cache
def _reader(entry: Any) -> Reader:
    if isinstance(entry, str):
        return _one(entry)
    if isinstance(entry[0], str):
        return _all(entry[0])
    inner = dict(entry)
    each = inner.pop(EACH, None)
    if not isinstance(each, str) or not inner:
        raise ValueError(f"a table needs `{EACH}`, a selector, and at least one value beside it")
    _require_selector(each)
    readers = {name: _reader(value) for name, value in inner.items()}
    return lambda node: [{name: read(element) for name, read in readers.items()} for element in node.css(each)]


def _one(text: str) -> Reader:
    selector, attribute = _parts(text)
    if selector:
        _require_selector(selector)

    def read(node: "LexborNode") -> Any:
        nodes = node.css(selector) if selector else [node]
        return _value(nodes[0], attribute) if len(nodes) == 1 else None

    return read


def _all(text: str) -> Reader:
    selector, attribute = _parts(text)
    _require_selector(selector)
    return lambda node: [value for element in node.css(selector) if (value := _value(element, attribute)) is not None]


def _require_selector(selector: str) -> None:
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError

    try:
        LexborHTMLParser(_EMPTY).css(selector)
    except SelectolaxError:
        raise ValueError(f"{selector!r} is not a CSS selector") from None


def _parts(text: str) -> tuple[str, str | None]:
    """Selector and attribute. An `@` within brackets belongs to the selector."""
    before, at, after = text.rpartition("@")
    if not at or "]" in after:
        return text, None
    return before.strip(), after


def _value(node: "LexborNode", attribute: str | None) -> str | None:
    if attribute is None:
        return str(node.text()).strip()
    if attribute not in node.attributes:
        return None
    return node.attributes[attribute] or ""
