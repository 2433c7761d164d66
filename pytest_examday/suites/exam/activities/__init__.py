"""What the exam rehearsal does to or reads from the platform, once each, in the order of the phases."""
