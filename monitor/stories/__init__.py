"""Lineage (who copied whom) and stories (which event)."""
