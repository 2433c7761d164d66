"""Tests of the workers of a platform: their names, and how many tries reach all of them."""
