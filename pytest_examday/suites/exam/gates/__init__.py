"""The GO/NO-GO gates of an exam."""
