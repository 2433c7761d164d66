"""The lines of phase 2, a module for each subject."""
