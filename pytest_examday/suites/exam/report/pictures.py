"""The pictures of an exam's part of the HTML report."""

from collections.abc import Iterator

from pytest_examday.report.drill_chart import drill_picture
from pytest_examday.report.picture import Picture
from pytest_examday.report.view import View
from pytest_examday.suites.exam.report import charts, load_sentences, sentences
from pytest_examday.suites.exam.report.source import Sources


def pictures(view: View) -> Iterator[Picture]:
    """Pictures of latency, delivered load, every drill, and all answers, as far as they were measured."""
    sources = Sources(view)
    load, stored = sources.load.record, sources.stored.record
    if load is not None and (drawing := charts.latency(load, view.limits.p95_ms)) is not None:
        meaning = "95 of 100 requests of a window took no longer than its dot (p95). The ramp is not judged."
        yield Picture("How long requests took while the exam ran", drawing, (meaning,))
    if load is not None and (drawing := charts.delivery(load)) is not None:
        meaning = (
            f"Upwards: writes in a window of {charts.window_seconds(load):g} s. Grey: those that the plan had due in "
            "it. Blue: those that candidates began in it."
        )
        yield Picture(
            "The planned load and the delivered one", drawing, (meaning, load_sentences.delivery_sentence(load))
        )
    drilled = (source.record for source in sources.drills)
    for record in sorted(filter(None, drilled), key=lambda record: record.injected):
        chart = view.suite.drill_by_activity[record.drill].chart or drill_picture
        yield chart(record, view.measured_in)
    if stored is not None and (drawing := charts.answers(stored.reconciliation)) is not None:
        yield Picture("What became of every answer", drawing, (sentences.ledger_sentence(stored.reconciliation),))
