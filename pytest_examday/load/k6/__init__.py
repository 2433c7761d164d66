"""The same load by k6: actors with the same scripts, whose ledger, samples and fates are read from its console."""
