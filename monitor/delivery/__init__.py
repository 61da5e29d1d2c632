"""Notifications: terminal, file, webhook."""
