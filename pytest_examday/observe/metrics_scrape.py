"""Prometheus text, read with the client library's own parser."""

from collections.abc import Mapping

from pytest_examday.target.api import Api

Metrics = Mapping[str, tuple[float, ...]]


def scrape(api: Api) -> Metrics | None:
    """Every sample value by metric name; None where the platform tells no metrics now."""
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
                values[sample.name] = (*values.get(sample.name, ()), sample.value)
    except ValueError:
        return None  # HTTP 200 and no Prometheus text: an error page of a proxy
    return values
