"""What the roster contributes, one module for each group of nouns."""
