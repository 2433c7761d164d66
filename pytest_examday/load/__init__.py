"""Simulated actors who use a platform, in processes of their own; ledger, samples and fates record what happened."""
