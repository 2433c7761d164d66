"""The exam-day rehearsal: report template, scripts and runbook of seeds 000 to 002."""
