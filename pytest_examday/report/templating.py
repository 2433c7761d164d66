"""Templates of reports, and the escaping of text for Markdown and HTML."""

import re
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from pytest_examday.report.figure_words import printable_line

_SPECIAL = re.compile(r"([\\`*\[\]|])")
_LEADING = re.compile(r"^(#|>|[-+](?=\s)|\d+[.)](?=\s))")
_ENTITY = re.compile(r"&(?=#|\w+;)")
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_CODE = re.compile(r"`([^`]+)`")
_AUTOLINK = re.compile(r"(?<=[a-z]:)(?=//)|(?<=\bwww)(?=\.)", re.IGNORECASE)
"""Where a backslash keeps a renderer from making a link of an address that stands in the text."""
_WRAPPING = re.compile(r"(?<!\w)_|_(?!\w)")


def markdown_text(value: object) -> Markup:
    """The value as one line of Markdown that shows it unchanged: it cannot add markup, links, table cells or HTML."""
    if isinstance(value, Markup):
        return value
    text = _SPECIAL.sub(r"\\\1", printable_line(str(value)))
    text = _AUTOLINK.sub(r"\\", text)
    text = _TAG.sub("&lt;", _ENTITY.sub("&amp;", _WRAPPING.sub(r"\\_", text)))
    return Markup(_LEADING.sub(r"\\\1", text))  # noqa: S704 # escaped for the format that it goes into


def markdown_code(value: object) -> Markup:
    """A path or name as inline code."""
    return Markup("`{}`").format(Markup(printable_line(str(value)).replace("`", "'")))  # noqa: S704 # shown verbatim


def html_words(value: str) -> Markup:
    """Escaped text; what stands between backticks becomes `<code>`."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(value))))  # noqa: S704 # escaped before


@cache
def html_templates() -> Environment:
    """The HTML templates. They escape every value that is not `Markup`."""
    environment = Environment(
        loader=PackageLoader("pytest_examday.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["words"] = html_words
    return environment


@cache
def markdown_templates(package: str) -> Environment:
    """The Markdown templates of a package.

    `markdown_text` escapes every value. `autoescape` marks the result of macros as `Markup`, so that it is not escaped
    twice.
    """
    return Environment(
        loader=PackageLoader(package),
        autoescape=True,
        finalize=markdown_text,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
