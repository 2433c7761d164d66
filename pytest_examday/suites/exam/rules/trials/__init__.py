"""Candidates, exams, requests, and how their replies are judged: what the trials of rules share, and some probes of
drills use too."""
