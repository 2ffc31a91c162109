"""Routes of what is due, what was done, the calendar, and what the office sets."""

urlpatterns: list[object] = []
