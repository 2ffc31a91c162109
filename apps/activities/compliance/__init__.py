"""What is expected, what was done, on time or late: one query layer for board, API, export and reminders."""
