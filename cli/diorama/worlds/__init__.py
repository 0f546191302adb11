"""A world that a user declares in one file, and a file made from data."""
