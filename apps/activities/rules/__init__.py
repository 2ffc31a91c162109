"""Pure rules of organisational life, one module for each group of them."""
