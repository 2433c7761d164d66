"""Tests of the drills of an exam."""
