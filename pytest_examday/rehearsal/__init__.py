"""The suite: one test for each line of the report template (seed 000), and one for each gate."""
