"""Tests of the witnesses of an exam."""
