"""How a platform is spoken to and read: its operations, its tables, its log fields.

Nothing else in the package knows a path, a column or a log field of any platform.
"""
