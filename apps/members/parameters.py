"""What the rules on members leave to the place."""
