"""What makes Faust safe: consumer, guard, dead letters, watchdog, metrics."""
