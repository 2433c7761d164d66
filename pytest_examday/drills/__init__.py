"""Runs drills: a fault is put in while actors work, and always taken out. This package knows no suite."""
