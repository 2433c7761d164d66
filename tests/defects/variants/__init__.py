"""The embedded platform with one thing wrong, one module for each: its workers import them by name."""
