"""Tests of the machinery of a drill."""
