"""Phase 2: candidates live through an exam while the pool is watched."""

import time

from pytest_examday.evidence.phases import LoadEvidence
from pytest_examday.integrity.harm import harmed_by_waiting
from pytest_examday.load.crowd import load_of
from pytest_examday.load.ledger import count
from pytest_examday.load.samples import by_operation, figures, overlapping, windows
from pytest_examday.observe.pool import PoolWatch
from pytest_examday.site import Site

_ACTIVITY = "load"


def gather(site: Site) -> LoadEvidence:
    """Run the profile's load to its end."""
    profile = site.environment.profile.load
    load = load_of(
        site, _ACTIVITY, profile.candidates, profile.questions, profile.arrive_seconds, profile.habits, told=False
    )
    site.progress.say(
        f"load: {profile.candidates} candidates arrive within {profile.arrive_seconds:.0f} s, "
        f"about {profile.expected_seconds:.0f} s in all"
    )
    started = time.time()
    with PoolWatch(site) as watch, load:
        generator = load.wait(profile.longest_seconds + 2 * profile.habits.patience_seconds)
    samples = load.samples()
    slices = windows(samples, profile.window_seconds, profile.ramp_seconds)
    steady_from = min((window.started for window in slices if not window.ramp), default=float("inf"))
    fates = load.fates()
    return LoadEvidence(
        profile=site.environment.profile.name,
        test_type="session creation, answer submission and submit: the whole exam as one life",
        candidates=profile.candidates,
        started=started,
        ended=time.time(),
        operations=by_operation(samples),
        overall=figures("all", samples),
        steady=by_operation(sample for sample in samples if sample.started >= steady_from),
        windows=slices,
        writes=count(load.writes()),
        simultaneous_submits=overlapping(sample for sample in samples if sample.operation == "submit"),
        generator=generator,
        pool=watch.figures(),
        redis_connection_failures=watch.redis_errors,
        redis_reconnects=watch.redis_reconnects,
        ready_degraded=watch.degraded,
        fates=fates,
        harmed=harmed_by_waiting(fates, site.environment.thresholds.max_wait_seconds, _ACTIVITY),
        ledger=f"ledger/{_ACTIVITY}.ledger.jsonl",
        samples=f"ledger/{_ACTIVITY}.samples.jsonl",
    )
