"""Tests of the sources of the stored state of an exam."""
