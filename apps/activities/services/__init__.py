"""Every write, one module for each group of nouns."""
