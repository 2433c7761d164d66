"""What the trials of all rules share: candidates, exams, requests, and how their replies are judged."""
