"""What a rehearsal is made of: suites, activities, lines, gates and the verdict. Knows no platform."""
