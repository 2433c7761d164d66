"""The engine of the scheduled load: the built-in actors, k6 on this machine, or a k6 elsewhere whose logs are read."""

from pathlib import Path

from pytest_examday.config.engine import BUILT_IN_ACTORS, Engine
from pytest_examday.config.environment import Environment
from pytest_examday.errors import UsageProblem
from pytest_examday.options import ENGINES


def chosen_engine(name: str, results: str | None, environment: Environment) -> Engine:
    """The engine that the options name.

    `results` is the folder with the logs of a k6 elsewhere. Raises UsageProblem, in one line, for an unknown engine, a
    k6 that cannot be used, a contract or candidates that k6 cannot follow, and a folder without logs.
    """
    if name not in ENGINES:
        raise UsageProblem(f"--examday-engine {name}: unknown engine; choose one of: {', '.join(ENGINES)}")
    if results is not None and name != "k6":
        raise UsageProblem("--examday-k6-results is read with --examday-engine k6 only")
    if name != "k6":
        return BUILT_IN_ACTORS
    from pytest_examday.load.k6.executable import find_k6
    from pytest_examday.load.k6.k6_results import runner_logs
    from pytest_examday.load.k6.translate import require_simple

    require_simple(environment.platform.contract, environment.candidates)
    if results is None:
        return Engine(k6=find_k6(environment.k6))
    runner_logs(Path(results))
    return Engine(results=Path(results).absolute())
