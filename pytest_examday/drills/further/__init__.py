"""The drills that a profile may add: one small file each, which describes its scenario."""
