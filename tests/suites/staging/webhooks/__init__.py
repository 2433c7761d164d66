"""Tests of phase 2: signed webhooks."""
