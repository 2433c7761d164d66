"""What drills try with one candidate, and what these tries show."""
