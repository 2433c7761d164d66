"""What the plugin knows of a platform's interfaces: its API operations, database tables and log fields.

No other package names a path, a column or a log field of a platform.
"""
