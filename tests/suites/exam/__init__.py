"""Tests of the exam suite."""
