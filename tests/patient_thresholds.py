"""Limits for rehearsals in which it is not the question how fast the platform and the machine that tests are."""

from collections.abc import Mapping

PATIENT: Mapping[str, float] = {
    "p95_ms": 60_000,
    "pool_usage": 1,
    "recovery_seconds": 60,
    "max_wait_seconds": 60,
    "drill_wait_seconds": 60,
    "delivered_share": 0.2,
    "window_delivered_share": 0.01,
    "arrival_late_ms": 60_000,
    "generator_lag_ms": 60_000,
    "generator_cpu_share": 100,
}
"""Thresholds that depend on the machine. A test that is about one of them sets that one."""


def thresholds(environment: str, **limits: float) -> str:
    """The table of an environment's thresholds, as TOML."""
    lines = [f"{name} = {limit}" for name, limit in {**PATIENT, **limits}.items()]
    return "\n".join([f"[env.{environment}.thresholds]", *lines, ""])
