"""Breaks the arithmetic and the comparisons of the money's code, one at a time, and sees whether a test notices."""
