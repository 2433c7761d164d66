"""The lines of the exam suite, one module for each kind of evidence that they read."""
