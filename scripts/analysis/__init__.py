"""Analysis of the contracts: what symbolic execution proves of them (halmos) and what a linter suspects (Slither)."""
