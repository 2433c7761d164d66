"""The names of probes that both the code that makes them and the lines that judge them use."""

NOT_READY_WITHOUT_IT = "not ready without it"
"""The probe of what the readiness endpoint says while a store is away."""
CONTINUITY = RESUME_AFTER, SUBMIT_AFTER = ("resume after", "submit after")
"""Probes of an exam that was begun before the fault and is finished after it."""
EXAM_MODE_PROBES = EXAM_MODE_DURING, EXAM_MODE_AFTER = ("exam mode during", "exam mode after")
"""The probes that read exam mode once more: while a fault is in, and after it."""
PROTECTED_PROBES = PROTECTED_DURING, PROTECTED_AFTER = ("protected operations during", "protected operations after")
"""The probes that call protected operations once more: while a fault is in, and after it."""
STAYS_DURING = (EXAM_MODE_DURING, PROTECTED_DURING)
"""The probes of exam mode and of protected operations while a fault is in."""
RATE_LIMIT_PROBES = RATE_LIMIT_BEFORE, RATE_LIMIT_DURING, RATE_LIMIT_AFTER = (
    "rate limit before",
    "rate limit during",
    "rate limit after",
)
"""Bursts of a rate-limited call: before the fault, while it is in, and after it."""
OWNER_AFTER, REFRESH_AFTER = "exam of another candidate after", "refresh after"
"""The probes of who owns an exam, and whose tokens a refresh gives."""
RULES_AFTER, LOGGED_AFTER = RULES_PROBES = ("rules of the exam after", "requests in the log after")
"""The probes of some rules of an exam, and of requests in the log, once all workers were started again."""
AS_BEFORE = (EXAM_MODE_AFTER, PROTECTED_AFTER, RATE_LIMIT_AFTER, OWNER_AFTER, REFRESH_AFTER)
"""Probes of what a worker has to do again after it was started again."""
LOGIN_DURING, REFRESH_DURING = ("login during", "refresh during")
"""Probes of a log-in and of a refresh of its token while the fault is in."""
OTHERS_SERVE, RETRY = ("others serve", "retry")
"""Probes while one of several workers is away: the others serve, and repeated writes count once."""
WHOLE_EXAM_PROBES = ("create during", "answer during", "submit during")
"""Probes of a whole short exam while the fault is in."""
