"""The rules of an agreement: terms, schedule, compensation. Pure: no I/O, no clock, no float."""
