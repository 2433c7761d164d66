"""The load of the exam: candidates, what they intend to do, and how their load is started."""
