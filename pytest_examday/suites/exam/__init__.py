"""The suite of the exam-day rehearsal: the report template, scripts and runbook of source documents 000 to 002."""
