"""The workers of the platform: their names in replies, and their own addresses."""
