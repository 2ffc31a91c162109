"""The importers; importing the package registers them."""
