"""Actors at work, in a process of their own: what they sent, what was acknowledged, how long they waited."""
