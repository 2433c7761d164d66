"""A load that k6 runs: the same actors with the same scripts. Ledger, samples and fates are read from k6's console."""
