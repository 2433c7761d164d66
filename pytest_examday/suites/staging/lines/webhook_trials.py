"""Judges single webhooks: those that have to be refused, and those that have to be processed."""

from pytest_examday.core.findings import Findings
from pytest_examday.suites.staging.webhooks.evidence import HUGE, About, WebhooksEvidence, WebhookTrial


def judge_trials(seen: WebhooksEvidence, about: About, findings: Findings) -> None:
    """Every trial of this kind went as it has to. A refusal counts only if ordinary webhooks are processed."""
    problem = seen.control_problem
    trials = [trial for trial in seen.trials if trial.about == about]
    findings.doubt_if(bool(problem), f"{problem}, so a refusal of others proves nothing")
    findings.doubt_if(not trials and not problem, f"no webhook about {about} was tried")
    for trial in trials:
        if trial.untried:
            findings.doubt(f"{trial.name}: {trial.untried}")
        elif trial.expected == "processed":
            judge_processed(trial, findings, problem)
        else:
            _judge_refused(trial, seen, findings)
    wrong = [trial for trial in trials if trial.expected != "processed"]
    right = [trial for trial in trials if trial.expected == "processed"]
    if wrong:
        findings.add_fact(f"{sum(not trial.was_accepted for trial in wrong)} of {len(wrong)} wrong webhooks refused")
    if right:
        findings.add_fact(f"{sum(trial.was_processed for trial in right)} of {len(right)} right webhooks processed")


def judge_processed(trial: WebhookTrial, findings: Findings, problem: str = "") -> None:
    """The webhook was accepted and has left one effect. `problem` says what is wrong with ordinary ones: then this one
    is not to blame."""
    reply, name = trial.reply, f"webhook {trial.name}" if trial.about != "control" else trial.name
    if reply is None:
        findings.doubt(f"{name}: {trial.no_reply}")
    elif reply.limited:
        findings.doubt(f"{name} was refused by the rate limit ({reply.in_words}); name a sender with a higher limit")
    elif problem:
        return
    elif not trial.was_accepted:
        findings.fail(f"{name} was refused ({reply.in_words})")
    elif not trial.rows:
        findings.fail(f"{name} was accepted ({reply.in_words}) and left no effect in the database")
    else:
        findings.fail_if(trial.rows > 1, f"{name} left {trial.rows} effects")


def _judge_refused(trial: WebhookTrial, seen: WebhooksEvidence, findings: Findings) -> None:
    """The webhook was not accepted, and nothing was stored. How a refusal is told is judged elsewhere."""
    reply = trial.reply
    if reply is not None and reply.limited:
        findings.doubt(f"{trial.name}: the rate limit refused it ({reply.in_words}), so nobody knows what else would")
    elif trial.was_accepted and trial.expected == "refused" and reply is not None:
        findings.fail(f"{trial.name} was accepted ({reply.in_words})")
    findings.doubt_if(reply is None and trial.name != HUGE, f"{trial.name}: {trial.no_reply}")
    if trial.rows:
        findings.fail(f"{trial.name} was stored")
    elif trial.rows is None:
        findings.doubt(f"{trial.name}: nobody looked for its effect")
    elif trial.rose:
        if trial.rose_again and not seen.others_write:
            findings.fail(f"{trial.name}: something was stored, though not under its id")
        else:
            findings.doubt(f"{trial.name}: something was stored meanwhile, perhaps by others")
