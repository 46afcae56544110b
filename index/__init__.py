"""The read model: follows the chain's events and keeps what they add up to (P12)."""
