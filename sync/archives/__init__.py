"""Whole vaults: taken out into a locked archive, and put back from one."""
