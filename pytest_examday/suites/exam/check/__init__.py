"""First contact: everything that an environment configures is tried once, without load, and what does not work is told
with the key that mends it."""
