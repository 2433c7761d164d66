"""Templates, and how text from outside is made harmless in each format."""

import re
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from pytest_examday.report.figure_words import one_line

_SPECIAL = re.compile(r"([\\`*\[\]|])")
_LEADING = re.compile(r"^(#|>|[-+](?=\s)|\d+[.)](?=\s))")
_ENTITY = re.compile(r"&(?=#|\w+;)")
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_CODE = re.compile(r"`([^`]+)`")
_WRAPPING = re.compile(r"(?<!\w)_|_(?!\w)")


def markdown_text(value: object) -> Markup:
    """Text that Markdown shows as it is: on one line, no markup, links, table cells or HTML of its own."""
    if isinstance(value, Markup):
        return value
    text = _SPECIAL.sub(r"\\\1", one_line(str(value)))
    text = _TAG.sub("&lt;", _ENTITY.sub("&amp;", _WRAPPING.sub(r"\\_", text)))
    return Markup(_LEADING.sub(r"\\\1", text))  # noqa: S704 # escaped for the format that it goes into


def markdown_code(value: object) -> Markup:
    """A path or name in the typewriter face."""
    return Markup("`{}`").format(Markup(one_line(str(value)).replace("`", "'")))  # noqa: S704 # shown verbatim


def html_words(value: str) -> Markup:
    """Escaped text in which what stands between backticks has the typewriter face."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(value))))  # noqa: S704 # escaped before


@cache
def html_templates() -> Environment:
    """HTML: everything is escaped but what was built as markup."""
    made = Environment(
        loader=PackageLoader("pytest_examday.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["words"] = html_words
    return made


@cache
def markdown_templates(package: str) -> Environment:
    """The Markdown templates of a package. `markdown_text` escapes; `autoescape` keeps what macros return from being
    escaped twice."""
    return Environment(
        loader=PackageLoader(package),
        autoescape=True,
        finalize=markdown_text,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
