"""The reports of a run: the board at the terminal, `report.html`, `report.md` and `verdict.json`."""
