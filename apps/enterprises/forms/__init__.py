"""One class for each shape of request; forms check shapes, services decide."""
