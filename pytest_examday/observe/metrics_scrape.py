"""Reads the platform's metrics, which are Prometheus text, with the parser of the Prometheus client library."""

from collections.abc import Mapping

from pytest_examday.target.api import Api

Metrics = Mapping[str, tuple[float, ...]]

_SMALLEST, _LARGEST = 1e-9, 2.0**63
"""No count of connections, errors or bytes is larger, and none but 0 is smaller."""


def scrape(api: Api) -> Metrics | None:
    """All values of each metric, by its name; None if the platform does not return metrics now."""
    from prometheus_client.parser import text_string_to_metric_families

    described = api.contract.metrics
    if described is None:
        return None
    reply = api.call(described.operation, timeout=2)
    if reply.status != 200:
        return None
    values: dict[str, tuple[float, ...]] = {}
    try:
        for family in text_string_to_metric_families(reply.text):
            for sample in family.samples:
                if sample.value and not _SMALLEST <= sample.value <= _LARGEST:
                    continue  # NaN and infinity are valid Prometheus text, and no measured value
                values[sample.name] = (*values.get(sample.name, ()), sample.value)
    except ValueError:
        return None  # HTTP 200 without Prometheus text: a proxy's error page
    return values
