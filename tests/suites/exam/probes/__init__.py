"""Tests of what drills try with one candidate."""
