"""One candidate: the requests, the answers that were given, and what a page shows of the exam."""
