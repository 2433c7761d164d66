"""Benchmarks: what parts of the product cost in time and memory. `docs/benchmarks.md` has the results."""
