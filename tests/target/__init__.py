"""The platform as it is reached from here."""
