"""The lines of the exam suite, with one module for each kind of evidence."""
