"""What activities leave behind: frozen records, and the run directory that holds them."""
