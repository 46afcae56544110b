"""The read-only HTTP API: what the chain says of every agreement."""
