"""Retention: how long records stay as measured, how long what was rolled up from them, and what nobody may delete.

A day's raw records may be deleted once they are old enough, complete, rolled up, needed by no period that can still be
claimed or disputed, and not frozen. What was rolled up goes later. A version of a day that another took the place of
goes after its grace. ``plan`` only says what would be done, of everything and why; ``carry_out`` does it.
"""

from metering.retention.deleting import Decision, Form, Need, Retention, carry_out, plan
from metering.retention.errors import RetentionError
from metering.retention.freezing import Freeze, freeze, freezes, release
from metering.retention.rolling_up import roll_up, rolled_up

__all__ = [
    "Decision",
    "Form",
    "Freeze",
    "Need",
    "Retention",
    "RetentionError",
    "carry_out",
    "freeze",
    "freezes",
    "plan",
    "release",
    "roll_up",
    "rolled_up",
]
