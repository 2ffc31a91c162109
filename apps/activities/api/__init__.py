"""The API of organisational life."""
