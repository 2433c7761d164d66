"""Tests of the staging suite."""
