"""Request shapes, one module for each group of nouns."""
