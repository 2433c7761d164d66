"""Faults that are put in while candidates work, and always taken out."""
