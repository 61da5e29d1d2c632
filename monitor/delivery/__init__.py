"""Telling people: an alert in words, the channels it goes to, and the rule that nobody is told twice.

``words`` writes an alert out, ``channels`` sends one, ``policy`` decides to whom and when again, ``deliverer`` does it.
"""
