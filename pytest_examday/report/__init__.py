"""The reports that people read: the board at the terminal, `report.html`, `report.md`, and the manifest."""
