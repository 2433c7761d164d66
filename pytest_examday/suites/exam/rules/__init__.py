"""What an exam platform promises to candidates, and how each promise is tried.

The contract says where an operation is and how it is called; a rule says what must be true of it.
"""
