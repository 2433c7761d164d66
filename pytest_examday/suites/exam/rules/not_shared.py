"""No cache between candidates and the platform may show one candidate's exam to another one."""

import re

from pytest_examday.suites.exam.gates import EXAM_RULES
from pytest_examday.suites.exam.rules.rule import Rule
from pytest_examday.suites.exam.rules.trials.send_calls import give_answer, require_accepted, submit_exam
from pytest_examday.suites.exam.rules.trials.trial_result import TrialResult
from pytest_examday.suites.exam.rules.trials.trial_setup import TrialSetup
from pytest_examday.target.api import Reply

_FOR_CACHES = ("cache-control", "cdn-cache-control", "surrogate-control")
_HARMLESS = re.compile(r"no-store|private|no-cache|(?:^|[\s,])(?:s-maxage|max-age)\s*=\s*\"?0\b", re.IGNORECASE)
_SHARED = re.compile(r"(?:^|[\s,])(?:public\b|s-maxage\s*=)", re.IGNORECASE)


def _not_shared(setup: TrialSetup) -> TrialResult:
    """Read an exam and its review, and look whether the headers of these pages let a shared cache keep them. A request
    with a token is kept by such a cache only if the reply says so (RFC 9111, 3.5)."""
    with setup.candidate_in_exam() as candidate:
        give_answer(candidate)
        pages = {"the page of an open exam": require_accepted(candidate.read, "the exam could not be read")}
        submit_exam(candidate)
        pages["the page of a submitted exam"] = candidate.read()
        if setup.target.environment.platform.contract.review is not None:
            pages["the review"] = candidate.review()
    for place, page in pages.items():
        if page.accepted and page.operation.method == "GET" and (header := _shares(page)) is not None:
            return TrialResult(False, f"{place} may be kept by a shared cache: {header}")
    return TrialResult(True, f"no header lets a shared cache keep {', '.join(pages)}")


def _shares(page: Reply) -> str | None:
    """The header that lets a shared cache keep the page; None if there is none."""
    for name, value in page.headers:
        shares = name.lower() != _FOR_CACHES[0] or _SHARED.search(value) is not None
        if name.lower() in _FOR_CACHES and shares and not _HARMLESS.search(value):
            return f"{name}: {value}"
    return None


RULES = (
    Rule(
        "pages-of-an-exam-are-kept-by-no-shared-cache",
        "No shared cache may keep the pages of an exam",
        EXAM_RULES,
        _not_shared,
    ),
)
