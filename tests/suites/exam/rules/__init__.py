"""Tests of the rules of an exam."""
