"""From typed records to an indicator's numbers: Ibis expressions, one module a family.

Every expression gives rows of ``cell`` (the index of its cell), the dimensions asked for, and whole numbers. Engines
only count and add; what divides or rounds is done afterwards, in Python's integers. Each family has two functions for a
measure: one for its answers, and ``explained`` for the records behind them.
"""
