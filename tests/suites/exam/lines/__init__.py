"""What each line, and each gate by its lines, says of planted evidence."""
