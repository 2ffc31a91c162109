"""The ledgers; importing the package registers them."""
