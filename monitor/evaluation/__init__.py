"""Scores of each stage on labelled files: ``counterclaim evaluate WHAT FILE``."""
