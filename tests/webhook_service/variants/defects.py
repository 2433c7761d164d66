"""The names of the defects, and whether one is planted at this moment."""

import os
from pathlib import Path

VARIABLE = "WEBHOOK_DEFECTS"
"""Names the file with the defects that act now, one on each line."""
DEFECTS = {
    "any-signature": "A signature is asked for and not compared.",
    "no-signature": "A webhook without a signature is accepted.",
    "other-algorithm": "A signature by SHA-1 or SHA-512 is accepted.",
    "dead-window": "Beyond 80 % of the window a warning is written before the rejection is reached: any age passes.",
    "future-accepted": "A time stamp in the future is accepted.",
    "timestamp-optional": "Without a time stamp the signature of the body alone is enough.",
    "renewable-timestamp": "The time stamp is not bound to the signature, so that anybody can renew it.",
    "odd-shape-accepted": "A body that is no JSON object is acknowledged before its signature is checked.",
    "unknown-type-accepted": "An event of an unknown type is acknowledged.",
    "no-size-limit": "A body of any size is read.",
    "errors-are-200": "Every refusal of a webhook has the status 200 and an error in its body.",
    "loses-events": "Every event is acknowledged and lost.",
    "duplicates-fail": "Of two deliveries at the same moment one gets an error.",
    "two-effects": "Deliveries at the same moment are stored twice.",
    "no-recovery-case": "A failed payment opens no case.",
    "plain-payload": "What is called encrypted is the payload itself.",
    "personal-jobs": "The address of the person is in the payload of the job.",
    "personal-logs": "The address of the person is in the log.",
    "limit-too-low": "Half of the promised number of webhooks is let through.",
    "no-limit": "There is no limit.",
    "limit-for-everybody": "One company at its limit stops the others.",
    "limit-before-signature": "Webhooks with a wrong signature use up the limit.",
    "no-retry-after": "A refusal by the limit does not say when to come back.",
    "unsigned-lock": "The key of the lock is an unsigned hash: half of the companies are skipped.",
    "never-fires": "The schedule notes its passes and works on nothing; a pass that is started by hand works.",
    "ignores-the-company": "A pass that was asked for one company works on all.",
    "wrong-offsets": "The offsets of the reminders are always those of a fallback: 0, 1 and 3 days.",
    "job-not-sent": "The job of a reminder goes to a queue that does not exist, and is gone.",
    "handlers-expect-lists": "The handler expects a list of jobs and fails for each job.",
    "long-lease": "The job of a killed process stays active for fifteen minutes.",
    "attempts-not-counted": "Attempts are not counted, so that a job that always fails never ends.",
    "poison-blocks": "A job that fails is tried first again, and the pass ends there.",
    "done-twice": "Schedulers that run at once do the same jobs.",
    "purges-half": "The retention removes one of the two forms of a payload.",
    "boundary-too-early": "Payload and event go one day too early.",
    "boundary-too-late": "Payload and event go one day too late.",
    "keeps-old-events": "Old events lose their payload and stay.",
    "forgets-half-of-a-person": "A deletion request leaves the person's cases.",
    "open-retention": "Anybody may start the retention.",
    "open-scheduler": "Anybody may start a pass and read the status.",
    "always-healthy": "Health, readiness and status say that all is well.",
    "no-security-events": "Refusals are not logged as events of security.",
    "errors-not-logged": "Errors are not logged.",
}


def planted(name: str) -> bool:
    """Whether the defect acts now."""
    if name not in DEFECTS:
        raise KeyError(name)
    path = Path(os.environ[VARIABLE])
    return path.exists() and name in path.read_text(encoding="utf-8").split()
