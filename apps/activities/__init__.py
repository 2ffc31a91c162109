"""Activities: what a branch does, logged once; the books, counts, hours, points and reminders that follow."""
