"""Tests of one candidate."""
