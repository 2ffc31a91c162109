"""Routes of organisational life, one module for each group of nouns."""

urlpatterns: list[object] = []
