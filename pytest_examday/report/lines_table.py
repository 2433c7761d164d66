"""The table of all lines of a suite, as Markdown."""

from markupsafe import Markup

from pytest_examday.report import verdict_words
from pytest_examday.report.templating import markdown_templates
from pytest_examday.report.view import View


def lines_table(view: View) -> Markup:
    """Each line of the run with its phase, outcome, reason and gates, in the order of the suite."""
    rows = [(line.phase, verdict_words.line_row(line, view.suite)) for line in view.lines]
    template = markdown_templates("pytest_examday.report").get_template("lines.md.jinja")
    return Markup(template.render(rows=rows))  # noqa: S704 # the template escapes every value
