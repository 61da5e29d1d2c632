"""Sample feeds of our own writing, and the server that plays them."""
