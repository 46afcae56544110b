"""How records land, as both parties declare it: the kinds of records there are, and what is what in a source's files.

``metering.landing`` does it.
"""
