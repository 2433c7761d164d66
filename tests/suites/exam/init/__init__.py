"""Tests of the drafts of `init`."""
