"""Topic queries and their matcher."""
