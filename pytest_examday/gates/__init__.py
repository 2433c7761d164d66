"""The GO/NO-GO gates: evidence in, a judgement out. A gate never measures."""
