"""``make demo``: the whole life of an agreement, for real, in under two minutes."""
