"""Reminder rules; importing the package registers them."""
