"""Who says what, and which claims conflict."""
