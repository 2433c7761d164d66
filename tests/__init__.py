"""Tests of the plugin, read as its specification."""
