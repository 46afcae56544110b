"""The command ``makegood``."""
