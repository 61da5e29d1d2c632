"""Everything that decides, and everything that touches the world. Imports ``schemas`` only."""
