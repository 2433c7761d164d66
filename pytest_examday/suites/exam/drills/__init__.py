"""The drills of an exam, one file each."""
