"""What the words of a report mean, for a person who signs it and reads no code."""


def how_to_read(actor: str) -> dict[str, str]:
    """Word of the reports -> its meaning in one sentence; `actor` is the suites' word for a user of the platform."""
    return {
        actor: "Simulated: a program that sends what the browser of a person sends. No real person took part.",
        "GO, NO-GO": "GO if every gate passed, otherwise NO-GO.",
        "gate": "A condition for GO. It is as bad as the worst of its lines; optional lines that were not measured do "
        "not count.",
        "line": "One statement that the rehearsal has judged.",
        "INCONCLUSIVE": "Something that was needed was not measured. This is never a pass.",
        "optional": "Not every platform shows what this line judges. If it was not measured, its gate is judged by its "
        "other lines and may pass; if it fails, the gate fails.",
        "for information": "The line counts for no gate, so the verdict does not depend on it.",
        "not rehearsed": "The report knows nothing about it.",
        "drill": f"A part of the platform was stopped, paused or slowed on purpose while {actor}s worked.",
        "acknowledged": f"The platform has told the {actor} that it took the answer.",
        "harmed": f"The platform lost or changed an answer of this {actor}, lost the session, gave a wrong score, "
        "took no submission, or let the person wait too long.",
        "too long": "Longer than 10 seconds for one action, in a drill 30 seconds. If nobody can be served in a drill, "
        "the time of the fault is added. A notice tells if the limits of a run are looser.",
        "p50, p95, p99": "Of 100 requests 50, 95 or 99 took this time or less.",
        "ramp": f"The beginning of the load, while {actor}s arrive. It is not judged for its speed.",
        "on in N of M readings": "A setting was read M times, and N times it was on.",
    }
