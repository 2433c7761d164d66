"""The lines of the exam suite. Modules are named after the evidence that they judge; `judge_…` hold what several of
them share."""
