"""Senses: what shows at an address that a fault is in, and what does not."""

import time

from pytest_examday.faults.role_senses import _place
from pytest_examday.faults.sense import DelaySense, Observation, SilenceSense


def test_a_store_that_still_replies_is_not_away() -> None:
    sense = SilenceSense("redis_url", lambda: (True, "replied"))
    sense.prepare()
    assert sense.observe() == Observation(False, "still replied: replied")


def test_a_store_that_refuses_is_away() -> None:
    replies = iter([(True, "replied"), (False, "connection refused")])
    sense = SilenceSense("redis_url", lambda: next(replies))
    sense.prepare()
    assert sense.observe() == Observation(True, "connection refused")


def test_what_was_out_of_reach_before_tells_nothing() -> None:
    sense = SilenceSense("redis_url", lambda: (False, "no route to host"))
    sense.prepare()
    assert sense.observe() == Observation(None, "out of reach before the fault already: no route to host")


def test_a_delay_without_effect_is_not_felt() -> None:
    sense = DelaySense("ready of the API", lambda: (True, "HTTP 200"), 500)
    sense.prepare()
    observation = sense.observe()
    assert observation.present is False
    assert "delayed by 500 ms" in observation.detail


def test_half_of_the_delay_is_felt() -> None:
    seconds = iter([0.0, 0.0, 0.0, 0.03])

    def ask() -> tuple[bool, str]:
        time.sleep(next(seconds))
        return True, "HTTP 200"

    sense = DelaySense("ready of the API", ask, 40)
    sense.prepare()
    assert sense.observe().present is True


def test_lateness_of_what_never_replied_is_unknown() -> None:
    sense = DelaySense("ready of the API", lambda: (False, "refused"), 40)
    sense.prepare()
    assert sense.observe() == Observation(None, "no reply before the fault")
    assert sense.silence_seconds is None


def test_a_place_is_named_without_its_password() -> None:
    assert _place("redis://:secret@cache.example:6379/0") == " (cache.example:6379)"
    assert _place("host=db user=exam password=secret") == ""
