"""What each phase of the staging suite does: a module with `gather` for each activity."""
