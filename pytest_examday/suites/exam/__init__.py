"""The suite of the exam-day rehearsal: the report template, scripts and runbook of seeds 000 to 002."""
