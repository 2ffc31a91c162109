"""Every write to the rosters; one module for each group of nouns."""
