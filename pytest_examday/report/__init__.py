"""What people see: the board at the terminal, the HTML report, the Markdown report, the manifest."""
