"""The part of `report.md` for a suite that writes none of its own."""

from pytest_examday.report import verdict_words
from pytest_examday.report.figure_words import printable_line
from pytest_examday.report.how_to_read import how_to_read
from pytest_examday.report.lines_table import lines_table
from pytest_examday.report.not_rehearsed import gaps, gaps_in_full, gaps_in_short
from pytest_examday.report.templating import markdown_code, markdown_templates
from pytest_examday.report.view import View, unmeasured_harm


def plain_document(view: View, instead_because: str | None = None) -> str:
    """Title, verdict, harm, the gates of the suite and of the user's tests, the phases, and every line.

    `instead_because` says why the suite's own document could not be written; None if it has none.
    """
    instead = (
        f"The suite's own document could not be written: {printable_line(instead_because)}" if instead_because else ""
    )
    verdict, suite = view.verdict, view.suite
    template = markdown_templates("pytest_examday.report").get_template("plain.md.jinja")
    not_rehearsed = gaps([view])
    trial = verdict_words.small_trial(verdict, view.evidence, [suite])
    gates = () if verdict is None else verdict.gates
    return template.render(
        code=markdown_code,
        title=suite.title,
        verdict=verdict,
        date=verdict and verdict_words.date_of_rehearsal(verdict, verdict_words.first_measured_at(view.evidence)),
        weakened=verdict_words.weakened(verdict),
        environment=verdict and verdict.environment,
        unrehearsed=gaps_in_short(not_rehearsed),
        gaps=gaps_in_full(not_rehearsed),
        notices=(*([instead] if instead else []), *verdict_words.notices(verdict), *trial),
        meanings=how_to_read(suite.actor),
        assessment=verdict_words.assessment(verdict, [suite], unmeasured_harm([view])),
        stories=verdict_words.stories(verdict, [suite]),
        most_stories=verdict_words.STORIES_SHOWN,
        gates=[verdict_words.gate_row(gate) for gate in gates if gate.suite in (suite.name, None)],
        phases=suite.phases,
        lines=lines_table(view),
        directory=view.measured_in,
    )
