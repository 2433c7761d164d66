"""The command `check`: everything that an environment configures is tried once, without load. Each result that is wrong
names the key to correct. `contract_fits` does the same for one exam at the end of the preflight."""
