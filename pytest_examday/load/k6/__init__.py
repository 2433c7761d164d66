"""The same load by k6: candidates with the same scripts, whose ledger, samples and fates are read from its console."""
