"""One class for each request about members."""
