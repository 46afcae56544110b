"""A public monitor's log, replayed through the oracle, beside what that monitor published."""
