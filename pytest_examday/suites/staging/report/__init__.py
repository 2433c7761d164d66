"""The report of the staging suite: the template of source document 003, filled from the outcomes of lines and gates."""
