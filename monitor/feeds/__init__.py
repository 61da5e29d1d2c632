"""The poller: roster, fetch, parse, schedule, state."""
