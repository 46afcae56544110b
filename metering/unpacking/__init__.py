"""Unpacking: files of any of the formats become typed records, or refusals with their reasons.

Knows no lake and no engine: this is what runs in processes of its own, over files that may be hostile.
"""
