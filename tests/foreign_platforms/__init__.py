"""Platforms that share nothing with the embedded one. They show that the plugin rehearses a platform by configuration
alone."""
