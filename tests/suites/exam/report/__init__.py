"""Tests of the exam's part of the report."""
