"""Whether what was acknowledged is stored, and what is stored makes sense."""
