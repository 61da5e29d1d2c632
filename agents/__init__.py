"""One Faust agent a file, in the order of the data: read, call, send."""
